// Durations as people write them everywhere in profiles and config: `5m`, `24h`, `85d`.

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds, or null when it is not a duration. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim());
  const unit = match === null ? undefined : UNITS[match[2] ?? ''];
  return match === null || unit === undefined ? null : Number(match[1]) * unit;
}

export const DURATION_CURE = 'Write a whole number and a unit: `30s`, `5m`, `24h` or `85d`.';
