// Records that come back, are merged into one another, copied, or moved: the pair follows the record, never a copy of it.
import { afterEach, describe, expect, it } from 'vitest';
import { otherSide, SIDES } from '../../src/model.ts';
import { createPairs, type Pairs, withPolicy } from '../support/many-pairs.ts';
import { PROCUREMENT } from '../support/world.ts';

let office: Pairs;
afterEach(() => office.world.stop());

const MINUTE = 60_000;
const bitrix24 = () => office.world.sandbox.bitrix24.product;
const jira = () => office.world.sandbox.jira.product;

async function expectPairsOf(count: number): Promise<void> {
  expect(office.issues()).toHaveLength(count);
  expect(office.deals()).toHaveLength(count);
  expect(await office.counts()).toEqual({ active: count });
}

describe('a deal that is restored', () => {
  it.each([
    ['before the second look', 20_000],
    ['after the pair was given up', 10 * MINUTE],
  ])('under its old id %s goes on with its issue', async (_when, wait) => {
    office = await createPairs(4);
    const pair = office.at(0);
    bitrix24().configure({ variants: { 'recycle-restore': 'B' } });
    office.remove('crm', pair.crm);
    await office.world.run(wait);
    bitrix24().configure({ restore: { entity: 'deal', id: Number(pair.crm) } });
    await office.world.run(5 * MINUTE);
    expect(office.world.writes()).toEqual([]);
    await expectPairsOf(4);
    office.editIssue(pair.jira, { summary: 'Back again' });
    await office.world.run(5_000);
    expect(office.deal(pair.crm).title).toBe('Back again');
  });

  it('asks once more about a conflict that nobody could decide while it was gone', async () => {
    office = await createPairs(4);
    const { store } = office.world;
    const pair = office.at(0);
    office.webhooks('lost');
    office.editIssue(pair.jira, { summary: 'Seals, by road' });
    office.editDeal(pair.crm, { title: 'Seals, by air' });
    await office.world.idle(10 * MINUTE);
    const asked = await store.conflicts({ status: 'open' });
    expect(asked).toMatchObject([{ values: { jira: 'Seals, by road', crm: 'Seals, by air' } }]);

    bitrix24().configure({ variants: { 'recycle-restore': 'B' } });
    office.webhooks('normal');
    office.remove('crm', pair.crm);
    await office.world.run(10 * MINUTE);
    expect(await office.stateOf('jira', pair.jira)).toBe('gone');
    expect(await store.conflicts({ status: 'open' })).toEqual([]);

    bitrix24().configure({ restore: { entity: 'deal', id: Number(pair.crm) } });
    await office.world.run(5 * MINUTE);
    await expectPairsOf(4);
    expect((await store.conflicts({ status: 'open' })).map(({ id }) => id)).toEqual(asked.map(({ id }) => id));
  });

  it.each([
    ['before the second look', 20_000],
    ['after the pair was given up', 10 * MINUTE],
  ])('under a new id %s goes on with its issue too, by its mark', async (_when, wait) => {
    office = await createPairs(4);
    const pair = office.at(0);
    bitrix24().configure({ variants: { 'recycle-restore': 'A' } });
    office.remove('crm', pair.crm);
    await office.world.run(wait);
    bitrix24().configure({ restore: { entity: 'deal', id: Number(pair.crm) } });
    await office.world.run(5 * MINUTE);
    await expectPairsOf(4);
    const link = await office.world.store.linkOf({ profile: 'procurement', side: 'jira', id: pair.jira });
    expect(link?.ids.crm).not.toBe(pair.crm);
    office.editIssue(pair.jira, { summary: 'Back again' });
    await office.world.run(5_000);
    expect(office.deal(link?.ids.crm ?? '').title).toBe('Back again');
  });
});

