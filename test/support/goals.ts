// One JSON line per goal of a test run, so that the runner can print one table of what was promised and what was shown.
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Goal = {
  /** `G20`, `S7`, `T12`: numbers of the design's tables. */
  readonly goal: string;
  /** What was tried, in a few words. */
  readonly what: string;
  /** The figure: `0 of 100,000 accepted`. */
  readonly reached: string;
  readonly ok: boolean;
  readonly cases: number;
  readonly seed: number;
  readonly ms: number;
  /** The command that does the same again. */
  readonly replay: string;
};

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Ignored by git; a runner that wants a fresh table removes it first, or names another file. */
export function goalsFile(): string {
  return process.env.GOALS_FILE ?? join(root, '.vitest', 'goals.jsonl');
}

export function appendGoal(goal: Goal): void {
  mkdirSync(dirname(goalsFile()), { recursive: true });
  const ran = [process.env.STATE, process.env.QUEUE].filter((part) => part !== undefined && part !== '');
  const what = ran.length === 0 ? goal.what : `${goal.what} (${ran.join(', ')})`;
  // A short line in one write: files of tests run side by side.
  appendFileSync(goalsFile(), `${JSON.stringify({ ...goal, what })}\n`);
}
