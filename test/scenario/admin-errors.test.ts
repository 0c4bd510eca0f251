// What goes wrong around the daemon: every time a message that names the next step, everything else goes on, nothing is
// lost, and it heals as soon as the cause is gone.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { differences } from '../support/office.ts';
import { createPair, type Pair, profileWith } from '../support/one-pair.ts';
import { keepProfiles, type ProfileKeeper } from '../support/profile-keeper.ts';
import { createWorld } from '../support/world.ts';

const MINUTE = 60_000;

let pair: Pair;
let keeper: ProfileKeeper;
beforeEach(async () => {
  pair = await createPair();
  keeper = keepProfiles(pair.world);
  await keeper.look();
});
afterEach(() => pair.stop());

const parked = () => pair.world.store.parked({ profile: 'procurement' });
const counts = () => pair.world.store.counts('procurement');
const connection = async (name: string) => (await keeper.status()).connections[name];

function expectInStep(): void {
  const { issue, deal } = pair.now();
  expect(differences(issue, deal)).toEqual([]);
}

function settingsOf(name: 'jira' | 'bitrix24', settings: Readonly<Record<string, unknown>>): void {
  pair.world.sandbox[name].product.configure(settings);
}

describe('a credential that is not accepted any more', () => {
  it.each([
    ['jira', { revokeToken: true }, /API token/, /auth\.token/],
    ['jira', { revokeToken: 'denied' }, /captcha/, /token|log in/i],
    ['bitrix24', { revokeToken: '401' }, /INVALID_CREDENTIALS/, /incoming webhook/],
    ['bitrix24', { revokeToken: '403' }, /INVALID_CREDENTIALS/, /incoming webhook/],
  ] as const)(
    'pauses %s with a cure, keeps what comes in, and heals by itself: %o',
    async (name, dead, reason, cure) => {
      settingsOf(name, dead);
      pair.editDeal(pair.dealId, { opportunity: 9_000 });
      pair.editIssue(pair.issueId, { duedate: '2027-01-20' });
      await pair.world.run(3_000);
      const health = await connection(name);
      expect(health).toMatchObject({ state: 'paused', reason: expect.stringMatching(reason) });
      expect(health).toMatchObject({ cure: expect.stringMatching(cure) });
      const other = name === 'jira' ? 'bitrix24' : 'jira';
      expect((await connection(other))?.state ?? 'up').toBe('up');

      // Hours later nothing was given up, and nobody hammered the door: one probe every five minutes.
      pair.world.requests();
      await pair.world.idle(180 * MINUTE);
      const requests = pair.world.requests()[name === 'jira' ? 'jira' : 'crm'];
      expect(requests.length).toBeLessThanOrEqual(37);
      expect(await parked()).toEqual([]);
      const { dirty, retrying } = await counts();
      expect(dirty.live + dirty.bulk).toBeGreaterThan(0);
      expect(retrying).toBe(0);

      settingsOf(name, { revokeToken: false });
      pair.world.writes();
      await pair.world.idle(10 * MINUTE);
      expect(pair.now()).toMatchObject({ issue: { budget: 9_000 }, deal: { due: '2027-01-20' } });
      expectInStep();
      expect(pair.world.writes()).toHaveLength(2);
      expect(await connection(name)).toEqual({ state: 'up' });
      expect((await counts()).dirty).toEqual({ live: 0, bulk: 0 });
    },
  );
});

