// G7: deliberate bugs of the engine, each behind a switch that only this project weaves in. The suite must catch every
// one of them, and nothing when no switch is set. `SEEDED_BUG=merge/last-look-wins` hunts one alone, from the start.
import { afterAll, expect, it } from 'vitest';
import { NIGHTLY } from '../support/cases.ts';
import { appendGoal } from '../support/goals.ts';
import { type Bug, type Hunt, huntOf } from './bug.ts';
import { BUGS } from './catalogue.ts';
import { CAUGHT_BY } from './caught.ts';
import { closeCases } from './collector.ts';
import { numberOf, type Try, tryOnce } from './hunt.ts';
import { setBug } from './weave.ts';

const ALONE = process.env.SEEDED_BUG;
const REPLAY = "npx vitest run --project 'seeded bugs'";
/** Most of a goal's bugs, ordered by how many schedules they took, are found in fewer than this. */
const MOST_MEDIAN = 500;
const HOURS = 6 * 3_600_000;

type Caught = { readonly bug: Bug; readonly by: Try | null };

/** What is recorded first; then from the start. At night from the start alone, so that the numbers are measured anew. */
async function hunt(bug: Bug): Promise<Try | null> {
  const how = huntOf(bug);
  const recorded = CAUGHT_BY[bug.id];
  const known = NIGHTLY || ALONE !== undefined || recorded === undefined ? null : await numberOf(how, recorded);
  setBug(bug.id);
  try {
    const again = known === null ? null : await tryOnce(how, known);
    if (again !== null && again.broken !== null) return again;
    for (let number = 1; ; number += 1) {
      const tried = await tryOnce(how, number);
      if (tried === null || tried.broken !== null) return tried;
    }
  } finally {
    setBug(null);
  }
}

afterAll(closeCases);

it('catches every deliberate bug', { timeout: HOURS }, async () => {
  const began = performance.now();
  const wanted = BUGS.filter(({ id }) => ALONE === undefined || id === ALONE);
  const found: Caught[] = [];
  for (const bug of wanted) found.push({ bug, by: await hunt(bug) });
  if (ALONE === undefined) tell(found, performance.now() - began);
  else
    for (const { bug, by } of found) process.stdout.write(`${bug.id}: ${by?.number}, "${by?.name}": ${by?.broken}\n`);
  expect(found.filter(({ by }) => by === null).map(({ bug }) => `${bug.id}: ${bug.what}`)).toEqual([]);
  expect(medianOf(found)).toBeLessThan(MOST_MEDIAN);
});

it('says nothing of the product as it is, in the same schedules and cases', { timeout: HOURS }, async () => {
  const began = performance.now();
  const places = new Map<string, { readonly hunt: Hunt; readonly number: number }>();
  for (const bug of BUGS) {
    const place = { hunt: huntOf(bug), number: (await numberOf(huntOf(bug), CAUGHT_BY[bug.id] ?? 1)) ?? 1 };
    places.set(JSON.stringify(place), place);
  }
  const alarms: string[] = [];
  setBug(null);
  for (const { hunt: how, number } of places.values()) {
    const tried = await tryOnce(how, number);
    if (tried?.broken !== null) alarms.push(`${JSON.stringify(how)} ${number}: ${tried?.broken ?? 'is not there'}`);
  }
  appendGoal({
    goal: 'G7',
    what: 'the same schedules and cases without a bug',
    reached: `${alarms.length} of ${places.size} report something`,
    ok: alarms.length === 0,
    cases: places.size,
    seed: 1,
    ms: Math.round(performance.now() - began),
    replay: REPLAY,
  });
  expect(alarms).toEqual([]);
});

function tell(found: readonly Caught[], ms: number): void {
  const caught = found.filter(({ by }) => by !== null).length;
  goal('deliberate bugs', `${caught} of ${found.length} caught, median ${medianOf(found)} schedules`, found, ms);
  if (!NIGHTLY) return;
  for (const [area, own] of Map.groupBy(found, ({ bug }) => bug.id.split('/')[0] as string)) {
    const numbers = own.map(({ by }) => by?.number ?? 'not');
    goal(`deliberate bugs: ${area}`, `first caught by schedule ${numbers.join(' ')}`, own, 0);
  }
}

function goal(what: string, reached: string, own: readonly Caught[], ms: number): void {
  const ok = own.every(({ by }) => by !== null);
  appendGoal({ goal: 'G7', what, reached, ok, cases: own.length, seed: 1, ms: Math.round(ms), replay: REPLAY });
}

/** Of one that was not caught no number is known: it counts as the largest. */
function medianOf(found: readonly Caught[]): number {
  const numbers = found.map(({ by }) => by?.number ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  return numbers[Math.floor(numbers.length / 2)] ?? Number.POSITIVE_INFINITY;
}
