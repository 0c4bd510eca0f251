// Small secrets by name, as opaque text: whoever saves one has encrypted it (vault.ts).
import type { Database } from './database.ts';
import { get, run } from './sql.ts';
import type { Store } from './store.ts';

export function secretVerbs(db: Database): Pick<Store, 'loadSecret' | 'saveSecret'> {
  return {
    async loadSecret(name) {
      const sql = 'SELECT sealed FROM secret WHERE name = ?';
      const row = await db.look(() => get<{ sealed: string }>(sql, name));
      return row?.sealed ?? null;
    },

    async saveSecret(name, sealed) {
      const sql = `INSERT INTO secret (name, sealed) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed`;
      await db.write(() => run(sql, name, sealed));
    },
  };
}