describe('an account that is shut out', () => {
  it.each([
    ['jira', { revokeToken: true }, { revokeToken: false }, /API token/],
    ['bitrix24', { revokeToken: '401' }, { revokeToken: 'no' }, /incoming webhook/],
    ['bitrix24', { scopes: ['crm'] }, { scopes: null }, /scopes crm, user and userfieldconfig/],
  ] as const)('is told at the start and waited for: %s %o', async (name, wrong, right, cure) => {
    const world = await createWorld({ issues: 1, deals: 1 });
    const starting = keepProfiles(world);
    world.sandbox[name].product.configure(wrong);
    expect(await starting.look()).toMatchObject({ problems: [], unreachable: { name: 'AuthError' } });
    const { waitsFor, profiles } = await starting.status();
    expect(profiles).toEqual([]);
    expect(waitsFor?.reason).toMatch(/\S/);
    expect(waitsFor?.cure).toMatch(cure);
    world.sandbox[name].product.configure(right);
    await world.clock.advance(5 * MINUTE);
    expect(await starting.look()).toMatchObject({ unreachable: null, changed: ['procurement'] });
    expect((await starting.status()).waitsFor).toBeNull();
    await world.stop();
  });

  it.each([403, 404])(
    'of Jira by a %i in front of everything: nothing is parked, and it goes on afterwards',
    async (status) => {
      const { faults } = pair.world.sandbox.jira;
      faults.replace([{ match: {}, kind: 'status', status, body: 'Forbidden' }]);
      pair.editDeal(pair.dealId, { opportunity: 9_000 });
      const deal = pair.newDeal({ title: 'Filters for hall 3', stage: 'Новая', opportunity: 50 });
      await pair.world.idle(30 * MINUTE);
      expect(await connection('jira')).toMatchObject({ state: 'paused', cure: expect.stringMatching(/allowlist|url/) });
      expect(await parked()).toEqual([]);
      faults.replace([]);
      await pair.world.idle(10 * MINUTE);
      expectInStep();
      expect(pair.issues().filter((issue) => issue.dealNumber === deal)).toHaveLength(1);
      expect(await parked()).toEqual([]);
    },
  );
});

describe('a server that does not answer', () => {
  it.each(['jira', 'bitrix24'] as const)(
    'pauses %s, keeps what comes in, and goes on when it is back',
    async (name) => {
      const { faults } = pair.world.sandbox[name];
      faults.replace([{ match: {}, kind: 'drop-before' }]);
      pair.editDeal(pair.dealId, { opportunity: 9_000 });
      pair.editIssue(pair.issueId, { duedate: '2027-01-20' });
      await pair.world.idle(60 * MINUTE);
      expect(await connection(name)).toMatchObject({
        state: 'paused',
        reason: expect.stringContaining('did not answer'),
        cure: expect.stringContaining('address'),
      });
      expect(await parked()).toEqual([]);
      expect((await counts()).dirty.live).toBeGreaterThan(0);

      faults.replace([]);
      await pair.world.idle(30 * MINUTE);
      expect(pair.now()).toMatchObject({ issue: { budget: 9_000 }, deal: { due: '2027-01-20' } });
      expectInStep();
      expect(await connection(name)).toEqual({ state: 'up' });
      expect(await parked()).toEqual([]);
    },
  );

  it.each(['jira', 'bitrix24'] as const)('is waited for when %s is away at the start', async (name) => {
    const world = await createWorld({ issues: 1, deals: 1 });
    const starting = keepProfiles(world);
    world.sandbox[name].faults.replace([{ match: {}, kind: 'drop-before' }]);
    const first = await starting.look();
    expect(first).toMatchObject({ problems: [], unreachable: { name: 'UnavailableError' } });
    const { waitsFor, profiles } = await starting.status();
    expect(profiles).toEqual([]);
    expect(waitsFor?.reason).toContain(world.sandbox[name].url);
    expect(waitsFor?.cure).toMatch(/\S/);
    world.sandbox[name].faults.replace([]);
    await world.clock.advance(15_000);
    expect(await starting.look()).toMatchObject({ unreachable: null, changed: ['procurement'] });
    expect(await starting.status()).toMatchObject({ waitsFor: null, profiles: [{ name: 'procurement' }] });
    await world.stop();
  });
});

