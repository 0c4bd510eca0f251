// S20: a policy means the same on either side. A day is played twice, the second time with Jira and the CRM exchanged in the
// profile and in what people do: everything ends exchanged.
import { expect, it } from 'vitest';
import { otherSide, SIDES, type Side } from '../../src/model.ts';
import { type Played, play } from './play/play.ts';
import { brokenIn, proveSpecial } from './prove.ts';
import { TEST_TIMEOUT } from './schedules.ts';
import { bothWays, MIRRORED, mirrored } from './script/mirror.ts';
import { firstIds } from './stage/first-company.ts';

/** What every pair says at the end, and what was told of conflicts; `as` puts one side in the other's place. */
function endOf({ evidence, script }: Played, as: (side: Side) => Side): string {
  const pairs = [...firstIds(script.setup)];
  const named = new Map(pairs.map(([name, ids]) => [ids.jira, name]));
  const screens = pairs.flatMap(([name, ids]) =>
    SIDES.map((side) => {
      const fields = evidence.seen[as(side)].get(ids[as(side)] ?? '')?.fields;
      return [name, side, MIRRORED.map((field) => fields?.[field] ?? null)];
    }),
  );
  const conflicts = evidence.conflicts.map(({ ids, field, values, outcome }) => {
    const winner = outcome === 'jira' || outcome === 'crm' ? as(outcome) : outcome;
    return [named.get(ids.jira), field, ...SIDES.map((side) => values[as(side)]), winner];
  });
  return JSON.stringify([screens, conflicts.map((row) => JSON.stringify(row)).sort()], null, 1);
}

it('comes to the mirrored end of a mirrored day', { timeout: TEST_TIMEOUT }, async () => {
  let conflicts = 0;
  await expect(
    proveSpecial({
      goal: 'S20',
      what: 'days with the two sides exchanged: everything ends exchanged',
      schedules: [12, 3_000],
      minutes: [3, 20],
      file: 'test/simulation/mirrored.test.ts',
      async each(seed) {
        const script = bothWays(seed);
        const depth = seed % 10 === 0 ? 'full' : 'thin';
        const [straight, turned] = [await play(script, { depth }), await play(mirrored(script), { depth })];
        conflicts += straight.evidence.conflicts.length;
        const [here, there] = [endOf(straight, (side) => side), endOf(turned, otherSide)];
        const differ = here === there ? null : `${here}\nis not the mirror of\n${there}`;
        return { broken: brokenIn(straight) ?? brokenIn(turned) ?? differ, cases: 1 };
      },
      reached: (cases) => `${cases} of ${cases} pairs of days mirror each other, ${conflicts} conflicts in them`,
    }),
  ).resolves.toBeUndefined();
  expect(conflicts).toBeGreaterThan(0);
});
