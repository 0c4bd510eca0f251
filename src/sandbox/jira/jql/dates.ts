// Date operands: date-times without a zone (read in the calling account's), relative periods, epoch milliseconds.

import { instantOf, isDate } from '../time.ts';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function period(text: string): number | null {
  const match = /^([+-]?)((?:\d+[wdhm]\s*)+)$/.exec(text.trim());
  if (!match) return null;
  let ms = 0;
  for (const [, count, unit] of (match[2] ?? '').matchAll(/(\d+)([wdhm])/g))
    ms += Number(count) * (UNIT_MS[unit ?? 'm'] ?? 0);
  return match[1] === '-' ? -ms : ms;
}

export type DateReading = {
  readonly now: number;
  readonly zone: string;
  readonly epochPrecision: 'ms' | 'minute';
};

/** Epoch ms, or null when the text is no date for JQL. */
export function readJqlDate(text: string, quoted: boolean, reading: DateReading): number | null {
  if (!quoted && /^\d+$/.test(text)) {
    const ms = Number(text);
    return reading.epochPrecision === 'ms' ? ms : Math.floor(ms / 60_000) * 60_000;
  }
  const relative = period(text);
  if (relative !== null) return reading.now + relative;
  const match = /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?: (\d{1,2}):(\d{2}))?$/.exec(text.trim());
  if (!match) return null;
  const [, year = '', , month = '', day = '', hour = '0', minute = '0'] = match;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (!isDate(date) || Number(hour) > 23 || Number(minute) > 59) return null;
  const wall = Date.parse(`${date}T${hour.padStart(2, '0')}:${minute.padStart(2, '0')}:00Z`);
  return instantOf(wall, reading.zone);
}

export const DATE_HELP =
  "Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.";
