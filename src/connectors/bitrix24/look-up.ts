// What became of a create without an answer. Lists read the database that writes go to, so that once the request can
// no longer succeed, what the filter does not find does not exist.
import type { Scope, SourceRecord } from '../../model.ts';
import type { Clock } from '../../ports.ts';
import type { Ask, LookUp, SentCreate } from '../connector.ts';
import { tooLateFrom } from '../too-late.ts';

export function createLookUp(
  findByKey: (scope: Scope, key: string, fields: readonly string[], ask: Ask) => Promise<readonly SourceRecord[]>,
  clock: Clock,
  timeLimitMs: number,
) {
  return async function lookUp(
    scope: Scope,
    key: string,
    sent: SentCreate,
    fields: readonly string[],
    ask: Ask,
  ): Promise<LookUp> {
    // Asked before looking: what comes into being while we look is found the next time.
    const over = tooLateFrom(sent, timeLimitMs);
    const certain = clock.now() >= over;
    const found = await findByKey(scope, key, fields, ask);
    return { found, certain, again: over };
  };
}
