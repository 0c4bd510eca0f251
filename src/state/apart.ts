// Pairs that a person takes apart, and records that a person keeps alone.
import { SIDES } from '../model.ts';
import type { Confinement } from './bounds.ts';
import type { Claims } from './claims.ts';
import type { Database } from './database.ts';
import { flagSeen, moved } from './link-rows.ts';
import { get, run, runEach } from './sql.ts';
import type { RecordKey, Store } from './store.ts';

export function apartVerbs(db: Database, claims: Claims, bounds: Confinement): Pick<Store, 'unlink' | 'isApart'> {
  return {
    async unlink(claim, now) {
      const held = claims.held(claim);
      if (held === null) throw new Error(`the claim ${claim.key} was given back before`);
      const { profile, link } = claim;
      const records = recordsOf(held.records, link?.ids ?? null, profile);
      await db.write(function* () {
        yield* bounds.refuse(profile);
        if (link !== null) {
          const end =
            'UPDATE link SET ended_at = ?, revision = revision + 1 WHERE id = ? AND revision = ? AND ended_at IS NULL';
          if ((yield* run(end, now, link.id, link.revision)) === 0) throw moved(link);
          yield* flagSeen(profile, link.ids, 0);
          const close = `UPDATE conflict SET status = 'superseded', closed_at = ? WHERE link_id = ? AND status = 'open'`;
          yield* run(close, now, link.id);
        }
        const keep = `INSERT INTO apart (profile, side, id, at) VALUES (?, ?, ?, ?)
          ON CONFLICT (profile, side, id) DO UPDATE SET at = excluded.at`;
        yield* runEach(
          keep,
          records.map(({ side, id }) => [profile, side, id, now]),
        );
        for (const table of ['parked', 'dirty', 'absence', 'timer']) {
          yield* runEach(
            `DELETE FROM ${table} WHERE profile = ? AND side = ? AND id = ?`,
            records.map(({ side, id }) => [profile, side, id]),
          );
        }
      });
      claims.free(held);
    },

    async isApart({ profile, side, id }) {
      const sql = 'SELECT 1 FROM apart WHERE profile = ? AND side = ? AND id = ?';
      return (await db.look(() => get(sql, profile, side, id))) !== undefined;
    },
  };
}

/** Both records of a pair, or those of the claim. */
export function recordsOf(
  held: readonly RecordKey[],
  ids: Readonly<Record<'jira' | 'crm', string>> | null,
  profile: string,
): readonly RecordKey[] {
  return ids === null ? held : SIDES.map((side) => ({ profile, side, id: ids[side] }));
}
