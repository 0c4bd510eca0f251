// S18: nobody writes a record while another write of the same daemon is on its way to it: two of them would rest on the same
// read, and one would put back what the other had replaced.
import type { Sent } from '../stage/stage.ts';
import type { Evidence, Violation } from './evidence.ts';

/** So long the daemon waits for an answer; what comes of a write after that it finds out by reading. */
const PATIENCE_MS = { jira: 30_000, crm: 75_000 };

export function secondWriters({ sent }: Evidence): Violation[] {
  const last = new Map<string, Sent>();
  const violations: Violation[] = [];
  for (const write of sent) {
    if (write.id === null) continue;
    const record = `${write.side} ${write.id}`;
    const before = last.get(record);
    last.set(record, write);
    if (before === undefined || !isOnItsWay(before, write)) continue;
    const what = `${record} was written ${told(before)} and, without waiting, ${told(write)}`;
    violations.push({ invariant: 'S18', what });
  }
  return violations;
}

function told({ at, fields }: Sent): string {
  return fields.length === 0 ? `at ${at}` : `at ${at} (${fields.join(', ')})`;
}

/** Of two writes of one request the product takes the second one after the first; a daemon that died waits for nothing. */
function isOnItsWay(before: Sent, { way, at }: Sent): boolean {
  if (before.way === way || before.way.life !== way.life) return false;
  const { answeredAt } = before.way;
  return at < before.at + PATIENCE_MS[before.side] && (answeredAt === null || answeredAt > at);
}
