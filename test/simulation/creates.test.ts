// G5: what is made on one side is made once on the other, whatever becomes of the answers.
import { expect, it } from 'vitest';
import { play } from './play/play.ts';
import { brokenIn, proveSpecial } from './prove.ts';
import { TEST_TIMEOUT } from './schedules.ts';
import { CREATES, manyCreates } from './script/calm.ts';

it('creates nothing twice under lost answers, crashes and a slow index', { timeout: TEST_TIMEOUT }, async () => {
  await expect(
    proveSpecial({
      goal: 'G5',
      what: 'creates, 20 % without an answer, 5 % with a crash, index up to 15 min late',
      schedules: [80, 1_600],
      minutes: [8, 60],
      file: 'test/simulation/creates.test.ts',
      each: async (seed) => ({ broken: brokenIn(await play(manyCreates(seed), { depth: 'thin' })), cases: CREATES }),
      reached: (cases) => `0 of ${cases.toLocaleString('en')} doubled or missing`,
    }),
  ).resolves.toBeUndefined();
});
