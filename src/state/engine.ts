// What the daemon notes about itself and its profiles, and the commands that another process leaves for it.
import type { Confinement } from './bounds.ts';
import type { Database } from './database.ts';
import { type CommandRecord, toCommand } from './rows.ts';
import { all, get, insert, run, runEach } from './sql.ts';
import type { Store } from './store.ts';

type EngineVerbs = Pick<
  Store,
  | 'profileState'
  | 'saveProfileState'
  | 'note'
  | 'noteOnce'
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

export function engineVerbs(db: Database, bounds: Confinement): EngineVerbs {
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
      await db.write(function* () {
        yield* bounds.refuse(profile);
        yield* run(sql, profile, version, matchedAt.jira, matchedAt.crm);
      });
    },

    async note(name, value) {
      const sql =
        'INSERT INTO note (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
      await db.write(() => run(sql, name, JSON.stringify(value ?? null)));
    },

    noteOnce(name, value) {
      const add = 'INSERT INTO note (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING';
      return db.write(function* () {
        yield* run(add, name, JSON.stringify(value ?? null));
        const row = yield* get<{ value: string }>('SELECT value FROM note WHERE name = ?', name);
        return JSON.parse(row?.value ?? 'null') as unknown;
      });
    },

    async notes() {
      const sql = 'SELECT name, value FROM note ORDER BY name';
      const rows = await db.look(() => all<{ name: string; value: string }>(sql));
      return Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
    },

    async addCommand(kind, args, now) {
      const sql = `INSERT INTO command (kind, profile, args, state, result, at) VALUES (?, ?, ?, 'waiting', 'null', ?)`;
      const id = await db.write(() => insert(sql, kind, profileIn(args), JSON.stringify(args), now));
      if (id === null) throw new Error('the state gave a command no id');
      return id;
    },

    async takeCommand() {
      const only = bounds.only();
      const sql = `SELECT * FROM command WHERE state = 'waiting'${only.sql} ORDER BY id LIMIT 1`;
      const oldest = () => get<CommandRecord>(sql, ...only.params);
      if ((await db.look(oldest)) === undefined) return null;
      return db.write(function* () {
        const row = yield* oldest();
        if (row === undefined) return null;
        yield* run(`UPDATE command SET state = 'running' WHERE id = ?`, row.id);
        return toCommand({ ...row, state: 'running' });
      });
    },

    async updateCommand(id, state, result) {
      // What was answered stays answered: another process may have given up on it meanwhile.
      const sql = `UPDATE command SET state = ?, result = ? WHERE id = ? AND state NOT IN ('done', 'failed')`;
      // How far it is will be told again.
      const write = state === 'running' ? db.writeSoon : db.write;
      await write(() => run(sql, state, JSON.stringify(result ?? null), id));
    },

    async command(id) {
      const row = await db.look(() => get<CommandRecord>('SELECT * FROM command WHERE id = ?', id));
      return row === undefined ? null : toCommand(row);
    },

    failRunningCommands(result, profiles) {
      const sql = `UPDATE command SET state = 'failed', result = ? WHERE state = 'running'`;
      const text = JSON.stringify(result ?? null);
      if (profiles === undefined) return db.write(() => run(sql, text));
      return db.write(function* () {
        const counts = yield* runEach(
          `${sql} AND profile = ?`,
          profiles.map((profile) => [text, profile]),
        );
        return counts.reduce((sum, count) => sum + count, 0);
      });
    },
  };
}

/** Which profile a command is about, by whatever its arguments call it. */
function profileIn({ profile, key }: Readonly<Record<string, unknown>>): string | null {
  const named = profile ?? (key as { profile?: unknown } | undefined)?.profile;
  return typeof named === 'string' ? named : null;
}
