import { createHash } from 'node:crypto';

/** PostgreSQL's indexes take entries of up to 2,700 bytes; a description may be longer. */
const LONGEST = 400;
const KEPT = 100;

/** What is stored and looked for: equal for equal values, and different for different ones. */
export function matchValue(value: string): string {
  if (value.length <= LONGEST) return value;
  return `${value.slice(0, KEPT)}…${createHash('sha256').update(value).digest('hex')}`;
}
