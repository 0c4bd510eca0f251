// What a user pays for: requests. Counted exactly, with the formula that each budget comes from.
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../src/ports.ts';
import type { LoggedRequest } from '../../src/sandbox/http.ts';
import { createCommands } from '../../src/work/commands.ts';
import { printFormula } from '../support/formula.ts';
import { linkPairs, pairedCompany } from '../support/linked-pairs.ts';
import { ONE_PAIR, office } from '../support/office.ts';
import { fewer } from '../support/patience.ts';
import { createWorld, PROCUREMENT, type World } from '../support/world.ts';

/** What Jira serves of whole records, and what Bitrix24 takes: rows in a list, commands in a batch. */
const JIRA_PAGE = 100;
const CRM_PAGE = 50;
const CRM_BATCH = 50;

function callOf(request: LoggedRequest): string {
  if (request.commands) return `batch of ${request.commands.map((command) => command.split('?')[0]).join(', ')}`;
  return `${request.method} ${request.path.replace(/^\/rest\/(api\/3|\d+\/[^/]+)\//, '').replace('.json', '')}`;
}

async function resync(world: World): Promise<unknown> {
  const commands = createCommands({
    engine: world.engine,
    profiles: world.profiles.current,
    clock: world.clock,
    log: silentLog,
    signal: new AbortController().signal,
  });
  const id = await world.store.addCommand('resync', { profile: 'procurement' }, world.clock.now());
  await commands.tick();
  for (;;) {
    const row = await world.store.command(id);
    if (row?.state !== 'running') return row?.result;
    await world.clock.advance(250);
  }
}

describe('a full resync of pairs that did not change', () => {
  it.each([
    [120, 'off'],
    [2_600, 'real'],
    [fewer(10_000, 10), 'off'],
  ] as const)(
    'costs the lists of both sides and nothing else: %i pairs, limits %s',
    async (pairs, limits) => {
      const world = await createWorld({ company: pairedCompany(pairs), limits });
      const profile = await linkPairs(world, pairs, PROCUREMENT);
      await world.settle();
      world.requests();
      world.writes();

      const result = await resync(world);
      const { jira, crm } = world.requests();
      expect(result).toMatchObject({ phase: 'done', seen: { jira: pairs, crm: pairs }, marked: 0, left: 0 });
      expect(world.writes()).toEqual([]);
      expect(new Set(jira.map(callOf))).toEqual(new Set(['POST search/jql']));
      expect(new Set(crm.flatMap(({ commands }) => commands?.map((command) => command.split('?')[0])))).toEqual(
        new Set(['crm.item.list']),
      );

      const jiraLeast = Math.ceil(pairs / JIRA_PAGE);
      const crmLeast = Math.ceil(pairs / CRM_PAGE / CRM_BATCH);
      const name = `P1, resync of ${pairs} unchanged pairs`;
      printFormula(`${name}, Jira`, `ceil(${pairs} / ${JIRA_PAGE})`, jiraLeast, jira.length);
      printFormula(`${name}, Bitrix24`, `ceil(${pairs} / ${CRM_PAGE} / ${CRM_BATCH})`, crmLeast, crm.length);
      expect([jira.length, crm.length]).toEqual([jiraLeast, crmLeast]);

      // The pairs were put into the store by hand: read whole, the engine finds nothing to do in them either.
      world.reports.length = 0;
      const ids = [10_401, 10_401 + pairs - 1].map(String);
      const deals = [7_001, 7_001 + pairs - 1].map(String);
      const mark = (side: 'jira' | 'crm', id: string) =>
        ({ profile: profile.name, side, id, lane: 'live', cause: 'command', version: null }) as const;
      const marks = [...ids.map((id) => mark('jira', id)), ...deals.map((id) => mark('crm', id))];
      await world.store.markDirty(marks, world.clock.now());
      world.engine.ring();
      await world.run(2_000);
      expect(world.writes()).toEqual([]);
      expect(world.reports.map(({ outcome }) => outcome)).toEqual(['in-step', 'in-step']);
      expect(await world.store.counts(profile.name)).toMatchObject({ openConflicts: 0, parkedByKind: {} });
      await world.stop();
    },
    120_000,
  );
});