describe('a right that is missing', () => {
  it('on edits parks the record with the next step; the other direction goes on', async () => {
    settingsOf('jira', { deny: ['edit'] });
    pair.editDeal(pair.dealId, { opportunity: 9_000 });
    await pair.world.run(3_000);
    pair.editIssue(pair.issueId, { 'Customer note': 'ring first' });
    await pair.world.run(3_000);
    expect(pair.now().deal.note).toBe('ring first');
    const rows = await parked();
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(row).toMatchObject({ side: 'jira', id: pair.issueId, kind: 'RejectedError' });
      expect(row.cure).toContain('permission');
    }
    expect(await connection('jira')).not.toMatchObject({ state: 'paused' });

    settingsOf('jira', { deny: [] });
    pair.editDeal(pair.dealId, { opportunity: 9_500, title: 'Seals, again' });
    await pair.world.run(3_000);
    expect(pair.now().issue).toMatchObject({ budget: 9_500, summary: 'Seals, again' });
    expectInStep();
    expect(await parked()).toEqual([]);
  });

  it('on edits of Bitrix24 parks the record as well', async () => {
    const denied = { method: 'crm.item.update', status: 400, error: 'ACCESS_DENIED', description: 'Доступ запрещён' };
    settingsOf('bitrix24', { failures: [denied] });
    pair.editIssue(pair.issueId, { duedate: '2027-01-20' });
    await pair.world.run(3_000);
    pair.editDeal(pair.dealId, { opportunity: 9_000 });
    await pair.world.run(3_000);
    expect(pair.now().issue.budget).toBe(9_000);
    const rows = await parked();
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.side === 'crm' && row.cure.includes('right'))).toBe(true);

    settingsOf('bitrix24', { failures: [] });
    expect(await pair.world.store.retryParked({ profile: 'procurement' }, pair.world.clock.now())).toBeGreaterThan(0);
    pair.world.engine.ring();
    await pair.world.run(3_000);
    expect(pair.now().deal.due).toBe('2027-01-20');
    expectInStep();
    expect(await parked()).toEqual([]);
  });

  it('on creates parks the new record, once, and other pairs go on; asked for again it is created', async () => {
    settingsOf('jira', { deny: ['create'] });
    const known = pair.issues().length;
    const deal = pair.newDeal({ title: 'Filters for hall 3', stage: 'Новая', opportunity: 50 });
    pair.editDeal(pair.dealId, { opportunity: 9_000 });
    await pair.world.run(3_000);
    expect(pair.now().issue.budget).toBe(9_000);
    const [row, ...others] = await parked();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ side: 'crm', id: deal, field: '', kind: 'RejectedError' });
    expect(row?.cure).toContain('permission');
    // Nobody keeps knocking: the first sweep that sees the deal tries once more, later ones leave it alone.
    pair.world.writes();
    await pair.world.idle(60 * MINUTE);
    expect(pair.world.writes().length).toBeLessThanOrEqual(1);

    settingsOf('jira', { deny: [] });
    expect(await pair.world.store.retryParked({ profile: 'procurement' }, pair.world.clock.now())).toBe(1);
    pair.world.engine.ring();
    await pair.world.run(5_000);
    expect(pair.issues()).toHaveLength(known + 1);
    expect(pair.issues().find((issue) => issue.dealNumber === deal)).toMatchObject({ summary: 'Filters for hall 3' });
    expect(await parked()).toEqual([]);
  });
});

