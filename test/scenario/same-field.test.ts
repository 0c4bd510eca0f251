// Both people change the same field: one record of the conflict with all that was seen, then the profile's policy.
import { afterEach, describe, expect, it } from 'vitest';
import { company, differences } from '../support/office.ts';
import { createPair, type Pair, profileWith } from '../support/one-pair.ts';

const AMOUNT = 'Budget, crm: opportunity, as: money, currency: RUB, conflict: crm';
const DUE = 'duedate, crm: closedate, as: date, conflict: newest, tie: crm';

let pair: Pair;
afterEach(() => pair.stop());

function withPolicy(conflict: string): string {
  return profileWith([[AMOUNT, AMOUNT.replace('conflict: crm', `conflict: ${conflict}`)]]);
}

/** Both edits before the daemon hears of either. */
async function bothEdit(inJira: Readonly<Record<string, unknown>>, inDeal: Readonly<Record<string, unknown>>) {
  pair.webhooks('paused');
  pair.editIssue(pair.issueId, inJira, 'Oleg Petrov');
  await pair.world.run(1_000);
  pair.editDeal(pair.dealId, inDeal, 'Anna Weber');
  pair.webhooks('normal');
  await pair.world.run(3_000);
}

function sidesWritten(): string[] {
  return pair.world.writes().map((write) => `${write.side} ${write.fields.join(' ')}`);
}

const rub = (amount: string) => ({ amount, currency: 'RUB' });

it('holds a conflict: neither value is written, other fields go on, and it is reported once', async () => {
  pair = await createPair({ profile: withPolicy('hold') });
  const before = pair.world.clock.now();
  await bothEdit({ Budget: 130_000, 'Customer note': 'call back' }, { opportunity: 150_000 });

  expect(pair.now()).toMatchObject({ issue: { budget: 130_000 }, deal: { amount: 150_000, note: 'call back' } });
  expect(sidesWritten()).toEqual(['crm ufCrm_1747309878']);
  const conflicts = await pair.world.store.conflicts({ profile: 'procurement' });
  expect(conflicts).toMatchObject([
    {
      field: 'Сумма',
      base: { jira: '120000', crm: rub('120000') },
      values: { jira: '130000', crm: rub('150000') },
      policy: 'hold',
      outcome: 'held',
      status: 'open',
      take: null,
    },
  ]);
  const [conflict] = conflicts;
  expect(conflict?.changedAt.jira).toBeGreaterThanOrEqual(before);
  expect(conflict?.changedAt.crm).toBeGreaterThan(conflict?.changedAt.jira ?? 0);
  const people = await pair.world.clock.until(
    Promise.all([...pair.world.connectors.values()].map((connector) => connector.people({ lane: 'live' }))),
  );
  const nameOf = (id: string | null | undefined) => people.flat().find((person) => person.id === id)?.name;
  expect(nameOf(conflict?.changedBy.crm)).toBe('Anna Weber');
  const link = await pair.world.store.linkOf({ profile: 'procurement', side: 'crm', id: pair.dealId });
  expect(link?.reason).toContain('Сумма');

  await pair.resync();
  await pair.resync();
  await pair.world.idle(2 * 60 * 60 * 1000);
  expect(await pair.world.store.conflicts({ profile: 'procurement' })).toEqual(conflicts);
  expect(sidesWritten()).toEqual([]);
});

it.each([
  ['jira', { side: 'jira' }, { budget: 130_000 }, { amount: 130_000 }, ['crm']],
  ['crm', { side: 'crm' }, { budget: 150_000 }, { amount: 150_000 }, ['jira']],
  ['a third value', { value: rub('142000') }, { budget: 142_000 }, { amount: 142_000 }, ['crm', 'jira']],
] as const)('settles a held conflict by what a person decides: %s', async (_name, take, issue, deal, sides) => {
  pair = await createPair({ profile: withPolicy('hold') });
  await bothEdit({ Budget: 130_000 }, { opportunity: 150_000 });
  const { store, clock } = pair.world;
  const [open] = await store.conflicts({ status: 'open' });
  pair.world.writes();

  await store.decideConflict(open?.id ?? 0, take, clock.now());
  pair.world.engine.ring();
  await pair.world.run(3_000);
  expect(pair.now()).toMatchObject({ issue, deal });
  const writes = pair.world.writes();
  expect(writes.map((write) => write.side).sort()).toEqual(sides);
  expect(await store.conflicts({})).toMatchObject([{ id: open?.id, status: 'settled', outcome: 'decided' }]);
  expect(await store.linkOf({ profile: 'procurement', side: 'crm', id: pair.dealId })).toMatchObject({ reason: null });

  pair.editDeal(pair.dealId, { opportunity: 160_000 });
  await pair.world.run(3_000);
  expect(pair.now()).toMatchObject({ issue: { budget: 160_000 }, deal: { amount: 160_000 } });
  expect(await store.conflicts({ status: 'open' })).toEqual([]);
});

