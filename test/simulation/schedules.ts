// Plays many schedules one after the other, as far as the time goes, and says how many and what came of them. The time is
// bounded, because a busy machine must not make a test run endless: what was not played is told.
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { grouped, NIGHTLY } from '../support/cases.ts';
import { appendGoal } from '../support/goals.ts';
import { ledger } from './check/ledger.ts';
import { timelinesOf } from './check/timelines.ts';
import { type Depth, type Played, play } from './play/play.ts';
import { generate } from './script/generate.ts';
import { type Part, partOf, type Script } from './script/script.ts';
import { shrink } from './shrink.ts';
import { failureOf, storyOf } from './tell.ts';

/** When a run of all tests has to end, epoch ms: what was not played by then stays unplayed, and is told. */
const UNTIL = Number(process.env.TEST_UNTIL ?? Number.POSITIVE_INFINITY);
/** Of each part, however late it begins. */
const LEAST = 100;
const MOST_FAILURES = 5;
/** The first part has a core for as long as the real processes take the other, the others come after. */
export const THIN_PARTS = [8, 11, 11];
export const TEST_TIMEOUT = 24 * 3_600_000;

export type Slice = {
  readonly depth: Depth;
  /** Which part this is, from 1, and how the days are divided among all of them. */
  readonly part: number;
  readonly parts: readonly number[];
  /** All parts together: in every run, and at night. */
  readonly schedules: readonly [everyRun: number, nightly: number];
  /** Every so-manieth day is played once more, and has to be the same in all that happened (G25). */
  readonly again?: number;
};

/** Thin and full depth have seeds of their own, and so has every part of every machine's share. */
function seedsOf({ part, parts, schedules, depth }: Slice): { readonly first: number; readonly end: number } {
  const [share = 1, shares = 1] = (process.env.TEST_SHARD ?? '1/1').split('/').map(Number);
  const all = schedules[NIGHTLY ? 1 : 0];
  const base = depth === 'full' ? 1_000_000 : 0;
  const sum = (some: readonly number[]) => some.reduce((total, one) => total + one, 0);
  const whole = sum(parts);
  const seedAt = (before: number) =>
    base + Math.floor((all * ((share - 1) * whole + sum(parts.slice(0, before)))) / (shares * whole)) + 1;
  return { first: seedAt(part - 1), end: seedAt(part) };
}

export async function playSlice(slice: Slice): Promise<void> {
  const { first, end } = seedsOf(slice);
  const began = performance.now();
  const failures: Played[] = [];
  const fates: Record<string, number> = {};
  const again = slice.again ?? Number.POSITIVE_INFINITY;
  const unlike: number[] = [];
  const acts: Record<Part, number> = { edits: 0, 'acts of those who run the sync': 0, faults: 0 };
  let [seed, twice] = [first, 0];
  for (; seed < end && failures.length < MOST_FAILURES; seed += 1) {
    if (Date.now() > UNTIL && seed - first >= LEAST) break;
    const script = generate(seed);
    const played = await play(script, { depth: slice.depth });
    for (const action of script.actions) acts[partOf(action)] += 1;
    for (const [fate, count] of Object.entries(ledger(played.evidence, timelinesOf(played.evidence)).fates)) {
      fates[fate] = (fates[fate] ?? 0) + count;
    }
    if (played.violations.length > 0) failures.push(played);
    if (seed % again > 0) continue;
    twice += 1;
    if (historyOf(await play(generate(seed), { depth: slice.depth })) !== historyOf(played)) unlike.push(seed);
  }
  const count = seed - first;
  const ms = Math.round(performance.now() - began);
  const bad = failures.flatMap(({ violations }) => violations);
  const row = {
    ms,
    seed: first,
    replay: `npm run simulate -- --depth ${slice.depth} --seed ${first} --count ${count}`,
  };
  const told = Object.entries(acts)
    .map(([part, acted]) => `${grouped(acted)} ${part}`)
    .join(', ');
  const name = `${slice.depth} depth, part ${slice.part} of ${slice.parts.length}`;
  appendGoal({
    ...row,
    goal: 'G2',
    what: `days of edits and faults, ${name}`,
    reached: `${failures.length} of ${grouped(count)} broke a promise (${grouped(end - first)} wanted; ${told})`,
    ok: failures.length === 0,
    cases: count,
  });
  const lost = bad.filter(({ invariant }) => invariant === 'S2').length;
  const entries = Object.values(fates).reduce((sum, one) => sum + one, 0);
  appendGoal({
    ...row,
    goal: 'G6',
    what: `changes of people in the ledger, ${name}`,
    reached: `${lost} unaccounted (${Object.entries(fates)
      .map(([fate, number]) => `${fate} ${grouped(number)}`)
      .join(', ')})`,
    ok: lost === 0,
    cases: entries,
  });
  if (slice.again !== undefined) {
    appendGoal({
      ...row,
      goal: 'G25',
      what: `the same seed twice (S21), ${name}`,
      reached: `${grouped(twice - unlike.length)} of ${grouped(twice)} alike`,
      ok: unlike.length === 0,
      cases: twice,
    });
    expect(twice).toBeGreaterThan(0);
  }
  expect(count).toBeGreaterThan(0);
  expect(unlike).toEqual([]);
  expect(await toldOf(failures)).toBe('');
}

/** All that happened, was sent and was told, in its order. */
function historyOf({ evidence, story }: Played): string {
  return createHash('sha256')
    .update(JSON.stringify([evidence.happenings, evidence.sent, story]))
    .digest('hex');
}

/** The first of them is cut down to what matters. */
async function toldOf(failures: readonly Played[]): Promise<string> {
  const [worst] = failures;
  if (worst === undefined) return '';
  const smaller = await shrink(worst.script, worst.depth);
  const left = `with ${smaller.script.actions.length} of ${worst.script.actions.length} actions it still breaks:`;
  return [...failures.map(failureOf), left, ...storyOf(smaller), failureOf(smaller)].join('\n');
}

/** Plays one and the same, and says what broke. */
export async function expectHeld(script: Script, depth: Depth): Promise<Played> {
  const played = await play(script, { depth });
  expect(played.violations.length === 0 ? '' : failureOf(played)).toBe('');
  return played;
}
