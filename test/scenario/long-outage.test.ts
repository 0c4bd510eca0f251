// Six hours without one product, two thousand pairs edited on the other side: meanwhile only a probe goes out now and
// then, no record is blamed, and afterwards everything arrives at the pace of the limits.
import { afterEach, expect, it } from 'vitest';
import { linkPairs, pairedCompany } from '../support/linked-pairs.ts';
import { differences, office } from '../support/office.ts';
import { fewer, patience } from '../support/patience.ts';
import { createWorld, PROCUREMENT, type World } from '../support/world.ts';

const PAIRS = fewer(2_000, 20);
const MINUTE = 60_000;
const HOURS = 6;
const ROUNDS = HOURS * 4;
/** People rarely change one field everywhere: that would be for the brake. */
const EDITS = [
  { jira: { Budget: 7_000 }, crm: { opportunity: 7_000 } },
  { jira: { 'Customer note': 'ring first' }, crm: { Примечание: 'ring first' } },
  { jira: { summary: 'Impellers' }, crm: { title: 'Impellers' } },
] as const;

let world: World;
afterEach(() => world.stop());

it.each([
  ['jira', { kind: 'status', status: 503 }],
  ['bitrix24', { kind: 'drop-before' }],
] as const)(
  'keeps still while %s is away, and gives back all of it',
  { timeout: patience(120_000) },
  async (product, fault) => {
    world = await createWorld({ company: pairedCompany(PAIRS), limits: 'real' });
    await linkPairs(world, PAIRS, PROCUREMENT);
    const desk = office(world);
    const [issues, deals] = [desk.issues(), desk.deals()];
    const jiraIsAway = product === 'jira';
    world.listen();
    await world.begin();
    await world.run(MINUTE);
    world.requests();

    world.sandbox[product].faults.replace([{ match: {}, ...fault }]);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let at = round; at < PAIRS; at += ROUNDS) {
        const fields = EDITS[at % EDITS.length] ?? EDITS[0];
        if (jiraIsAway) desk.editDeal(deals[at]?.id ?? '', fields.crm);
        else desk.editIssue(issues[at]?.id ?? '', fields.jira);
      }
      await world.idle((HOURS * 60 * MINUTE) / ROUNDS);
    }
    expect(world.engine.health()[product]).toMatchObject({ state: 'paused' });
    expect(await world.store.counts('procurement')).toMatchObject({ dirty: { live: PAIRS }, parkedByKind: {} });
    expect((await world.store.counts('procurement')).retrying).toBeLessThanOrEqual(3);
    const { jira, crm } = world.requests();
    const [away, there] = jiraIsAway ? [jira, crm] : [crm, jira];
    // A probe a minute, which like any read is sent twice where the connection breaks.
    expect(away.length).toBeLessThanOrEqual(HOURS * 60 * 2);
    expect(new Set(away.map(({ path }) => path)).size).toBe(1);
    expect(there.length).toBeLessThanOrEqual(10);

    world.sandbox[product].faults.replace([]);
    const from = world.clock.now();
    const aTenth = HOURS * 6 * MINUTE;
    const left = async () => {
      const { dirty } = await world.store.counts('procurement');
      return dirty.live + dirty.bulk;
    };
    while ((await left()) > 0 && world.clock.now() - from < aTenth) await world.clock.runFor(5_000);
    expect(await left()).toBe(0);
    const now = new Map(
      office(world)
        .deals()
        .map((deal) => [deal.id, deal]),
    );
    const wrong = office(world)
      .issues()
      .flatMap((issue) => {
        const deal = now.get(issue.dealNumber ?? '');
        return deal === undefined ? [`${issue.key} has no deal`] : differences(issue, deal);
      });
    expect(wrong).toEqual([]);
    const after = world.requests();
    expect([...after.jira, ...after.crm].filter(({ status }) => status === 429 || status === 503)).toEqual([]);
    expect(await world.store.parked({})).toEqual([]);
  },
);