it('asks again when a value changed after the person looked', async () => {
  pair = await createPair({ profile: withPolicy('hold') });
  await bothEdit({ Budget: 130_000 }, { opportunity: 150_000 });
  const { store, clock } = pair.world;
  const [open] = await store.conflicts({ status: 'open' });

  pair.webhooks('paused');
  pair.editIssue(pair.issueId, { Budget: 131_000 });
  await store.decideConflict(open?.id ?? 0, { side: 'crm' }, clock.now());
  pair.world.engine.ring();
  await pair.world.run(3_000);
  expect(pair.now()).toMatchObject({ issue: { budget: 131_000 }, deal: { amount: 150_000 } });
  const all = await store.conflicts({});
  expect(all.map(({ values, status }) => [values.jira, status]).sort()).toEqual([
    ['130000', 'superseded'],
    ['131000', 'open'],
  ]);
  expect(sidesWritten()).toEqual([]);
});

it.each([
  ['Jira', { issue: null, deal: 'Hydrotech' }, { jira: null, crm: '81' }],
  ['the CRM', { issue: 'Nordwind Supply', deal: null }, { jira: '10202', crm: null }],
] as const)('asks again when %s empties a field in which they differed at first', async (side, shown, values) => {
  pair = await createPair({ company: company([{ distributor: 'Nordwind Supply' }], [{ distributor: 'Hydrotech' }]) });
  if (side === 'Jira') pair.editIssue(pair.issueId, { Distributor: null });
  else pair.editDeal(pair.dealId, { 'Дистрибьютор по сделке': null });
  await pair.world.run(3_000);
  await pair.resync();
  expect(pair.now()).toMatchObject({ issue: { distributor: shown.issue }, deal: { distributor: shown.deal } });
  expect(sidesWritten()).toEqual([]);
  const { store, clock } = pair.world;
  const [open] = await store.conflicts({ status: 'open' });
  expect(open).toMatchObject({ base: null, values, outcome: 'held' });

  await store.decideConflict(open?.id ?? 0, { side: side === 'Jira' ? 'jira' : 'crm' }, clock.now());
  pair.world.engine.ring();
  await pair.world.run(3_000);
  expect(pair.now()).toMatchObject({ issue: { distributor: null }, deal: { distributor: null } });
});

it('carries a decided value out on both sides although one of them is away at first', async () => {
  pair = await createPair({ profile: withPolicy('hold') });
  await bothEdit({ Budget: 130_000 }, { opportunity: 150_000 });
  const { store, clock, sandbox } = pair.world;
  const [open] = await store.conflicts({ status: 'open' });
  sandbox.jira.faults.replace([{ match: { method: 'PUT' }, kind: 'status', status: 503, times: 2 }]);
  await store.decideConflict(open?.id ?? 0, { value: rub('142000') }, clock.now());
  pair.world.engine.ring();
  await pair.world.run(60_000);
  expect(pair.now()).toMatchObject({ issue: { budget: 142_000 }, deal: { amount: 142_000 } });
  expect(await store.conflicts({ status: 'open' })).toEqual([]);
});

it('carries a decision out although the product is away at first', async () => {
  pair = await createPair({ profile: withPolicy('hold') });
  await bothEdit({ Budget: 130_000 }, { opportunity: 150_000 });
  const { store, clock, sandbox } = pair.world;
  const [open] = await store.conflicts({ status: 'open' });
  sandbox.jira.faults.replace([{ match: { method: 'PUT' }, kind: 'status', status: 503, times: 2 }]);
  await store.decideConflict(open?.id ?? 0, { side: 'crm' }, clock.now());
  pair.world.engine.ring();
  await pair.world.run(60_000);
  expect(pair.now()).toMatchObject({ issue: { budget: 150_000 }, deal: { amount: 150_000 } });
  expect(await store.conflicts({})).toMatchObject([{ id: open?.id, status: 'settled', outcome: 'decided' }]);
});

