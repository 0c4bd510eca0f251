// What a driver offers to the verbs. A driver may have to run `work` again from its beginning: besides its statements
// it only takes claims, and gives those back when it fails.
import type { Sql } from './sql.ts';

export type Database = {
  /** One transaction that shuts every other writer out, also those of other processes. */
  write<T>(work: () => Sql<T>): Promise<T>;
  /** The same; others go on while it waits for the disk, and see it already. */
  writeBeside<T>(work: () => Sql<T>): Promise<T>;
  /**
   * The same, without waiting for the disk: the end of the process does not take it back, a loss of power may take the
   * last ones back together, as if they had not happened yet. For work that is then simply done again.
   */
  writeSoon<T>(work: () => Sql<T>): Promise<T>;
  /** One view of the state, whatever is written meanwhile. */
  read<T>(work: () => Sql<T>): Promise<T>;
  /** Each statement sees the state as it is then. */
  look<T>(work: () => Sql<T>): Promise<T>;
  /** What the database itself finds wrong with its file, as sentences. */
  faults(): Promise<readonly string[]>;
  /** In bytes, as it takes up room. */
  size(): Promise<number>;
  close(): Promise<void>;
};

/** The largest number of rows that one statement may touch; longer work goes in rounds within its transaction. */
export const ROWS_PER_STATEMENT = 5000;
