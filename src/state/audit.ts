// What the marks say as a whole, over everything seen: copies that nobody meant, and records of ours without their link.
import { SIDES, type Side } from '../model.ts';
import type { Database } from './database.ts';
import { mark } from './hints.ts';
import { all, runEach, type Sql } from './sql.ts';
import type { DirtyMark, Store, TwiceMarked } from './store.ts';

/** The first match key of every sighting is its mark. */
const MARK_RULE = 0;
const TWICE_TOLD = 100;
const RECORDS_TOLD = 10;

const LINKED_BY = { jira: 'jira_id', crm: 'crm_id' } as const;

export function auditVerbs(db: Database): Pick<Store, 'auditMarks'> {
  return {
    auditMarks(profile, now) {
      return db.write(function* () {
        const twice: TwiceMarked[] = [];
        for (const side of SIDES) twice.push(...(yield* twiceOn(profile, side)));
        const lost = yield* all<{ side: Side; id: string }>(LOST, profile);
        const marks = lost.map(
          (record): DirtyMark => ({ profile, ...record, lane: 'bulk', cause: 'sweep', version: null }),
        );
        yield* mark(marks, now);
        yield* runEach(
          'UPDATE seen SET audited = fingerprint WHERE profile = ? AND side = ? AND id = ?',
          lost.map(({ side, id }) => [profile, side, id]),
        );
        return { twice: twice.slice(0, TWICE_TOLD), marked: lost.length };
      });
    },
  };
}

function* twiceOn(profile: string, side: Side): Sql<readonly TwiceMarked[]> {
  const keys = yield* all<{ value: string }>(
    `SELECT value FROM match_key WHERE profile = ? AND side = ? AND rule = ${MARK_RULE}
      GROUP BY value HAVING count(*) > 1 ORDER BY value`,
    profile,
    side,
  );
  // A pair that was given up names a record that is gone; whoever carries its mark now is the only one.
  const carriers = `SELECT seen.key FROM match_key JOIN seen USING (profile, side, id)
    WHERE profile = ? AND side = ? AND rule = ${MARK_RULE} AND value = ? AND NOT EXISTS (
      SELECT 1 FROM link WHERE link.profile = seen.profile AND link.${LINKED_BY[side]} = seen.id
        AND ended_at IS NULL AND state IN ('gone', 'merged-away'))
    ORDER BY id LIMIT ${RECORDS_TOLD}`;
  const twice: TwiceMarked[] = [];
  for (const { value } of keys) {
    const records = (yield* all<{ key: string }>(carriers, profile, side, value)).map(({ key }) => key);
    if (records.length > 1) twice.push({ side, key: value, records });
    if (twice.length === TWICE_TOLD) break;
  }
  return twice;
}

/**
 * Each once for what it shows: where it then stays alone, looking again every night would find nothing else. The text
 * of the match keys begins like this where the first of them, the mark, is not null.
 */
const LOST = `
SELECT side, id FROM seen
WHERE profile = ? AND side IN ('jira', 'crm') AND linked = 0 AND audited IS DISTINCT FROM fingerprint
  AND match_keys LIKE '["%'
  AND NOT EXISTS (SELECT 1 FROM apart WHERE apart.profile = seen.profile AND apart.side = seen.side AND apart.id = seen.id)
  AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.profile = seen.profile AND parked.side = seen.side AND parked.id = seen.id)
  AND NOT EXISTS (SELECT 1 FROM dirty WHERE dirty.profile = seen.profile AND dirty.side = seen.side AND dirty.id = seen.id)`;
