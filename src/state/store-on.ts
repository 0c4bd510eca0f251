// All verbs over one database.
import { absenceVerbs } from './absences.ts';
import { apartVerbs } from './apart.ts';
import { auditVerbs } from './audit.ts';
import { createClaims } from './claims.ts';
import type { Database } from './database.ts';
import { dueVerbs } from './due-rows.ts';
import { engineVerbs } from './engine.ts';
import { type Defer, hintVerbs } from './hints.ts';
import { pairVerbs } from './pairs.ts';
import { peopleVerbs } from './people.ts';
import { profileVerbs } from './profile-rows.ts';
import { secretVerbs } from './secrets.ts';
import type { Store } from './store.ts';
import { workVerbs } from './work.ts';

export function storeOn(db: Database, defer: Defer): Store {
  const claims = createClaims();
  return {
    ...hintVerbs(db, defer),
    ...workVerbs(db, claims),
    ...dueVerbs(db, claims),
    ...apartVerbs(db, claims),
    ...profileVerbs(db, claims),
    ...pairVerbs(db),
    ...absenceVerbs(db),
    ...auditVerbs(db),
    ...peopleVerbs(db),
    ...engineVerbs(db),
    ...secretVerbs(db),
    close: () => db.close(),
  };
}
