// Goals that have schedules of their own: as many as the time allows, and one line for the table.
import { NIGHTLY } from '../support/cases.ts';
import { appendGoal } from '../support/goals.ts';
import type { Played } from './play/play.ts';
import { failureOf } from './tell.ts';

export type Special = {
  readonly goal: string;
  readonly what: string;
  readonly schedules: readonly [everyRun: number, nightly: number];
  readonly minutes: readonly [everyRun: number, nightly: number];
  readonly file: string;
  /** Plays one; answers what broke, and how many cases it was. */
  readonly each: (seed: number) => Promise<{ readonly broken: string | null; readonly cases: number }>;
  /** The figure of a clean run. */
  readonly reached: (cases: number) => string;
};

const PATIENCE = Number(process.env.SIM_MINUTES ?? 1);

/** Throws what broke. */
export async function proveSpecial(special: Special): Promise<void> {
  const column = NIGHTLY ? 1 : 0;
  const [began, limit] = [performance.now(), special.minutes[column] * 60_000 * PATIENCE];
  let [seed, cases] = [1, 0];
  let broken: string | null = null;
  for (; seed <= special.schedules[column] && broken === null; seed += 1) {
    if (seed > 1 && performance.now() - began > limit) break;
    const result = await special.each(seed);
    cases += result.cases;
    broken = result.broken;
  }
  appendGoal({
    goal: special.goal,
    what: special.what,
    reached: broken === null ? `${special.reached(cases)} in ${seed - 1} schedules` : `seed ${seed - 1} broke it`,
    ok: broken === null,
    cases,
    seed: 1,
    ms: Math.round(performance.now() - began),
    replay: `npx vitest run ${special.file}`,
  });
  if (broken !== null) throw new Error(`seed ${seed - 1}: ${broken}`);
}

export function brokenIn(played: Played): string | null {
  return played.violations.length === 0 ? null : failureOf(played);
}