describe('a field that was renamed after the profile was loaded', () => {
  it.each([
    ['jira', { renameField: { id: 'Distributor', name: 'Distributors' } }, 'Distributor', 'Distributors'],
    [
      'bitrix24',
      { renameField: { 'Дистрибьютор по сделке': 'Дистрибьютор сделки' } },
      'Дистрибьютор по сделке',
      'Дистрибьютор сделки',
    ],
  ] as const)(
    'of %s: the last good version runs on, and the problem names line, field and nearest candidate',
    async (name, rename, old, fresh) => {
      settingsOf(name, rename);
      await keeper.run(12 * MINUTE);
      const { problems, profiles } = await keeper.status();
      expect(profiles.map((profile) => profile.name)).toEqual(['procurement']);
      expect(problems).toHaveLength(1);
      const [problem] = problems;
      expect(problem?.file).toBe('profiles/procurement.yaml');
      expect(profileWith([]).split('\n')[(problem?.line ?? 0) - 1]).toContain(old);
      expect(problem?.message).toContain(old);
      expect(problem?.cure).toContain(fresh);

      // Ids did not change, so the version that runs goes on with the field and all others.
      pair.editDeal(pair.dealId, {
        [name === 'jira' ? 'Дистрибьютор по сделке' : fresh]: 'Rotor Trade',
        opportunity: 9_000,
      });
      await pair.world.run(3_000);
      expect(pair.now().issue).toMatchObject({ distributor: 'Rotor Trade', budget: 9_000 });
      expect(await parked()).toEqual([]);

      keeper.save(profileWith([[`jira: Distributor, crm: "Дистрибьютор по сделке"`, corrected(name, fresh)]]));
      expect(await keeper.look()).toMatchObject({ problems: [] });
      await pair.world.run(5_000);
      expect((await keeper.status()).problems).toEqual([]);
      pair.editIssue(pair.issueId, { [name === 'jira' ? fresh : 'Distributor']: 'Уралнасос' });
      await pair.world.run(5_000);
      expect(pair.now().deal.distributor).toBe('Уралнасос');
    },
  );

  it('needs nobody when the name comes back', async () => {
    settingsOf('jira', { renameField: { id: 'Distributor', name: 'Distributors' } });
    await keeper.run(12 * MINUTE);
    expect((await keeper.status()).problems).toHaveLength(1);
    settingsOf('jira', { renameField: { id: 'Distributors', name: 'Distributor' } });
    await keeper.run(12 * MINUTE);
    expect((await keeper.status()).problems).toEqual([]);
  });
});

function corrected(name: 'jira' | 'bitrix24', fresh: string): string {
  return name === 'jira' ? `jira: ${fresh}, crm: "Дистрибьютор по сделке"` : `jira: Distributor, crm: "${fresh}"`;
}

describe('an option that was removed', () => {
  it.each(['jira', 'crm'] as const)(
    'on the side of %s parks that field with the value and the next step, and heals when it is back',
    async (side) => {
      if (side === 'jira') settingsOf('jira', { removeOption: { field: 'Distributor', option: 'Rotor Trade' } });
      else settingsOf('bitrix24', { removeOption: { 'Дистрибьютор по сделке': ['Rotor Trade'] } });
      if (side === 'jira') {
        pair.editDeal(pair.dealId, { 'Дистрибьютор по сделке': 'Rotor Trade', opportunity: 9_000 });
      } else pair.editIssue(pair.issueId, { Distributor: 'Rotor Trade', Budget: 9_000 });
      await keeper.run(12 * MINUTE);
      expect(pair.now()).toMatchObject({ issue: { budget: 9_000 }, deal: { amount: 9_000 } });
      const [row, ...others] = await parked();
      expect(others).toEqual([]);
      expect(row).toMatchObject({ side, field: 'Дистрибьютор по сделке' });
      expect(`${row?.reason} ${JSON.stringify(row?.values)}`).toContain('Rotor Trade');
      expect(row?.cure).toMatch(/\S/);
      expect((await counts()).links.active).toBe(1);

      if (side === 'jira') settingsOf('jira', { addOption: { field: 'Distributor', option: 'Rotor Trade' } });
      else settingsOf('bitrix24', { removeOption: {} });
      await keeper.run(12 * MINUTE);
      expect(await parked()).toEqual([]);
      expect(pair.now()).toMatchObject({ issue: { distributor: 'Rotor Trade' }, deal: { distributor: 'Rotor Trade' } });
      expectInStep();
    },
  );

  it('that the profile names is a problem with its line; the last good version runs on', async () => {
    settingsOf('jira', { removeOption: { field: 'Urgent', option: 'Yes' } });
    settingsOf('jira', { addOption: { field: 'Urgent', option: 'Yes!' } });
    await keeper.run(12 * MINUTE);
    const { problems, profiles } = await keeper.status();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('Yes');
    expect(problems[0]?.cure).toContain('Yes!');
    expect(profileWith([]).split('\n')[(problems[0]?.line ?? 0) - 1]).toContain('Urgent');
    expect(profiles).toHaveLength(1);
    pair.editDeal(pair.dealId, { opportunity: 9_000 });
    await pair.world.run(3_000);
    expect(pair.now().issue.budget).toBe(9_000);
  });
});
