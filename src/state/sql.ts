// Verbs are written once for every dialect: as generators that yield statements and are given the answers. SQLite's
// driver runs one to its end at once, PostgreSQL's lets others in between two statements.

export type Param = string | number | null;

export type Statement =
  /** `get` answers the first row; the text must not depend on more than one being left out. */
  | { readonly kind: 'all' | 'get' | 'run' | 'insert'; readonly text: string; readonly params: readonly Param[] }
  /** One after the other in one go; answers how many rows each changed. */
  | { readonly kind: 'each'; readonly text: string; readonly params: readonly (readonly Param[])[] };

/** What answers a `T` once its statements were run. `?` stands for a parameter in every dialect. */
export type Sql<T> = Generator<Statement, T, unknown>;

export function* all<R>(text: string, ...params: Param[]): Sql<R[]> {
  return (yield { kind: 'all', text, params }) as R[];
}

export function* get<R>(text: string, ...params: Param[]): Sql<R | undefined> {
  return (yield { kind: 'get', text, params }) as R | undefined;
}

/** Answers how many rows changed. */
export function* run(text: string, ...params: Param[]): Sql<number> {
  return (yield { kind: 'run', text, params }) as number;
}

export function* runEach(text: string, params: readonly (readonly Param[])[]): Sql<readonly number[]> {
  if (params.length === 0) return [];
  return (yield { kind: 'each', text, params }) as readonly number[];
}

/** One row into a table that gives ids: the new one; null when `ON CONFLICT DO NOTHING` did nothing. */
export function* insert(text: string, ...params: Param[]): Sql<number | null> {
  return (yield { kind: 'insert', text, params }) as number | null;
}