it.each([
  ['jira', 130_000, 'crm'],
  ['crm', 150_000, 'jira'],
] as const)(
  'lets %s win where the profile says so, and keeps both values on record',
  async (winner, amount, written) => {
    pair = await createPair({ profile: withPolicy(winner) });
    await bothEdit({ Budget: 130_000 }, { opportunity: 150_000 });
    expect(pair.now()).toMatchObject({ issue: { budget: amount }, deal: { amount } });
    expect(pair.world.writes().map((write) => write.side)).toEqual([written]);
    expect(await pair.world.store.conflicts({})).toMatchObject([
      {
        base: { jira: '120000', crm: rub('120000') },
        values: { jira: '130000', crm: rub('150000') },
        policy: winner,
        outcome: winner,
        status: 'settled',
      },
    ]);
    await pair.resync();
    expect(await pair.world.store.conflicts({})).toHaveLength(1);
    expect(pair.world.writes()).toEqual([]);
  },
);

it.each([
  ['within two minutes the tie decides', 90_000, '2027-01-10', 'crm'],
  ['beyond two minutes the later edit wins', 130_000, '2027-02-20', 'jira'],
] as const)('newest: %s', async (_name, between, due, winner) => {
  pair = await createPair({ profile: profileWith([[DUE, DUE]]) });
  pair.webhooks('paused');
  pair.editDeal(pair.dealId, { closedate: '2027-01-10' });
  await pair.world.run(between);
  pair.editIssue(pair.issueId, { duedate: '2027-02-20' });
  pair.webhooks('normal');
  await pair.world.run(3_000);
  expect(pair.now()).toMatchObject({ issue: { due }, deal: { due } });
  expect(pair.world.writes()).toHaveLength(1);
  const [conflict, ...others] = await pair.world.store.conflicts({});
  expect(others).toEqual([]);
  expect(conflict).toMatchObject({
    base: { jira: '2026-12-15', crm: '2026-12-15' },
    values: { jira: '2027-02-20', crm: '2027-01-10' },
    policy: 'newest',
    outcome: winner,
    status: 'settled',
  });
  const apart = (conflict?.changedAt.jira ?? 0) - (conflict?.changedAt.crm ?? 0);
  // Bitrix24 counts whole seconds.
  expect(Math.abs(apart - between)).toBeLessThan(1_000);
});

