// `retention`: how long the state keeps what is over. Links, open conflicts and what waits are never trimmed.
import type { Entry, Reader } from '../profiles/reader.ts';
import { isEmpty } from '../profiles/reader.ts';
import type { TrimBefore } from '../state/store.ts';
import { RETENTION } from './config-keys.ts';

/** Ages in milliseconds. */
export type Retention = TrimBefore;

const DAY = 86_400_000;
/** The brake looks back an hour, a coercion ten minutes; a day leaves room for a person as well. */
const LEAST = DAY;
const DEFAULTS: Retention = { journal: 180 * DAY, conflicts: 365 * DAY, parked: 30 * DAY, commands: 7 * DAY };

export function readRetention(reader: Reader, entry: Entry | undefined): Retention {
  if (entry === undefined || isEmpty(entry.node)) return DEFAULTS;
  const block = reader.block(entry.node, RETENTION, entry.key.at);
  const age = (key: keyof Retention): number => {
    const written = reader.duration(block?.entries.get(key));
    if (written === null) return DEFAULTS[key];
    if (written.value < LEAST) {
      const why = `\`${key}\` of \`retention\` is less than a day, and the brake and \`explain\` look back at it.`;
      reader.problems.add(written.at, why, `Write \`${key}: 1d\` or more.`);
    }
    return written.value;
  };
  return {
    journal: age('journal'),
    conflicts: age('conflicts'),
    parked: age('parked'),
    commands: age('commands'),
  };
}
