import { NewerStateError } from '../../errors.ts';
import { first } from './0001-first.ts';

/** The version of a schema is how many of these it has seen. Only ever add at the end. */
export const MIGRATIONS: readonly string[] = [first];

/** What a migration needs of a database: `write` runs one transaction that shuts other writers out. */
export type Migratable = {
  version(): number;
  exec(sql: string): void;
  write<T>(work: () => T): T;
};

export function migrate(db: Migratable, path: string, migrations: readonly string[] = MIGRATIONS): void {
  if (db.version() === migrations.length) return;
  db.write(() => {
    // Read again inside the transaction: another process may have migrated while we waited for it.
    const version = db.version();
    if (version > migrations.length) {
      throw newerSchema(path, version, migrations.length);
    }
    for (const sql of migrations.slice(version)) db.exec(sql);
    db.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

export function newerSchema(state: string, version: number, known: number): NewerStateError {
  return new NewerStateError(
    `The state ${state} has schema ${version}; this version of jira-crm-sync knows ${known}`,
    'Start the newer version that wrote it, or point `state` at another one or a backup made before the upgrade.',
  );
}
