// What a store may do for this process, where several share a state: it hands out only the work of connections whose
// lease is held, and writes what came of it only as long as the lease has not changed hands.
import { StaleError } from '../errors.ts';
import type { Bounds } from './lease-table.ts';
import { get, type Sql } from './sql.ts';

export type Confinement = {
  confine(bounds: Bounds): void;
  /** Ends a WHERE: the rows of profiles that are handed out. */
  only(): { readonly sql: string; readonly params: readonly string[] };
  hasProfile(profile: string): boolean;
  /** Inside the transaction that writes: StaleError when the lease is held by somebody else by now. */
  refuse(profile: string): Sql<void>;
  isOurs(profile: string): Sql<boolean>;
};

const EVERYTHING: Bounds = { profiles: () => null, leaseOf: () => null };

export function createConfinement(): Confinement {
  let bounds = EVERYTHING;

  function* refuse(profile: string): Sql<void> {
    const lease = bounds.leaseOf(profile);
    if (lease === null) return;
    // A column called 1 would make an array of the row, which costs twice as much.
    const sql = 'SELECT epoch FROM lease WHERE name = ? AND holder = ? AND epoch = ?';
    if ((yield* get(sql, lease.name, lease.holder, lease.epoch)) !== undefined) return;
    throw new StaleError(
      `The lease of the connection ${lease.name} is held by another process by now`,
      'That process does the work; nothing to do.',
    );
  }

  return {
    confine(wanted) {
      bounds = wanted;
    },
    only() {
      const profiles = bounds.profiles();
      if (profiles === null) return { sql: '', params: [] };
      if (profiles.length === 0) return { sql: ' AND 1 = 0', params: [] };
      return { sql: ` AND profile IN (${profiles.map(() => '?').join(', ')})`, params: profiles };
    },
    hasProfile: (profile) => bounds.profiles()?.includes(profile) ?? true,
    refuse,
    *isOurs(profile) {
      try {
        yield* refuse(profile);
        return true;
      } catch (error) {
        if (error instanceof StaleError) return false;
        throw error;
      }
    },
  };
}
