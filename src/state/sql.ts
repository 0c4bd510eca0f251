// Verbs are written once for every dialect: as generators that yield statements and are given the answers. SQLite's
// driver runs one to its end at once, PostgreSQL's lets others in between two statements.

export type Param = string | number | null;

type One<K> = { readonly kind: K; readonly text: string; readonly params: readonly Param[] };
type Several<K> = { readonly kind: K; readonly text: string; readonly params: readonly (readonly Param[])[] };

export type Statement =
  /** `get` answers the first row; the text must not depend on more than one being left out. */
  | One<'all'>
  | One<'get'>
  | One<'run'>
  | One<'insert'>
  /**
   * One after the other in one go. `each` answers how many rows each changed, `gets` the first row of each, `send`
   * nothing: a driver need not wait for it, and what fails then fails the verb before it is committed.
   */
  | Several<'each'>
  | Several<'gets'>
  | Several<'send'>
  /** Several statements of which none needs the answer to another; answered one by one, in one go. */
  | { readonly kind: 'together'; readonly parts: readonly Exclude<Statement, { kind: 'together' }>[] };

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

export function* getEach<R>(text: string, params: readonly (readonly Param[])[]): Sql<readonly (R | undefined)[]> {
  if (params.length === 0) return [];
  return (yield { kind: 'gets', text, params }) as readonly (R | undefined)[];
}

/** In write verbs only: where nothing depends on how many rows changed. */
export function* send(text: string, ...params: Param[]): Sql<void> {
  yield { kind: 'send', text, params: [params] };
}

export function* sendEach(text: string, params: readonly (readonly Param[])[]): Sql<void> {
  if (params.length > 0) yield { kind: 'send', text, params };
}

/** One row into a table that gives ids: the new one; null when `ON CONFLICT DO NOTHING` did nothing. */
export function* insert(text: string, ...params: Param[]): Sql<number | null> {
  return (yield { kind: 'insert', text, params }) as number | null;
}

type Single = Exclude<Statement, { kind: 'together' }>;
type AnswersOf<W extends readonly Sql<unknown>[]> = { -readonly [K in keyof W]: W[K] extends Sql<infer T> ? T : never };

/** Several pieces of work in step, where none needs what another one answers. A part must hold nothing if it fails. */
export function* together<const W extends readonly Sql<unknown>[]>(works: W): Sql<AnswersOf<W>> {
  const steps = works.map((work) => work.next());
  for (;;) {
    const parts: Single[] = [];
    for (const step of steps) {
      if (step.done) continue;
      if (step.value.kind === 'together') parts.push(...step.value.parts);
      else parts.push(step.value);
    }
    if (parts.length === 0) return steps.map((step) => step.value) as AnswersOf<W>;
    const answers = (yield { kind: 'together', parts }) as unknown[];
    let from = 0;
    for (const [at, work] of works.entries()) {
      const step = steps[at];
      if (step === undefined || step.done) continue;
      const to = from + (step.value.kind === 'together' ? step.value.parts.length : 1);
      steps[at] = work.next(step.value.kind === 'together' ? answers.slice(from, to) : answers[from]);
      from = to;
    }
  }
}
