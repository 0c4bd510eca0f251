// A record that is deleted: what it takes to believe it, and what the profile then does with its partner.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { otherSide, SIDES } from '../../src/model.ts';
import { createPairs, type Pairs, withPolicy } from '../support/many-pairs.ts';

let office: Pairs;
afterEach(() => office.world.stop());

const MINUTE = 60_000;
const both = SIDES.map((side) => ({ side, other: otherSide(side) }));

describe('with `unlink`', () => {
  beforeEach(async () => {
    office = await createPairs(4);
  });

  it.each(both)(
    'a pair whose $side record was deleted is given up after a second look, and nothing is written',
    async ({ side, other }) => {
      const { world } = office;
      const pair = office.at(1);
      office.remove(side, pair[side]);
      await world.run(30_000);
      expect(await office.stateOf(side, pair[side])).toBe('active');
      expect(await office.reasonOf(side, pair[side])).toContain('looked for once more');
      await world.run(MINUTE);
      expect(await office.stateOf(side, pair[side])).toBe('gone');
      expect(await office.reasonOf(side, pair[side])).toContain('was deleted');
      expect(await world.store.journal({ profile: 'procurement', limit: 1 })).toMatchObject([
        { action: 'unlink', side: other },
      ]);

      // The survivor is edited, everything is looked at again: it gets no new partner.
      if (other === 'jira') office.editIssue(pair.jira, { summary: 'Alone now' });
      else office.editDeal(pair.crm, { title: 'Alone now' });
      await world.run(2 * MINUTE);
      await office.census();
      await world.idle(60 * MINUTE);
      expect(world.writes()).toEqual([]);
      expect(await office.counts()).toEqual({ active: 3, gone: 1 });
    },
  );

  it.each(both)(
    'a pair whose $side record vanished without a word is found by the next full pass',
    async ({ side }) => {
      const pair = office.at(1);
      office.webhooks('lost');
      office.remove(side, pair[side]);
      await office.world.run(20 * MINUTE);
      expect(await office.stateOf(side, pair[side])).toBe('active');
      await office.census();
      await office.world.run(2 * MINUTE);
      expect(await office.reasonOf(side, pair[side])).toContain('gone or hidden');
      expect(await office.counts()).toEqual({ active: 3, gone: 1 });
      expect(office.world.writes()).toEqual([]);
    },
  );

  it('a pair that lost both records is over', async () => {
    const pair = office.at(0);
    for (const side of SIDES) office.remove(side, pair[side]);
    await office.world.run(3 * MINUTE);
    expect(await office.reasonOf('crm', pair.crm)).toContain('and so is');
    expect(await office.counts()).toEqual({ active: 3, gone: 1 });
    expect(office.world.writes()).toEqual([]);
  });

  it('nothing is concluded where no other record can be read to compare with', async () => {
    for (const pair of office.pairs) office.remove('crm', pair.crm);
    await office.world.run(30 * MINUTE);
    expect(await office.counts()).toEqual({ active: 4 });
    expect(office.world.writes()).toEqual([]);
  });
});

describe('with `mark`', () => {
  it('the deal of a deleted issue gets its stage, once', async () => {
    office = await createPairs(3, { profile: withPolicy('when-jira-gone: { mark: { stage: "Проиграна" } }') });
    const pair = office.at(0);
    office.remove('jira', pair.jira);
    await office.world.run(2 * MINUTE);
    expect(office.deal(pair.crm).stage).toBe('Проиграна');
    expect(await office.counts()).toEqual({ active: 2, gone: 1 });
    expect(office.world.writes()).toHaveLength(1);

    office.editDeal(pair.crm, { stage: 'В работе' });
    await office.world.idle(60 * MINUTE);
    await office.census();
    expect(office.deal(pair.crm).stage).toBe('В работе');
    expect(office.world.writes()).toEqual([]);
  });

  it('the issue of a deleted deal gets one more label', async () => {
    office = await createPairs(3, { profile: withPolicy('when-crm-gone: { mark: { labels: crm-gone } }') });
    const pair = office.at(0);
    office.remove('crm', pair.crm);
    await office.world.run(2 * MINUTE);
    expect([...office.issue(pair.jira).labels].sort()).toEqual(['crm-gone', 'seals']);
    expect(office.world.writes()).toHaveLength(1);
  });

  it('a mark that the product refuses is parked, and the pair is over all the same', async () => {
    office = await createPairs(3, { profile: withPolicy('when-crm-gone: { mark: { status: Done } }') });
    const pair = office.at(0);
    office.remove('crm', pair.crm);
    await office.world.run(2 * MINUTE);
    expect(await office.counts()).toEqual({ active: 2, gone: 1 });
    expect(await office.world.store.parked({})).toMatchObject([{ side: 'jira', id: pair.jira, kind: 'RejectedError' }]);
  });
});