describe('deals that are merged', () => {
  it('into one that belongs to nobody: the pair goes on with that one', async () => {
    office = await createPairs(4);
    const pair = office.at(0);
    // A draft waits, so nobody has made an issue for it.
    const winner = office.newDeal({ title: 'Lot 0, entered twice', stage: 'Черновик', opportunity: 5 });
    await office.world.run(MINUTE);
    bitrix24().configure({ merge: { entity: 'deal', winner: Number(winner), losers: [Number(pair.crm)] } });
    await office.world.run(5 * MINUTE);
    const link = await office.world.store.linkOf({ profile: 'procurement', side: 'jira', id: pair.jira });
    expect(link?.ids).toEqual({ jira: pair.jira, crm: winner });
    expect(office.issues()).toHaveLength(4);
    expect(office.exists('jira', pair.jira)).toBe(true);
    office.editDeal(winner, { stage: 'Новая' });
    await office.world.run(MINUTE);
    expect(office.issues()).toHaveLength(4);
    expect((await office.counts()).active).toBe(4);
  });

  it('into one with another title: nobody said which one is right, so a person decides', async () => {
    office = await createPairs(4);
    const pair = office.at(0);
    // Of a deal that is over nobody has made an issue.
    const winner = office.newDeal({ title: 'Lot 0, entered twice', stage: 'Проиграна' });
    await office.world.run(MINUTE);
    const { summary } = office.issue(pair.jira);
    bitrix24().configure({ merge: { entity: 'deal', winner: Number(winner), losers: [Number(pair.crm)] } });
    await office.world.run(5 * MINUTE);
    expect(await office.stateOf('crm', winner)).toBe('active');
    expect(office.issue(pair.jira).summary).toBe(summary);
    expect(office.deal(winner).title).toBe('Lot 0, entered twice');
    const conflicts = await office.world.store.conflicts({ status: 'open' });
    const title = conflicts.find(({ field }) => field === 'Название');
    expect(title).toMatchObject({ base: null, values: { jira: summary, crm: 'Lot 0, entered twice' } });
  });

  it('into one that has an issue of its own: the lost one is given up, its issue stays', async () => {
    office = await createPairs(4, { profile: withPolicy('when-crm-gone: unlink') });
    const [winner, loser] = [office.at(0), office.at(1)];
    bitrix24().configure({ merge: { entity: 'deal', winner: Number(winner.crm), losers: [Number(loser.crm)] } });
    await office.world.run(5 * MINUTE);
    await office.census();
    expect(office.issues()).toHaveLength(4);
    expect(office.deals()).toHaveLength(3);
    expect(await office.stateOf('jira', winner.jira)).toBe('active');
    expect(['gone', 'merged-away']).toContain(await office.stateOf('jira', loser.jira));
  });
});

it('a deal with an issue of its own that took over the mark of a merged one is left to a person', async () => {
  office = await createPairs(4);
  const [winner, loser] = [office.at(0), office.at(1)];
  office.editDeal(winner.crm, { originId: `issue-${loser.jira}` });
  await office.world.run(MINUTE);
  office.remove('crm', loser.crm);
  await office.world.run(5 * MINUTE);
  expect(await office.stateOf('jira', loser.jira)).toBe('merged-away');
  expect(await office.reasonOf('jira', loser.jira)).toContain(`was merged into ${winner.crm}, which is paired with`);
  expect(await office.stateOf('jira', winner.jira)).toBe('active');
  expect(await office.world.store.parked({})).toMatchObject([{ side: 'jira', id: loser.jira, kind: 'merged-away' }]);
  await office.census();
  await office.world.idle(30 * MINUTE);
  expect(office.world.writes()).toEqual([]);
  expect(office.issues()).toHaveLength(4);
});

describe('an issue that is cloned', () => {
  it('is a record of its own: its copied mark is ignored', async () => {
    office = await createPairs(3);
    const pair = office.at(0);
    jira().configure({ cloneIssue: { issue: office.issue(pair.jira).key } });
    await office.world.run(5 * MINUTE);
    expect(office.issues()).toHaveLength(4);
    expect(office.deals()).toHaveLength(4);
    expect(await office.counts()).toEqual({ active: 4 });
    const link = await office.world.store.linkOf({ profile: 'procurement', side: 'jira', id: pair.jira });
    expect(link?.ids.crm).toBe(pair.crm);
    office.editDeal(pair.crm, { title: 'The original' });
    await office.world.run(MINUTE);
    expect(
      office
        .issues()
        .filter(({ summary }) => summary === 'The original')
        .map(({ id }) => id),
    ).toEqual([pair.jira]);
  });

  it('whose original was made by us from a deal does not take its deal', async () => {
    office = await createPairs(2);
    const deal = office.newDeal({ title: 'Фильтры', stage: 'Новая', opportunity: 7 });
    await office.world.run(MINUTE);
    const made = office.issues().find(({ summary }) => summary === 'Фильтры');
    expect(made?.mark).toBe(`crm-deal-${deal}`);
    jira().configure({ cloneIssue: { issue: made?.key ?? '' } });
    await office.world.run(5 * MINUTE);
    const link = await office.world.store.linkOf({ profile: 'procurement', side: 'crm', id: deal });
    expect(link?.ids.jira).toBe(made?.id);
    expect(office.deals().filter(({ title }) => title.includes('Фильтры'))).toHaveLength(2);
    expect((await office.counts()).active).toBe(4);
    expect((await office.world.store.parked({})).filter(({ kind }) => kind !== 'MappingError')).toEqual([]);
  });
});

