// Dates and instants as the portal reads and prints them. API times are in the server's zone, never the user's.

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const RUSSIAN_DAY = /^(\d\d)\.(\d\d)\.(\d{4})(?:[ T](\d\d:\d\d(?::\d\d)?))?$/;
const LOCAL_INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/;

export function offsetMs(offset: string): number {
  const sign = offset.startsWith('-') ? -1 : 1;
  return sign * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6))) * 60_000;
}

/** `2026-11-18T10:15:00+03:00` */
export function printInstant(ms: number, offset: string): string {
  return new Date(ms + offsetMs(offset)).toISOString().slice(0, 19) + offset;
}

/** UTC midnight printed with the portal's offset, or (variant date-shift B) midnight in the portal's zone. */
export function printDate(day: string, offset: string, shift: 'A' | 'B'): string {
  if (shift === 'B') return `${day}T00:00:00${offset}`;
  return printInstant(Date.parse(`${day}T00:00:00Z`), offset);
}

export function dayOf(ms: number, offset: string): string {
  return new Date(ms + offsetMs(offset)).toISOString().slice(0, 10);
}

/** Epoch ms, whole seconds; null when unreadable. A text without offset is in the portal's zone. */
export function readInstant(text: string, offset: string): number | null {
  const trimmed = text.trim();
  const russian = RUSSIAN_DAY.exec(trimmed);
  const iso = russian ? `${russian[3]}-${russian[2]}-${russian[1]}T${russian[4] ?? '00:00'}` : trimmed;
  const local = DAY.test(iso) ? `${iso}T00:00:00` : iso;
  const ms = Date.parse(LOCAL_INSTANT.test(local) ? local.replace(' ', 'T') + offset : local);
  return Number.isNaN(ms) ? null : Math.floor(ms / 1000) * 1000;
}

/** `YYYY-MM-DD`; null when unreadable or not a day of the calendar. */
export function readDay(text: string, offset: string): string | null {
  const trimmed = text.trim();
  const russian = RUSSIAN_DAY.exec(trimmed);
  const day = russian ? `${russian[3]}-${russian[2]}-${russian[1]}` : trimmed;
  if (DAY.test(day)) {
    const ms = Date.parse(`${day}T00:00:00Z`);
    return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day) ? day : null;
  }
  const instant = readInstant(trimmed, offset);
  return instant === null ? null : dayOf(instant, offset);
}