const PLAIN_EDITS: readonly { jira: Record<string, unknown>; crm: Record<string, unknown> }[] = [
  { jira: { summary: '14 shaft seals' }, crm: { title: '15 shaft seals' } },
  { jira: { Budget: 99.5 }, crm: { opportunity: 1_000.25 } },
  { jira: { duedate: '2027-02-28' }, crm: { closedate: '2027-03-01' } },
  { jira: { assignee: 'Anna Weber' }, crm: { assignedById: 'Irina Ivanova' } },
  { jira: { labels: ['seals', 'urgent'] }, crm: { Метки: ['big deal', 'seals'] } },
  { jira: { Distributor: 'Rotor Trade' }, crm: { 'Дистрибьютор по сделке': 'Уралнасос' } },
  { jira: { 'Customer note': 'позвонить' }, crm: { Примечание: 'ruft zurück' } },
  { jira: { Urgent: 'Yes' }, crm: { Срочно: 'N' } },
];

describe.each(['off', 'real'] as const)('one isolated change of a plain field, vendors’ limits %s', (limits) => {
  it('costs a read of each side and one write with its read-back; the echo one read of the CRM, none of Jira', async () => {
    const world = await createWorld({ company: ONE_PAIR, limits });
    const desk = office(world);
    await world.settle();
    const issue = desk.issues()[0]?.id ?? '';
    const deal = desk.deals()[0]?.id ?? '';
    let [costOfJira, costOfCrm] = [0, 0];
    for (const edit of PLAIN_EDITS) {
      world.requests();
      world.writes();
      desk.editIssue(issue, edit.jira);
      await world.run(8_000);
      const fromJira = world.requests();
      costOfJira = fromJira.jira.length + fromJira.crm.length;
      expect(fromJira.jira.map(callOf)).toEqual(['POST search/jql']);
      expect(fromJira.crm.map(callOf)).toEqual([
        'POST crm.item.get',
        'batch of crm.item.get, crm.item.update, crm.item.get',
        // The echo: an event names no version, so the deal is looked at once.
        'POST crm.item.get',
      ]);
      expect(world.writes()).toHaveLength(1);

      desk.editDeal(deal, edit.crm);
      await world.run(8_000);
      const fromCrm = world.requests();
      costOfCrm = fromCrm.jira.length + fromCrm.crm.length;
      expect(fromCrm.crm.map(callOf)).toEqual(['POST crm.item.get']);
      expect(fromCrm.jira.map(callOf)).toEqual(['POST search/jql', `PUT issue/${issue}`]);
      expect(world.writes()).toHaveLength(1);
    }
    printFormula(`P3, an edit in Jira, limits ${limits}`, '2 reads + 1 write + 1 read of the echo', 4, costOfJira);
    printFormula(`P3, an edit in Bitrix24, limits ${limits}`, '2 reads + 1 write + 0 for the echo', 3, costOfCrm);
    expect(await world.store.parked({})).toEqual([]);
    await world.stop();
  });
});

it('one request more reads back an edit of Jira that answers without history', async () => {
  const world = await createWorld({ company: ONE_PAIR });
  const desk = office(world);
  await world.settle();
  world.sandbox.jira.product.configure({ returnIssueChangelog: false });
  const issue = desk.issues()[0]?.id ?? '';
  world.requests();
  desk.editDeal(desk.deals()[0]?.id ?? '', { opportunity: 1_000.25 });
  await world.run(8_000);
  const { jira, crm } = world.requests();
  const sent = jira.length + crm.length;
  printFormula('P3, with a separate read-back', '2 reads + 1 write + 1 read-back + 0 for the echo', 4, sent);
  expect(jira.map(callOf)).toEqual(['POST search/jql', `PUT issue/${issue}`, `GET issue/${issue}`]);
  expect(crm.map(callOf)).toEqual(['POST crm.item.get']);
  await world.stop();
});

it('a change of a field that no profile maps costs one read and no write', async () => {
  const world = await createWorld({ company: ONE_PAIR });
  const desk = office(world);
  await world.settle();
  world.requests();
  desk.editIssue(desk.issues()[0]?.id ?? '', { 'Approved at': '2026-11-20T10:00:00.000Z' });
  desk.editDeal(desk.deals()[0]?.id ?? '', { Согласовано: '2026-11-20T10:00:00+00:00' });
  await world.run(8_000);
  const { jira, crm } = world.requests();
  expect(jira.map(callOf)).toEqual(['POST search/jql']);
  expect(crm.map(callOf)).toEqual(['POST crm.item.get']);
  await world.stop();
});
