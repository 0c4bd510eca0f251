// Writes that need not wait for the disk, committed together: each page that several of them touch is written once.
import { UnavailableError } from '../errors.ts';
import type { Sql } from './sql.ts';

/** Runs `flush` soon. A server passes something that runs after a whole round of socket reads, such as setImmediate. */
export type Defer = (flush: () => void) => void;

type Waiting = {
  readonly work: () => Sql<unknown>;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
};

export type GroupCommit = {
  /** Resolves once it is committed. */
  write<T>(work: () => Sql<T>): Promise<T>;
  /** Commits what waits, at once. */
  flush(): void;
};

/** `transaction` runs the pieces of work one after the other and answers what each answered. */
export function createGroupCommit(
  transaction: (works: readonly (() => Sql<unknown>)[]) => readonly unknown[],
  defer: Defer | undefined,
): GroupCommit {
  let waiting: Waiting[] = [];

  function commit(group: readonly Waiting[]): void {
    try {
      const answers = transaction(group.map(({ work }) => work));
      for (const [at, { resolve }] of group.entries()) resolve(answers[at] as never);
    } catch (error) {
      if (group.length === 1 || error instanceof UnavailableError) for (const { reject } of group) reject(error);
      // One that fails must not cost the others their success.
      else for (const one of group) commit([one]);
    }
  }

  function flush(): void {
    const group = waiting;
    waiting = [];
    if (group.length > 0) commit(group);
  }

  return {
    write(work) {
      return new Promise((resolve, reject) => {
        waiting.push({ work, resolve, reject });
        if (defer === undefined) flush();
        else if (waiting.length === 1) defer(flush);
      });
    },
    flush,
  };
}
