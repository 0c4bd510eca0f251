import { StaleError } from '../errors.ts';
import type { Database } from './database.ts';
import { findLink } from './link-rows.ts';
import { type IntentRecord, type JournalRecord, type LinkRecord, toIntent, toJournalEntry, toLink } from './rows.ts';
import type { IntentState, Store } from './store.ts';

type PairVerbs = Pick<
  Store,
  'linkOf' | 'links' | 'matches' | 'planIntent' | 'moveIntent' | 'intent' | 'doubtSentIntents' | 'recentWrites'
>;

/** From where an intent may go where. `done` is left by nothing, and what is in doubt is never simply sent again. */
const COMES_FROM: Readonly<Record<'sent' | 'planned' | 'doubtful', readonly IntentState[]>> = {
  sent: ['planned', 'sent'],
  planned: ['planned', 'sent', 'doubtful'],
  doubtful: ['planned', 'sent', 'doubtful'],
};

export function pairVerbs(db: Database): PairVerbs {
  return {
    async linkOf(key) {
      return findLink(db, key);
    },

    async links(profile, afterId, limit) {
      const sql = 'SELECT * FROM link WHERE profile = ? AND id > ? AND ended_at IS NULL ORDER BY id LIMIT ?';
      return db.all<LinkRecord>(sql, profile, afterId, limit).map(toLink);
    },

    async matches(profile, side, rule, value) {
      // Unlinked ones first: pairs of long ago that share the value must not hide the one that may still be paired.
      const sql = `SELECT id FROM match_key JOIN seen USING (profile, side, id)
        WHERE profile = ? AND side = ? AND rule = ? AND value = ? ORDER BY linked, id LIMIT 3`;
      return db.all<{ id: string }>(sql, profile, side, rule, value).map((row) => row.id);
    },

    async planIntent({ key, profile, side, sourceId }, now) {
      return db.write(() => {
        db.run(
          `INSERT OR IGNORE INTO intent (key, profile, side, source_id, state, attempt, sent_at, moved_at)
           VALUES (?, ?, ?, ?, 'planned', 0, NULL, ?)`,
          key,
          profile,
          side,
          sourceId,
          now,
        );
        return toIntent(intentRow(db, key));
      });
    },

    async moveIntent(key, to, now, sent) {
      db.write(() => {
        const { state, attempt, sent_at } = intentRow(db, key);
        if (!COMES_FROM[to].includes(state)) {
          throw new StaleError(
            `The create ${key} is ${state} and cannot become ${to}`,
            'It is read again and retried by itself; nothing to do.',
          );
        }
        const sentAt = to === 'sent' ? now : to === 'planned' ? null : sent_at;
        const sql =
          'UPDATE intent SET state = ?, attempt = ?, sent_at = ?, sent = coalesce(?, sent), moved_at = ? WHERE key = ?';
        db.run(sql, to, to === 'sent' ? attempt + 1 : attempt, sentAt, sent ? JSON.stringify(sent) : null, now, key);
      });
    },

    async intent(key) {
      const row = db.get<IntentRecord>('SELECT * FROM intent WHERE key = ?', key);
      return row === undefined ? null : toIntent(row);
    },

    async doubtSentIntents(now) {
      const sql = `UPDATE intent SET state = 'doubtful', moved_at = ? WHERE state = 'sent'`;
      return db.write(() => db.run(sql, now));
    },

    async recentWrites(linkId, since) {
      const sql = 'SELECT * FROM journal WHERE link_id = ? AND at >= ? ORDER BY at, id';
      return db.all<JournalRecord>(sql, linkId, since).map(toJournalEntry);
    },
  };
}

function intentRow(db: Database, key: string): IntentRecord {
  const row = db.get<IntentRecord>('SELECT * FROM intent WHERE key = ?', key);
  if (row !== undefined) return row;
  throw new StaleError(`There is no intent ${key}`, 'It is read again and retried by itself; nothing to do.');
}