describe('a record that leaves the scope', () => {
  it('keeps its pair, is left alone meanwhile, and goes on when it comes back', async () => {
    const policy = ['when-jira-gone: delete', 'when-crm-gone: delete', 'allow-delete: true'];
    office = await createPairs(3, { profile: withPolicy(...policy) });
    const pair = office.at(0);
    office.editDeal(pair.crm, { category: 'Общая' });
    await office.world.run(10 * MINUTE);
    await office.census();
    expect(await office.stateOf('crm', pair.crm)).toBe('out-of-scope');
    office.editIssue(pair.jira, { summary: 'Waits for its deal' });
    await office.world.idle(60 * MINUTE);
    expect(office.exists('jira', pair.jira)).toBe(true);
    expect(office.world.writes()).toEqual([]);
    office.editDeal(pair.crm, { category: 'Закупки', stage: 'Новая' });
    await office.world.run(10 * MINUTE);
    expect(office.deal(pair.crm).title).toBe('Waits for its deal');
    await expectPairsOf(3);
  });

  it('is no deletion when an issue is moved to another project', async () => {
    office = await createPairs(3, { profile: withPolicy('when-jira-gone: delete', 'allow-delete: true') });
    const pair = office.at(0);
    jira().configure({ moveIssue: { issue: pair.jira, project: 'OPS' } });
    await office.world.run(10 * MINUTE);
    await office.census();
    expect(await office.stateOf('jira', pair.jira)).toBe('out-of-scope');
    expect(office.exists('crm', pair.crm)).toBe(true);
    expect(office.world.writes()).toEqual([]);
  });

  it('and comes back goes on where it was, on the Jira side too', async () => {
    const profile = PROCUREMENT.replace(
      'type: Purchase request',
      'type: Purchase request\n  where: labels not in (private)',
    );
    office = await createPairs(3, { profile });
    const pair = office.at(0);
    office.editIssue(pair.jira, { labels: ['seals', 'private'] });
    await office.world.run(10 * MINUTE);
    expect(await office.stateOf('jira', pair.jira)).toBe('out-of-scope');
    office.editDeal(pair.crm, { title: 'Away and back' });
    await office.world.run(10 * MINUTE);
    await office.census();
    expect(office.world.writes()).toEqual([]);
    office.editIssue(pair.jira, { labels: ['seals'] });
    await office.world.run(10 * MINUTE);
    expect(office.issue(pair.jira).summary).toBe('Away and back');
    await expectPairsOf(3);
  });

  it.each(SIDES.map((side) => ({ side, other: otherSide(side) })))(
    'and whose $side partner is then deleted is not touched',
    async ({ side, other }) => {
      const policy = ['when-jira-gone: delete', 'when-crm-gone: delete', 'allow-delete: true'];
      office = await createPairs(3, { profile: withPolicy(...policy) });
      const pair = office.at(0);
      if (other === 'jira') jira().configure({ moveIssue: { issue: pair.jira, project: 'OPS' } });
      else office.editDeal(pair.crm, { category: 'Общая' });
      await office.world.run(10 * MINUTE);
      office.remove(side, pair[side]);
      await office.world.run(10 * MINUTE);
      expect(await office.stateOf(other, pair[other])).toBe('gone');
      const all = JSON.stringify(other === 'jira' ? jira().state() : bitrix24().state());
      expect(all).toContain(pair[other]);
      expect(office.world.writes()).toEqual([]);
    },
  );
});
