// What the promises do not rest on: hints, sweeps, the memory of deliveries, the order in which news arrives.
import { expect, it } from 'vitest';
import type { Store } from '../../src/state/store.ts';
import { type Played, play } from './play/play.ts';
import { brokenIn, proveSpecial } from './prove.ts';
import { TEST_TIMEOUT } from './schedules.ts';
import { forNoSweeps, isolatedEdits, killedWhenTold, withoutHints } from './script/calm.ts';
import { generate } from './script/generate.ts';

const file = 'test/simulation/ablations.test.ts';
const promises = (cases: number) => `0 of ${cases} broke a promise`;

async function one(playing: Promise<Played>): Promise<{ broken: string | null; cases: number }> {
  return { broken: brokenIn(await playing), cases: 1 };
}

it('keeps every promise when nothing from outside ever tells of a change', { timeout: TEST_TIMEOUT }, async () => {
  await expect(
    proveSpecial({
      goal: 'S9',
      what: 'without any hint, by sweeps alone',
      schedules: [60, 6_000],
      minutes: [3, 20],
      file,
      each: (seed) => one(play(withoutHints(seed), { depth: 'thin' })),
      reached: promises,
    }),
  ).resolves.toBeUndefined();
});

it('keeps every promise without sweeps while deliveries arrive', { timeout: TEST_TIMEOUT }, async () => {
  await expect(
    proveSpecial({
      goal: 'S9',
      what: 'without sweeps, by deliveries alone',
      schedules: [60, 6_000],
      minutes: [3, 20],
      file,
      each: (seed) => one(play(forNoSweeps(seed), { depth: 'thin' })),
      reached: promises,
    }),
  ).resolves.toBeUndefined();
});

it('keeps every promise when no delivery is recognised as a repetition', { timeout: TEST_TIMEOUT }, async () => {
  const forgetful = (store: Store): Store => ({
    ...store,
    acceptDelivery: (_id, marks, now) => store.acceptDelivery(null, marks, now),
  });
  await expect(
    proveSpecial({
      goal: 'S10',
      what: 'without the memory of deliveries',
      schedules: [60, 6_000],
      minutes: [3, 20],
      file,
      each: (seed) => one(play(generate(seed), { depth: 'thin', through: forgetful })),
      reached: promises,
    }),
  ).resolves.toBeUndefined();
});

it('has on the disk what it answered with 2xx, whenever it dies', { timeout: TEST_TIMEOUT }, async () => {
  await expect(
    proveSpecial({
      goal: 'S15',
      what: 'killed in the moment of a 2xx, 15 times a day; nothing is told again, no sweep looks',
      schedules: [30, 4_000],
      minutes: [3, 20],
      file,
      each: (seed) => one(play(killedWhenTold(seed), { depth: 'thin' })),
      reached: promises,
    }),
  ).resolves.toBeUndefined();
});

it('finds out a state that says yes before it has stored what it was told', { timeout: TEST_TIMEOUT }, async () => {
  const hasty = (store: Store): Store => {
    const kept: (() => Promise<unknown>)[] = [];
    let verbs = 0;
    return new Proxy(store, {
      get(target, name: keyof Store) {
        const verb = target[name] as (...args: never[]) => Promise<unknown>;
        return async (...args: never[]) => {
          if (name === 'acceptDelivery') {
            kept.push(() => verb(...args));
            return { duplicate: false };
          }
          verbs += 1;
          if (verbs % 30 === 0) for (const write of kept.splice(0)) await write();
          return verb(...args);
        };
      },
    });
  };
  let found = 0;
  for (let seed = 1; seed <= 10 && found === 0; seed += 1) {
    const { violations } = await play(killedWhenTold(seed), { depth: 'thin', through: hasty });
    if (violations.some(({ invariant }) => invariant === 'S1' || invariant === 'S2')) found = seed;
  }
  expect(found).toBeGreaterThan(0);
});

it('comes to the same end in whatever order the news arrives', { timeout: TEST_TIMEOUT }, async () => {
  const end = ({ evidence }: Played) =>
    JSON.stringify(
      [...evidence.seen.jira.values(), ...evidence.seen.crm.values()].map(({ id, fields }) => [id, fields]),
    );
  await expect(
    proveSpecial({
      goal: 'S8',
      what: 'isolated edits, news in order and in any order: the same end',
      schedules: [30, 3_000],
      minutes: [3, 20],
      file,
      async each(seed) {
        const straight = await play(isolatedEdits(seed, 'normal'), { depth: 'thin' });
        const shuffled = await play(isolatedEdits(seed, 'shuffled'), { depth: 'thin' });
        const differ = end(straight) === end(shuffled) ? null : 'the two ends are different';
        return { broken: brokenIn(straight) ?? brokenIn(shuffled) ?? differ, cases: 1 };
      },
      reached: (cases) => `${cases} of ${cases} pairs end alike`,
    }),
  ).resolves.toBeUndefined();
});
