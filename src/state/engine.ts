// What the daemon notes about itself and its profiles, and the commands that another process leaves for it.
import type { Database } from './database.ts';
import { type CommandRecord, toCommand } from './rows.ts';
import { all, get, insert, run } from './sql.ts';
import type { Store } from './store.ts';

type EngineVerbs = Pick<
  Store,
  | 'profileState'
  | 'saveProfileState'
  | 'note'
  | 'notes'
  | 'addCommand'
  | 'takeCommand'
  | 'updateCommand'
  | 'command'
  | 'failRunningCommands'
>;

type ProfileRecord = {
  version: string;
  jira_matched_at: number | null;
  crm_matched_at: number | null;
  halted: string | null;
  paused: string | null;
  accepted_at: number | null;
};

export function engineVerbs(db: Database): EngineVerbs {
  return {
    async profileState(profile) {
      const row = await db.look(() => get<ProfileRecord>('SELECT * FROM profile_state WHERE profile = ?', profile));
      if (row === undefined) return null;
      const matchedAt = { jira: row.jira_matched_at, crm: row.crm_matched_at };
      const { version, halted, paused, accepted_at: acceptedAt } = row;
      return { profile, version, matchedAt, halted, paused, acceptedAt };
    },

    async saveProfileState({ profile, version, matchedAt }) {
      const sql = `INSERT INTO profile_state (profile, version, jira_matched_at, crm_matched_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (profile) DO UPDATE SET version = excluded.version,
          jira_matched_at = excluded.jira_matched_at, crm_matched_at = excluded.crm_matched_at`;
      await db.write(() => run(sql, profile, version, matchedAt.jira, matchedAt.crm));
    },

    async note(name, value) {
      const sql =
        'INSERT INTO note (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
      await db.write(() => run(sql, name, JSON.stringify(value ?? null)));
    },

    async notes() {
      const sql = 'SELECT name, value FROM note ORDER BY name';
      const rows = await db.look(() => all<{ name: string; value: string }>(sql));
      return Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
    },

    async addCommand(kind, args, now) {
      const sql = `INSERT INTO command (kind, args, state, result, at) VALUES (?, ?, 'waiting', 'null', ?) RETURNING id`;
      const id = await db.write(() => insert(sql, kind, JSON.stringify(args), now));
      if (id === undefined) throw new Error('the state gave a command no id');
      return id;
    },

    takeCommand() {
      return db.write(function* () {
        const sql = `SELECT * FROM command WHERE state = 'waiting' ORDER BY id LIMIT 1`;
        const row = yield* get<CommandRecord>(sql);
        if (row === undefined) return null;
        yield* run(`UPDATE command SET state = 'running' WHERE id = ?`, row.id);
        return toCommand({ ...row, state: 'running' });
      });
    },

    async updateCommand(id, state, result) {
      const sql = 'UPDATE command SET state = ?, result = ? WHERE id = ?';
      await db.write(() => run(sql, state, JSON.stringify(result ?? null), id));
    },

    async command(id) {
      const row = await db.look(() => get<CommandRecord>('SELECT * FROM command WHERE id = ?', id));
      return row === undefined ? null : toCommand(row);
    },

    failRunningCommands(result) {
      const sql = `UPDATE command SET state = 'failed', result = ? WHERE state = 'running'`;
      return db.write(() => run(sql, JSON.stringify(result ?? null)));
    },
  };
}
