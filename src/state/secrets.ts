// Small secrets by name, as opaque text: whoever saves one has encrypted it (vault.ts).
import type { Database } from './database.ts';
import type { Store } from './store.ts';

export function secretVerbs(db: Database): Pick<Store, 'loadSecret' | 'saveSecret'> {
  return {
    async loadSecret(name) {
      return db.get<{ sealed: string }>('SELECT sealed FROM secret WHERE name = ?', name)?.sealed ?? null;
    },

    async saveSecret(name, sealed) {
      db.write(() => db.run('INSERT OR REPLACE INTO secret (name, sealed) VALUES (?, ?)', name, sealed));
    },
  };
}