describe('two that differ from the first, where the one that wins cannot be written', () => {
  const DISTRIBUTOR = 'Distributor, crm: "Дистрибьютор по сделке"';
  /** Only Hydrotech has a translation. */
  const differing = (jira: string, crm: string, conflict: 'jira' | 'crm') =>
    createPair({
      company: company([{ distributor: jira }], [{ distributor: crm }]),
      profile: profileWith([[DISTRIBUTOR, `${DISTRIBUTOR}, conflict: ${conflict}, values: { Hydrotech: Hydrotech }`]]),
    });
  const found = async () => {
    const parked = await pair.world.store.parked({});
    const conflicts = await pair.world.store.conflicts({});
    const { issue, deal } = pair.now();
    return {
      parked: parked.map(({ kind, side }) => `${kind} ${side}`),
      conflicts: conflicts.map(({ values, outcome }) => [values.jira, values.crm, outcome]),
      shown: [issue.distributor, deal.distributor],
    };
  };

  it.each([false, true])(
    'takes what is emptied for an edit, also when it is tried again right then: %s',
    async (again) => {
      pair = await differing('Rotor Trade', 'Hydrotech', 'jira');
      expect(await found()).toEqual({
        ...{ parked: ['MappingError crm'], conflicts: [], shown: ['Rotor Trade', 'Hydrotech'] },
      });
      pair.editIssue(pair.issueId, { Distributor: null });
      const { store, clock, engine } = pair.world;
      if (again) expect(await store.retryParked({}, clock.now())).toBe(1);
      engine.ring();
      await pair.world.run(3_000);
      expect(await found()).toEqual({ parked: [], conflicts: [[null, '81', 'jira']], shown: [null, null] });
    },
  );

  it.each([
    ['was refused', { kind: 'status', status: 400, body: { errors: { customfield_10032: 'Not now' } } }],
    ['was not answered', { kind: 'drop-before' }],
  ] as const)('has what is emptied on record also after a write that %s', async (_, fault) => {
    const line = `  - { jira: ${DISTRIBUTOR} }\n`;
    const differing = company([{ distributor: 'Hydrotech' }], [{ distributor: 'Rotor Trade' }]);
    pair = await createPair({ company: differing, profile: profileWith([[line, '']]) });
    const { sandbox, load, run } = pair.world;
    sandbox.jira.faults.replace([{ match: { method: 'PUT' }, ...fault }]);
    await load(profileWith([[line, line.replace(' }', ', conflict: crm }')]]));
    await run(10_000);
    expect(await found()).toMatchObject({ conflicts: [['10201', '83', 'crm']], shown: ['Hydrotech', 'Rotor Trade'] });
    sandbox.jira.faults.replace([]);
    pair.editIssue(pair.issueId, { Distributor: null });
    await run(60_000);
    expect(await found()).toEqual({
      parked: [],
      conflicts: [
        ['10201', '83', 'crm'],
        [null, '83', 'crm'],
      ],
      shown: ['Rotor Trade', 'Rotor Trade'],
    });
  });

  it('follows a source that is emptied after a write of it that was refused', async () => {
    const line = `  - { jira: ${DISTRIBUTOR} }\n`;
    const differing = company([{ distributor: 'Hydrotech' }], [{ distributor: 'Rotor Trade' }]);
    pair = await createPair({ company: differing, profile: profileWith([[line, '']]) });
    const { sandbox, load, run } = pair.world;
    const refusal = { status: 400, body: { errors: { customfield_10032: 'Not now' } } };
    sandbox.jira.faults.replace([{ match: { method: 'PUT' }, kind: 'status', ...refusal }]);
    await load(profileWith([[line, line.replace(' }', ', direction: to-jira }')]]));
    await run(10_000);
    expect(await found()).toMatchObject({ parked: ['RejectedError jira'], shown: ['Hydrotech', 'Rotor Trade'] });
    sandbox.jira.faults.replace([]);
    pair.editDeal(pair.dealId, { 'Дистрибьютор по сделке': null });
    await run(60_000);
    expect(await found()).toMatchObject({ parked: [], shown: [null, null] });
  });

  it('has what was emptied on record when the other side gets a value that can be written', async () => {
    pair = await differing('Hydrotech', 'Rotor Trade', 'crm');
    pair.editIssue(pair.issueId, { Distributor: null });
    await pair.world.run(3_000);
    expect(await found()).toEqual({ parked: ['MappingError jira'], conflicts: [], shown: [null, 'Rotor Trade'] });
    pair.editDeal(pair.dealId, { 'Дистрибьютор по сделке': 'Hydrotech' });
    await pair.world.run(3_000);
    expect(await found()).toEqual({
      ...{ parked: [], conflicts: [[null, '81', 'crm']], shown: ['Hydrotech', 'Hydrotech'] },
    });
  });
});

it('merges sets: what either added stands, what either removed goes', async () => {
  pair = await createPair();
  pair.editIssue(pair.issueId, { labels: ['seals', 'pump-4', 'spares'] });
  await pair.world.run(3_000);
  pair.world.writes();
  await bothEdit({ labels: ['seals', 'spares', 'q1'] }, { Метки: ['pump-4', 'seals', 'big deal'] });
  expect(pair.now()).toMatchObject({
    issue: { labels: ['big-deal', 'q1', 'seals'] },
    deal: { tags: ['big deal', 'q1', 'seals'] },
  });
  expect(
    pair.world
      .writes()
      .map((write) => write.side)
      .sort(),
  ).toEqual(['crm', 'jira']);
  expect(await pair.world.store.conflicts({})).toMatchObject([
    {
      field: 'Метки',
      base: { jira: ['pump-4', 'seals', 'spares'], crm: ['pump-4', 'seals', 'spares'] },
      values: { jira: ['q1', 'seals', 'spares'], crm: ['big deal', 'pump-4', 'seals'] },
      policy: 'merge',
      outcome: 'merged',
      status: 'settled',
    },
  ]);
  await pair.resync();
  expect(pair.world.writes()).toEqual([]);
});

it('takes the same change on both sides for agreement', async () => {
  pair = await createPair({ profile: withPolicy('hold') });
  await bothEdit({ Budget: 150_000 }, { opportunity: 150_000 });
  expect(differences(pair.now().issue, pair.now().deal)).toEqual([]);
  expect(await pair.world.store.conflicts({})).toEqual([]);
  expect(pair.world.writes()).toEqual([]);
});
