// The store of one process on one machine. Verbs answer promises but run to their end at once: between two verbs of one
// caller nothing else of this process gets in.

import { absenceVerbs } from './absences.ts';
import { apartVerbs } from './apart.ts';
import { auditVerbs } from './audit.ts';
import { createClaims } from './claims.ts';
import { openDatabase } from './database.ts';
import { engineVerbs } from './engine.ts';
import { type Defer, hintVerbs } from './hints.ts';
import { migrate } from './migrations/migrate.ts';
import { pairVerbs } from './pairs.ts';
import { peopleVerbs } from './people.ts';
import { profileVerbs } from './profile-rows.ts';
import { secretVerbs } from './secrets.ts';
import type { Store } from './store.ts';
import { workVerbs } from './work.ts';

export type SqliteOptions = {
  /** When deliveries that came together are committed together; default: at the end of the running task. */
  readonly defer?: Defer;
};

/** `path` may be ':memory:'. */
export function openSqliteStore(path: string, options: SqliteOptions = {}): Store {
  const db = openDatabase(path);
  try {
    migrate(db, path);
  } catch (error) {
    db.close();
    throw error;
  }
  const claims = createClaims();
  return {
    ...hintVerbs(db, options.defer ?? queueMicrotask),
    ...workVerbs(db, claims),
    ...apartVerbs(db, claims),
    ...profileVerbs(db, claims),
    ...pairVerbs(db),
    ...absenceVerbs(db),
    ...auditVerbs(db),
    ...peopleVerbs(db),
    ...engineVerbs(db),
    ...secretVerbs(db),
    async close() {
      db.close();
    },
  };
}
