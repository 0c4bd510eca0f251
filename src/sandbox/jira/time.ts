// Jira's date-time form and the two zones it plays with: JSON is rendered in the site's zone, JQL literals are read in
// the calling account's.

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  FORMATS.set(zone, format);
  return format;
}

export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** Zones change their offset on the quarter of an hour; within one it is asked once. */
const QUARTER_MS = 15 * 60_000;
const OFFSETS = new Map<string, number>();
const MOST_OFFSETS = 10_000;

/** Wall-clock time of `ms` in `zone`, as if it were UTC. */
function wallClock(ms: number, zone: string): number {
  const quarter = Math.floor(ms / QUARTER_MS) * QUARTER_MS;
  const name = `${zone} ${quarter}`;
  const known = OFFSETS.get(name);
  if (known !== undefined) return ms + known;
  const offset = readWallClock(quarter, zone) - quarter;
  if (OFFSETS.size >= MOST_OFFSETS) OFFSETS.clear();
  OFFSETS.set(name, offset);
  return ms + offset;
}

function readWallClock(ms: number, zone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(ms)) part[type] = Number(value);
  return Date.UTC(
    part.year ?? 1970,
    (part.month ?? 1) - 1,
    part.day ?? 1,
    part.hour ?? 0,
    part.minute ?? 0,
    part.second ?? 0,
  );
}

/** `2026-11-20T14:03:21.417+0100`: milliseconds, offset without colon. */
export function jiraTime(ms: number, zone: string): string {
  const wall = wallClock(ms, zone);
  const offset = Math.round((wall - ms) / 60_000);
  const sign = offset < 0 ? '-' : '+';
  const minutes = Math.abs(offset);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${new Date(wall).toISOString().slice(0, 23)}${sign}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

/** The instant at which the clocks of `zone` show this; in the hour that occurs twice, the earlier one. */
export function instantOf(wall: number, zone: string): number {
  const before = wall - (wallClock(wall - 86_400_000, zone) - (wall - 86_400_000));
  const after = wall - (wallClock(wall + 86_400_000, zone) - (wall + 86_400_000));
  for (const guess of [Math.min(before, after), Math.max(before, after)]) {
    if (wallClock(guess, zone) === wall) return guess;
  }
  return before;
}

/** `YYYY-MM-DD` that exists in the calendar. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** Epoch ms of an ISO date-time with a zone (`Z`, `+0100` or `+01:00`), or null. */
export function parseDateTime(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})$/.exec(text);
  if (!match) return null;
  const [, date = '', time = '', zone = ''] = match;
  if (!isDate(date)) return null;
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const ms = Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(ms) ? null : ms;
}
