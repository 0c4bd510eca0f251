// Random cases with a seed each: the same seed is the same case everywhere, and a failure says the one line that runs it
// again. Two sizes: every run, and TEST_DEPTH=nightly, of which TEST_SHARD=2/8 is the second eighth. TEST_SEED begins
// elsewhere, TEST_CASE runs one case alone.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Random, seededRandom } from '../../src/ports.ts';
import { appendGoal } from './goals.ts';

export const NIGHTLY = process.env.TEST_DEPTH === 'nightly';
export const SEED = Number(process.env.TEST_SEED ?? 20_261_121);
const ONLY = process.env.TEST_CASE === undefined ? null : Number(process.env.TEST_CASE);

export function byDepth(everyRun: number, nightly: number): number {
  return NIGHTLY ? nightly : everyRun;
}

/** The cases of this run, from `first` to before `end`. */
export function caseRange(cases: number): { readonly first: number; readonly end: number } {
  if (ONLY !== null) return { first: ONLY, end: ONLY + 1 };
  const [part = 1, parts = 1] = (process.env.TEST_SHARD ?? '1/1').split('/').map(Number);
  return { first: Math.floor((cases * (part - 1)) / parts), end: Math.floor((cases * part) / parts) };
}

export type Proof = {
  readonly goal: string;
  readonly what: string;
  /** How many cases in every run, and at night. */
  readonly cases: readonly [number, number];
  /** `import.meta.url` of the test. */
  readonly file: string;
  /** What a clean run has reached; `0 failures of 100,000` where it is left out. */
  readonly reached?: (cases: number) => string;
};

/** The generator of case `at`; neighbours have nothing in common. */
export function chanceOf(at: number): Random {
  return seededRandom(Math.imul(SEED ^ Math.imul(at + 1, 0x9e3779b1), 0x85ebca6b));
}

/**
 * Something that costs more to make than to try: `size` neighbouring cases have it in common, and each does something of
 * its own with it. Made anew from the number of the case alone, so that one case replays without its neighbours.
 */
export function sharedBy<T>(size: number, make: (chance: Random) => T): (at: number) => T {
  let made: { readonly block: number; readonly value: T } | null = null;
  return (at) => {
    const block = Math.floor(at / size);
    if (made?.block !== block) made = { block, value: make(chanceOf(-1 - block)) };
    return made.value;
  };
}

export function replayOf(file: string, at?: number): string {
  const path = relative(fileURLToPath(new URL('../../', import.meta.url)), fileURLToPath(file));
  const depth = NIGHTLY ? 'TEST_DEPTH=nightly ' : '';
  return `${depth}TEST_SEED=${SEED}${at === undefined ? '' : ` TEST_CASE=${at}`} npx vitest run ${path}`;
}

export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Runs every case, reports the goal, and fails with the line that replays the first case that did not hold. */
export async function prove(proof: Proof, check: (chance: Random, at: number) => void | Promise<void>): Promise<void> {
  const { first, end } = caseRange(byDepth(...proof.cases));
  const began = performance.now();
  let at = first;
  let failure: unknown = null;
  // Refusals are ordinary answers here, and to write down the stack of each takes longer than most cases.
  const { stackTraceLimit } = Error;
  if (ONLY === null) Error.stackTraceLimit = 0;
  try {
    for (; at < end; at += 1) {
      const pending = check(chanceOf(at), at);
      if (pending) await pending;
    }
  } catch (error) {
    failure = error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  reportGoal(proof, {
    cases: at - first,
    ms: performance.now() - began,
    reached: failure === null ? null : `case ${at} failed`,
  });
  if (failure === null) return;
  const reason = failure instanceof Error ? failure.message : String(failure);
  throw new Error(`case ${at}: ${reason}\nreplay: ${replayOf(proof.file, at)}`, { cause: failure });
}

/** For proofs that count in their own way. `reached`: what fell short; null for a clean run. */
export function reportGoal(
  proof: Pick<Proof, 'goal' | 'what' | 'file' | 'reached'>,
  outcome: { readonly cases: number; readonly ms: number; readonly reached: string | null },
): void {
  if (ONLY !== null) return;
  const { cases, ms } = outcome;
  const clean = proof.reached ?? ((count: number) => `0 failures of ${grouped(count)}`);
  appendGoal({
    goal: proof.goal,
    what: proof.what,
    reached: outcome.reached ?? clean(cases),
    ok: outcome.reached === null,
    cases,
    seed: SEED,
    ms: Math.round(ms),
    replay: replayOf(proof.file),
  });
}
