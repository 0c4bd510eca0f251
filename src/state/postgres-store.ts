// The store that several processes share. A verb's statements are answered one after the other, and other verbs of this
// process get in between, but never between two statements of a write verb.
import type { Clock } from '../ports.ts';
import type { Defer } from './group-commit.ts';
import { openPostgres } from './postgres/open-postgres.ts';
import type { Store } from './store.ts';
import { storeOn } from './store-on.ts';

export type PostgresOptions = {
  readonly clock: Clock;
  readonly defer?: Defer;
};

export async function openPostgresStore(location: string, options: PostgresOptions): Promise<Store> {
  const db = await openPostgres(location, options.clock);
  return storeOn(db, options.defer ?? queueMicrotask);
}
