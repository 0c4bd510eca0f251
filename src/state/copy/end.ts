// The two ends of a copy: each one transaction, so that what is read is one moment and what is written is all or nothing.
import { SyncError } from '../../errors.ts';
import type { Sql } from '../sql.ts';

export type End = {
  drive<T>(sql: Sql<T>): Promise<T>;
  /** The highest id that a table has ever given. */
  highestId(table: string): Sql<number>;
  /** Ids that are given from now on are higher. */
  raiseIds(table: string, to: number): Sql<void>;
  /** Ends the transaction and lets go. */
  finish(): Promise<void>;
  /** Nothing was written. */
  drop(): Promise<void>;
};

export type Role = 'source' | 'target';

export function nothingThere(shown: string): SyncError {
  return new SyncError(`There is no state ${shown}`, 'Name the one that the daemon worked on.');
}
