// Two people, two products, two fields of one pair: both edits arrive, each with one write, and nothing comes back.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { differences, type Office, ONE_PAIR, office } from '../support/office.ts';
import { createWorld, type World } from '../support/world.ts';

const DEAL = '7001';
let world: World;
let desk: Office;
let issue: string;

beforeEach(async () => {
  world = await createWorld({ company: ONE_PAIR });
  desk = office(world);
  await world.settle();
  issue = desk.issues()[0]?.id ?? '';
  world.writes();
  world.requests();
});
afterEach(() => world.stop());

it('carries an edit on each side to the other, with one write each and none back', async () => {
  desk.editDeal(DEAL, { opportunity: 135_500 }, 'Anna Weber');
  desk.editIssue(issue, { duedate: '2027-01-20' }, 'Oleg Petrov');
  await world.run(3_000);

  expect(desk.issue(issue)).toMatchObject({ budget: 135_500, due: '2027-01-20' });
  expect(desk.deal(DEAL)).toMatchObject({ amount: 135_500, due: '2027-01-20' });
  expect(differences(desk.issue(issue), desk.deal(DEAL))).toEqual([]);
  expect(world.writes()).toMatchObject([
    { side: 'jira', what: 'update', id: issue, fields: ['customfield_10031'] },
    { side: 'crm', what: 'update', id: DEAL, fields: ['closedate'] },
  ]);
  expect(await world.store.conflicts({})).toEqual([]);
  const link = await world.store.linkOf({ profile: 'procurement', side: 'crm', id: DEAL });
  expect(link).toMatchObject({ state: 'active', reason: null });
  expect(link?.base.Сумма).toMatchObject({ jira: '135500', crm: { amount: '135500', currency: 'RUB' } });
  const written = await world.store.journal({ profile: 'procurement', limit: 2 });
  expect(written.map(({ side, action }) => `${action} ${side}`).sort()).toEqual(['update crm', 'update jira']);
});

it('asks Jira nothing about the echo of its own write', async () => {
  world.reports.length = 0;
  desk.editDeal(DEAL, { opportunity: 140_000 });
  await world.run(3_000);
  expect(world.reports.map((report) => report.outcome)).toEqual(['written', 'echo']);
  const { jira } = world.requests();
  // One read of the issue before the write, and the write itself.
  expect(jira.map((request) => request.method)).toEqual(['POST', 'PUT']);
});

it('writes back nothing to the side that was edited, for any mapped field', async () => {
  const edits: readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>][] = [
    [{ summary: '14 shaft seals' }, { title: '15 shaft seals' }],
    [{ Budget: 99.5 }, { opportunity: 1_000.25 }],
    [{ duedate: '2027-02-28' }, { closedate: '2027-03-01' }],
    [{ assignee: 'Anna Weber' }, { assignedById: 'Irina Ivanova' }],
    [{ labels: ['seals', 'urgent'] }, { Метки: ['big deal', 'seals'] }],
    [{ Distributor: 'Rotor Trade' }, { 'Дистрибьютор по сделке': 'Уралнасос' }],
    [{ 'Customer note': 'позвонить' }, { Примечание: 'ruft zurück' }],
    [{ Urgent: 'Yes' }, { Срочно: 'N' }],
    [{ status: 'In Progress' }, { stage: 'Выиграна' }],
  ];
  for (const [inJira, inDeal] of edits) {
    desk.editIssue(issue, inJira);
    await world.run(3_000);
    expect([inJira, world.writes().map((write) => write.side)]).toEqual([inJira, ['crm']]);
    expect(differences(desk.issue(issue), desk.deal(DEAL))).toEqual([]);
    desk.editDeal(DEAL, inDeal);
    await world.run(3_000);
    expect([inDeal, world.writes().map((write) => write.side)]).toEqual([inDeal, ['jira']]);
    expect(differences(desk.issue(issue), desk.deal(DEAL))).toEqual([]);
  }
  expect(await world.store.parked({})).toEqual([]);
});
