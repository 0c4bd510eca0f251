// Hunts one bug: schedule after schedule, or case after case, until something says that a promise is broken.
import { devNull } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Store } from '../../src/state/store.ts';
import { type Depth, play } from '../simulation/play/play.ts';
import { scriptOf } from '../simulation/script/calm.ts';
import type { Kind } from '../simulation/script/script.ts';
import { byDepth } from '../support/cases.ts';
import type { Hunt } from './bug.ts';
import { type Case, casesOf } from './collector.ts';

/** What was tried: the n-th schedule or case of a hunt, from 1, and what came of it. */
export type Try = { readonly number: number; readonly name: string; readonly broken: string | null };

/** Schedules that hold; more of a kind are not known to. */
export const MOST: Readonly<Record<Depth, number>> = { thin: 80, full: 20 };
const FULL_SEEDS = 1_000_000;
const LONGEST_CASE_MS = byDepth(180_000, 1_800_000);
/** A day takes some thousands; what never ends is broken too. */
const MOST_VERBS = 60_000;

/** Null when there is none of that number. */
export async function tryOnce(hunt: Hunt, number: number): Promise<Try | null> {
  if ('schedules' in hunt) {
    if (number > MOST[hunt.depth]) return null;
    const name = `${hunt.schedules} ${number}`;
    return { number, name, broken: await playOne(hunt.schedules, hunt.depth, number) };
  }
  const own = (await loadCases(hunt.cases))[number - 1];
  return own === undefined ? null : { number, name: own.name, broken: await runBorrowed(own) };
}

/** The number of what is recorded: schedules are recorded by number, cases by name, as others are put before them. */
export async function numberOf(hunt: Hunt, recorded: number | string): Promise<number | null> {
  if ('schedules' in hunt || typeof recorded === 'number') return Number(recorded);
  const at = (await loadCases(hunt.cases)).findIndex(({ name }) => name === recorded);
  return at < 0 ? null : at + 1;
}

/** The goals that a borrowed case reaches are told by its own file. Whatever takes too long has shown nothing. */
async function runBorrowed({ name, run }: Case): Promise<string | null> {
  const goals = process.env.GOALS_FILE;
  process.env.GOALS_FILE = devNull;
  const over = new AbortController();
  const late = sleep(LONGEST_CASE_MS, true, { signal: over.signal }).catch(() => false);
  const broken = run().then(
    () => null,
    (error: unknown) => `${name}: ${String(error).split('\n')[0]}`,
  );
  try {
    if ((await Promise.race([broken, late])) === true) throw new Error(`${name} does not end`);
    return await broken;
  } finally {
    over.abort();
    if (goals === undefined) delete process.env.GOALS_FILE;
    else process.env.GOALS_FILE = goals;
  }
}

function loadCases(file: string): Promise<readonly Case[]> {
  return casesOf(file, () => import(fileURLToPath(new URL(`../../${file}`, import.meta.url))));
}

async function playOne(kind: Kind, depth: Depth, number: number): Promise<string | null> {
  const seed = depth === 'full' ? FULL_SEEDS + number : number;
  const limit = { left: MOST_VERBS };
  try {
    const played = await play(scriptOf(kind, seed), { depth, through: (store) => limited(store, limit) });
    const [first] = played.violations;
    if (first !== undefined) return `${first.invariant} ${first.what}`;
    return null;
  } catch (error) {
    return `it broke off: ${String(error).split('\n')[0]}`;
  }
}

/** A state that is asked more than ever again in a day refuses everything, so that what goes round in circles ends. */
function limited(store: Store, limit: { left: number }): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const verb = target[name] as (...args: never[]) => Promise<unknown>;
      return async (...args: never[]) => {
        limit.left -= 1;
        if (limit.left < 0) throw new Error('the state was asked without end');
        return verb(...args);
      };
    },
  });
}