describe('with `delete`', () => {
  const policy = withPolicy('when-jira-gone: delete', 'when-crm-gone: delete', 'allow-delete: true');
  beforeEach(async () => {
    office = await createPairs(4, { profile: policy });
  });

  it.each(both)('the partner of a deleted $side record is deleted too', async ({ side, other }) => {
    const pair = office.at(0);
    office.remove(side, pair[side]);
    await office.world.run(50_000);
    expect(office.exists(other, pair[other])).toBe(true);
    await office.world.run(MINUTE);
    expect(office.exists(other, pair[other])).toBe(false);
    await office.world.run(5 * MINUTE);
    await office.census();
    expect(await office.counts()).toEqual({ active: 3, gone: 1 });
    expect(await office.world.store.journal({ profile: 'procurement', limit: 1 })).toMatchObject([
      { action: 'delete', side: other },
    ]);
    expect(office.issues()).toHaveLength(3);
    expect(office.deals()).toHaveLength(3);
  });

  it.each(both)('nothing is deleted where nobody told of a deletion on the $side side', async ({ side, other }) => {
    const pair = office.at(0);
    office.webhooks('lost');
    office.remove(side, pair[side]);
    await office.census();
    await office.world.run(5 * MINUTE);
    expect(office.exists(other, pair[other])).toBe(true);
    expect(await office.reasonOf(side, pair[side])).toContain('because nobody told of a deletion');
    expect(office.world.writes()).toEqual([]);
  });

  it('a delete event that comes late still counts', async () => {
    const pair = office.at(0);
    office.webhooks('paused');
    office.remove('crm', pair.crm);
    await office.census();
    await office.world.run(5 * MINUTE);
    expect(await office.stateOf('crm', pair.crm)).toBe('gone');
    office.webhooks('normal');
    await office.world.run(5 * MINUTE);
    expect(office.exists('jira', pair.jira)).toBe(false);
  });

  it('a delete event of a record that is still there means nothing, also not later', async () => {
    const pair = office.at(0);
    const mark = {
      profile: 'procurement',
      side: 'crm',
      id: pair.crm,
      lane: 'live',
      cause: 'event',
      version: null,
      deleted: true,
    } as const;
    await office.world.store.acceptDelivery(null, [mark], office.world.clock.now());
    office.world.engine.ring();
    await office.world.run(3 * MINUTE);
    expect(await office.stateOf('crm', pair.crm)).toBe('active');
    office.webhooks('lost');
    office.remove('crm', pair.crm);
    await office.census();
    await office.world.run(3 * MINUTE);
    expect(office.exists('jira', pair.jira)).toBe(true);
  });

  it.each(both)('a record that was edited since is kept and reported', async ({ side, other }) => {
    const pair = office.at(0);
    office.remove(side, pair[side]);
    if (other === 'jira') office.editIssue(pair.jira, { summary: 'Still needed' });
    else office.editDeal(pair.crm, { title: 'Still needed' });
    await office.world.run(3 * MINUTE);
    expect(office.exists(other, pair[other])).toBe(true);
    expect(await office.world.store.parked({})).toMatchObject([
      { side: other, id: pair[other], kind: 'edited-and-gone' },
    ]);
    expect(office.world.writes()).toEqual([]);
  });

  it.each(both)('a record that is edited while others are read to compare with is kept', async ({ side, other }) => {
    const { world } = office;
    const pair = office.at(0);
    office.remove(side, pair[side]);
    await world.run(30_000);
    // The second look begins with the record that is left.
    world.watch((step) => {
      if (step.kind !== 'answer' || step.side !== other) return;
      world.watch(null);
      if (other === 'jira') office.editIssue(pair.jira, { summary: 'Still needed' });
      else office.editDeal(pair.crm, { title: 'Still needed' });
    });
    await world.run(3 * MINUTE);
    expect(office.exists(other, pair[other])).toBe(true);
    expect(await world.store.parked({})).toMatchObject([{ side: other, id: pair[other], kind: 'edited-and-gone' }]);
  });

  it('a refused deletion is parked', async () => {
    const pair = office.at(0);
    office.world.sandbox.jira.product.configure({ deny: ['delete'] });
    office.remove('crm', pair.crm);
    await office.world.run(3 * MINUTE);
    expect(office.exists('jira', pair.jira)).toBe(true);
    expect(await office.world.store.parked({})).toMatchObject([{ side: 'jira', id: pair.jira, kind: 'RejectedError' }]);
  });
});
