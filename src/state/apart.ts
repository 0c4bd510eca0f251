// Pairs that a person takes apart, and records that a person keeps alone.
import { SIDES } from '../model.ts';
import type { Claims } from './claims.ts';
import type { Database } from './database.ts';
import { flagSeen, moved } from './link-rows.ts';
import type { RecordKey, Store } from './store.ts';

export function apartVerbs(db: Database, claims: Claims): Pick<Store, 'unlink' | 'isApart'> {
  return {
    async unlink(claim, now) {
      const held = claims.held(claim);
      if (held === null) throw new Error(`the claim ${claim.key} was given back before`);
      db.write(() => {
        const { profile, link } = claim;
        if (link !== null) {
          const end =
            'UPDATE link SET ended_at = ?, revision = revision + 1 WHERE id = ? AND revision = ? AND ended_at IS NULL';
          if (db.run(end, now, link.id, link.revision) === 0) throw moved(link);
          flagSeen(db, profile, link.ids, 0);
          const close = `UPDATE conflict SET status = 'superseded', closed_at = ? WHERE link_id = ? AND status = 'open'`;
          db.run(close, now, link.id);
        }
        for (const { side, id } of recordsOf(held.records, claim.link?.ids ?? null, profile)) {
          db.run('INSERT OR REPLACE INTO apart (profile, side, id, at) VALUES (?, ?, ?, ?)', profile, side, id, now);
          db.run('DELETE FROM parked WHERE profile = ? AND side = ? AND id = ?', profile, side, id);
          db.run('DELETE FROM dirty WHERE profile = ? AND side = ? AND id = ?', profile, side, id);
          db.run('DELETE FROM absence WHERE profile = ? AND side = ? AND id = ?', profile, side, id);
          db.run('DELETE FROM timer WHERE profile = ? AND side = ? AND id = ?', profile, side, id);
        }
      });
      claims.free(held);
    },

    async isApart({ profile, side, id }) {
      const sql = 'SELECT 1 FROM apart WHERE profile = ? AND side = ? AND id = ?';
      return db.get(sql, profile, side, id) !== undefined;
    },
  };
}

function recordsOf(
  held: readonly RecordKey[],
  ids: Readonly<Record<'jira' | 'crm', string>> | null,
  profile: string,
): readonly RecordKey[] {
  return ids === null ? held : SIDES.map((side) => ({ profile, side, id: ids[side] }));
}
