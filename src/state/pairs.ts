import { StaleError } from '../errors.ts';
import type { Confinement } from './bounds.ts';
import type { Database } from './database.ts';
import { findLink } from './link-rows.ts';
import { matchValue } from './match-value.ts';
import { type IntentRecord, type LinkRecord, toIntent, toLink } from './rows.ts';
import { all, get, run, runEach, type Sql, send } from './sql.ts';
import { standing } from './standing.ts';
import type { IntentState, Store } from './store.ts';

type PairVerbs = Pick<
  Store,
  'linkOf' | 'links' | 'matches' | 'planIntent' | 'moveIntent' | 'intent' | 'doubtSentIntents' | 'standing'
>;

/** From where an intent may go where. `done` is left by nothing, and what is in doubt is never simply sent again. */
const COMES_FROM: Readonly<Record<'sent' | 'planned' | 'doubtful', readonly IntentState[]>> = {
  sent: ['planned', 'sent'],
  planned: ['planned', 'sent', 'doubtful'],
  doubtful: ['planned', 'sent', 'doubtful'],
};

export function pairVerbs(db: Database, bounds: Confinement): PairVerbs {
  return {
    linkOf(key) {
      return db.look(() => findLink(key));
    },

    async links(profile, afterId, limit) {
      const sql = 'SELECT * FROM link WHERE profile = ? AND id > ? AND ended_at IS NULL ORDER BY id LIMIT ?';
      return (await db.look(() => all<LinkRecord>(sql, profile, afterId, limit))).map(toLink);
    },

    async matches(profile, side, rule, value) {
      // Unlinked ones first: pairs of long ago that share the value must not hide the one that may still be paired.
      const sql = `SELECT id FROM match_key JOIN seen USING (profile, side, id)
        WHERE profile = ? AND side = ? AND rule = ? AND value = ? ORDER BY linked, id LIMIT 3`;
      const rows = await db.look(() => all<{ id: string }>(sql, profile, side, rule, matchValue(value)));
      return rows.map((row) => row.id);
    },

    planIntent({ key, profile, side, sourceId }, now) {
      return db.write(function* () {
        yield* bounds.refuse(profile);
        yield* send(
          `INSERT INTO intent (key, profile, side, source_id, state, attempt, sent_at, moved_at)
           VALUES (?, ?, ?, ?, 'planned', 0, NULL, ?) ON CONFLICT (key) DO NOTHING`,
          key,
          profile,
          side,
          sourceId,
          now,
        );
        return toIntent(yield* intentRow(key));
      });
    },

    async moveIntent(key, to, now, sent) {
      await db.write(function* () {
        const { state, attempt, sent_at, profile } = yield* intentRow(key);
        yield* bounds.refuse(profile);
        if (!COMES_FROM[to].includes(state)) {
          throw new StaleError(
            `The create ${key} is ${state} and cannot become ${to}`,
            'It is read again and retried by itself; nothing to do.',
          );
        }
        const sentAt = to === 'sent' ? now : to === 'planned' ? null : sent_at;
        const sql =
          'UPDATE intent SET state = ?, attempt = ?, sent_at = ?, sent = coalesce(?, sent), moved_at = ? WHERE key = ?';
        yield* send(
          sql,
          to,
          to === 'sent' ? attempt + 1 : attempt,
          sentAt,
          sent ? JSON.stringify(sent) : null,
          now,
          key,
        );
      });
    },

    async intent(key) {
      const row = await db.look(() => get<IntentRecord>('SELECT * FROM intent WHERE key = ?', key));
      return row === undefined ? null : toIntent(row);
    },

    doubtSentIntents(now, profiles) {
      const doubt = `UPDATE intent SET state = 'doubtful', moved_at = ?`;
      if (profiles === undefined) return db.write(() => run(`${doubt} WHERE state = 'sent'`, now));
      const sql = `${doubt}, sent_at = ? WHERE state = 'sent' AND profile = ?`;
      const anew = `UPDATE intent SET moved_at = ? WHERE state = 'doubtful' AND profile = ?`;
      return db.write(function* () {
        yield* runEach(
          anew,
          profiles.map((profile) => [now, profile]),
        );
        const counts = yield* runEach(
          sql,
          profiles.map((profile) => [now, now, profile]),
        );
        return counts.reduce((sum, count) => sum + count, 0);
      });
    },

    standing(profile, ids, linkId, since) {
      return db.look(() => standing(profile, ids, linkId, since));
    },
  };
}

function* intentRow(key: string): Sql<IntentRecord> {
  const row = yield* get<IntentRecord>('SELECT * FROM intent WHERE key = ?', key);
  if (row !== undefined) return row;
  throw new StaleError(`There is no intent ${key}`, 'It is read again and retried by itself; nothing to do.');
}
