// After every pass over everything the marks are looked at as a whole: copies are told and left alone, and a record of ours
// whose link was lost finds its partner again without a second one being made.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { readStatus } from '../../src/work/status.ts';
import { company } from '../support/office.ts';
import { createPair, type Pair, profileWith } from '../support/one-pair.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';
import { tamperWith } from '../support/world-state.ts';

const MINUTE = 60_000;
const folder = temporaryFolders();

let pair: Pair | undefined;
afterEach(() => pair?.stop());

async function lastAudit({ world }: Pair) {
  await world.store.note('profiles', {
    at: 0,
    loaded: [...world.profiles.current().values()].map(({ name, version, file }) => ({ name, version, file })),
    problems: [],
    waitsFor: null,
  });
  return (await readStatus(world.store)).profiles[0]?.lastAudit ?? null;
}

async function fullPass({ world }: Pair): Promise<void> {
  const profile = world.profiles.current().get('procurement');
  if (profile === undefined) throw new Error('the profile is not loaded');
  const pass = { pass: 'all', cause: 'sweep', lane: 'bulk', force: false } as const;
  await world.clock.until(world.engine.sweeper.run(profile, pass));
  await world.run(5_000);
}

it('a mark that a person copied to another deal is told after the nightly pass, and nothing is done', async () => {
  pair = await createPair({
    company: company([{}, { summary: 'Bearings' }], [{}, { title: 'Bearings' }]),
    profile: profileWith([['cron: "0 3 * * *", zone: Europe/Moscow', 'cron: "*/30 * * * *", zone: Europe/Moscow']]),
  });
  const { world } = pair;
  expect(await lastAudit(pair)).toMatchObject({ twice: [] });
  const [first, second] = pair.deals();
  const mark = `issue-${pair.issues()[0]?.id}`;
  if (first === undefined || second === undefined) throw new Error('two deals are needed');
  for (const { id } of [first, second]) pair.editDeal(id, { originId: mark });
  await world.run(MINUTE);
  const before = [pair.issues(), pair.deals()];
  world.writes();
  world.clock.jump(31 * MINUTE);
  await world.run(MINUTE);
  const told = [{ side: 'crm', key: mark, records: [first.id, second.id] }];
  expect(await lastAudit(pair)).toMatchObject({ twice: told, marked: 0 });
  expect(world.writes()).toEqual([]);
  expect([pair.issues(), pair.deals()]).toEqual(before);
  expect((await world.store.counts('procurement')).links.active).toBe(pair.deals().length);
});

it('an issue with our mark whose link was lost finds its deal again, and nothing is created', async () => {
  const stateFile = join(folder(), 'state.db');
  pair = await createPair({ stateFile });
  const { world } = pair;
  const deal = pair.newDeal({ title: 'Фильтры', stage: 'Новая', opportunity: 7 });
  await world.run(MINUTE);
  const issue = pair.issues().find(({ summary }) => summary === 'Фильтры');
  expect(issue?.mark).toBe(`crm-deal-${deal}`);
  await fullPass(pair);
  world.writes();

  await tamperWith(stateFile, [
    ['UPDATE link SET ended_at = 1 WHERE crm_id = ?', deal],
    ['UPDATE seen SET linked = 0 WHERE id IN (?, ?)', deal, issue?.id ?? ''],
  ]);
  await world.run(10 * MINUTE);
  expect(await world.store.linkOf({ profile: 'procurement', side: 'crm', id: deal })).toBeNull();

  await fullPass(pair);
  const link = await world.store.linkOf({ profile: 'procurement', side: 'crm', id: deal });
  expect(link).toMatchObject({ ids: { jira: issue?.id, crm: deal }, origin: 'stamp', state: 'active' });
  expect(await lastAudit(pair)).toMatchObject({ twice: [], marked: expect.toSatisfy((n: number) => n > 0) });
  expect(world.writes()).toEqual([]);
  await fullPass(pair);
  expect(await lastAudit(pair)).toMatchObject({ twice: [], marked: 0 });
});
