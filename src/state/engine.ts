// What the daemon notes about itself and its profiles, and the commands that another process leaves for it.
import type { Database } from './database.ts';
import { type CommandRecord, toCommand } from './rows.ts';
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
      const row = db.get<ProfileRecord>('SELECT * FROM profile_state WHERE profile = ?', profile);
      if (row === undefined) return null;
      const matchedAt = { jira: row.jira_matched_at, crm: row.crm_matched_at };
      const { version, halted, paused, accepted_at: acceptedAt } = row;
      return { profile, version, matchedAt, halted, paused, acceptedAt };
    },

    async saveProfileState({ profile, version, matchedAt }) {
      const sql = `INSERT INTO profile_state (profile, version, jira_matched_at, crm_matched_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (profile) DO UPDATE SET version = excluded.version,
          jira_matched_at = excluded.jira_matched_at, crm_matched_at = excluded.crm_matched_at`;
      db.write(() => db.run(sql, profile, version, matchedAt.jira, matchedAt.crm));
    },

    async note(name, value) {
      const sql = 'INSERT OR REPLACE INTO note (name, value) VALUES (?, ?)';
      db.write(() => db.run(sql, name, JSON.stringify(value ?? null)));
    },

    async notes() {
      const rows = db.all<{ name: string; value: string }>('SELECT name, value FROM note ORDER BY name');
      return Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
    },

    async addCommand(kind, args, now) {
      const sql = `INSERT INTO command (kind, args, state, result, at) VALUES (?, ?, 'waiting', 'null', ?)`;
      return db.write(() => db.insert(sql, kind, JSON.stringify(args), now));
    },

    async takeCommand() {
      return db.write(() => {
        const sql = `SELECT * FROM command WHERE state = 'waiting' ORDER BY id LIMIT 1`;
        const row = db.get<CommandRecord>(sql);
        if (row === undefined) return null;
        db.run(`UPDATE command SET state = 'running' WHERE id = ?`, row.id);
        return toCommand({ ...row, state: 'running' });
      });
    },

    async updateCommand(id, state, result) {
      const sql = 'UPDATE command SET state = ?, result = ? WHERE id = ?';
      db.write(() => db.run(sql, state, JSON.stringify(result ?? null), id));
    },

    async command(id) {
      const row = db.get<CommandRecord>('SELECT * FROM command WHERE id = ?', id);
      return row === undefined ? null : toCommand(row);
    },

    async failRunningCommands(result) {
      const sql = `UPDATE command SET state = 'failed', result = ? WHERE state = 'running'`;
      return db.write(() => db.run(sql, JSON.stringify(result ?? null)));
    },
  };
}
