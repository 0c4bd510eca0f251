// A day in which nobody does anything: sweeps, the nightly pass and a forced resync read everything, and write nothing.
import { afterEach, expect, it } from 'vitest';
import { ask } from '../support/ask-world.ts';
import { byDepth, reportGoal } from '../support/cases.ts';
import { linkPairs, pairedCompany } from '../support/linked-pairs.ts';
import { createWorld, PROCUREMENT, type World } from '../support/world.ts';

const LINKS = byDepth(10_000, 100_000);
const HOUR = 3_600_000;

let world: World;
afterEach(() => world.stop());

it('writes nothing in a day without edits, nor in a resync of all', {
  timeout: byDepth(300_000, 7_200_000),
}, async () => {
  const began = performance.now();
  world = await createWorld({ company: pairedCompany(LINKS), limits: 'real' });
  await linkPairs(world, LINKS, PROCUREMENT);
  world.listen();
  await world.begin();
  world.requests();
  world.writes();
  const from = world.clock.now();

  await world.idle(24 * HOUR);
  // The pass over everything of each night was among it: what was read is not only what had changed.
  const { 'sweep/procurement': note } = await world.store.notes();
  expect((note as { allAt: number }).allAt).toBeGreaterThan(from);
  const resync = await ask(world, 'resync', { profile: 'procurement', force: true });
  expect(resync).toMatchObject({ state: 'done' });
  await world.run(60_000);

  const written = world.writes();
  const { links, parkedByKind } = await world.store.counts('procurement');
  reportGoal(
    {
      goal: 'G9',
      what: '24 idle hours and a resync',
      file: import.meta.url,
      reached: (links) => `0 writes for ${links.toLocaleString('en')} links`,
    },
    { cases: LINKS, ms: performance.now() - began, reached: written.length === 0 ? null : `${written.length} writes` },
  );
  expect(written).toEqual([]);
  expect(links.active).toBe(LINKS);
  expect(parkedByKind).toEqual({});
});
