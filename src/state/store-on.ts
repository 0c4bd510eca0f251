// All verbs over one database.
import { absenceVerbs } from './absences.ts';
import { apartVerbs } from './apart.ts';
import { auditVerbs } from './audit.ts';
import { createConfinement } from './bounds.ts';
import { createClaims } from './claims.ts';
import type { Database } from './database.ts';
import { dueVerbs } from './due-rows.ts';
import { engineVerbs } from './engine.ts';
import type { Defer } from './group-commit.ts';
import { hintVerbs } from './hints.ts';
import { integrityVerbs } from './integrity.ts';
import { leaseVerbs } from './leases.ts';
import { pairVerbs } from './pairs.ts';
import { peopleVerbs } from './people.ts';
import { profileVerbs } from './profile-rows.ts';
import { retentionVerbs } from './retention.ts';
import { secretVerbs } from './secrets.ts';
import type { Store } from './store.ts';
import { workVerbs } from './work.ts';

export function storeOn(db: Database, defer: Defer): Store {
  const claims = createClaims();
  const bounds = createConfinement();
  return {
    ...hintVerbs(db, bounds, defer),
    ...workVerbs(db, claims, bounds),
    ...dueVerbs(db, claims, bounds),
    ...apartVerbs(db, claims, bounds),
    ...profileVerbs(db, claims, bounds),
    ...pairVerbs(db, bounds),
    ...absenceVerbs(db, bounds),
    ...auditVerbs(db),
    ...peopleVerbs(db),
    ...engineVerbs(db, bounds),
    ...secretVerbs(db),
    ...integrityVerbs(db),
    ...leaseVerbs(db, bounds),
    ...retentionVerbs(db, claims, bounds),
    close: () => db.close(),
  };
}
