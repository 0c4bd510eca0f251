// Bitrix24 as a local application: what its queue keeps reaches Jira once, whenever the daemon dies; tokens are renewed
// under way; nothing that is secret leaves the process readable.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import type { Step } from '../support/daemon-life.ts';
import { createPair, type Pair } from '../support/one-pair.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';
import type { WorldOptions } from '../support/world.ts';

const folder = temporaryFolders();
let pair: Pair | null = null;
afterEach(async () => {
  await pair?.stop();
  pair = null;
});

const HOUR = 3_600_000;
/** The queue is looked at every 45 s; sweeps come every 5 minutes. */
const BEFORE_THE_SWEEP = 100_000;

async function begin(more: WorldOptions = {}): Promise<Pair> {
  pair = await createPair({ application: true, stateFile: join(folder(), 'state.db'), ...more });
  return pair;
}

const methodOf = (step: Step) =>
  step.kind === 'stored' ? step.verb : (step.request.path.split('/').at(-1)?.replace('.json', '') ?? '');

/** Online events are lost: only the queue and the sweeps tell. */
function onlyTheQueue(on: Pair): void {
  on.world.sandbox.bitrix24.product.configure({ webhookMode: 'lost' });
}

it('brings a change from the queue over before any sweep, and writes it once', async () => {
  const on = await begin();
  onlyTheQueue(on);
  await on.world.run(10_000);
  on.world.writes();
  on.editDeal(on.dealId, { opportunity: 7_000 });
  await on.world.run(BEFORE_THE_SWEEP);
  expect(on.now().issue.budget).toBe(7_000);
  expect(on.world.writes().map(({ side }) => side)).toEqual(['jira']);
});

it.each([
  ['the answer of event.offline.get', 'answer', 'event.offline.get'],
  ['the commit of what it said', 'stored', 'markDirty'],
  ['the request of event.offline.clear', 'request', 'event.offline.clear'],
  ['the answer of event.offline.clear', 'answer', 'event.offline.clear'],
] as const)('loses nothing and writes nothing twice when it dies at %s', async (_, kind, name) => {
  const on = await begin();
  onlyTheQueue(on);
  await on.world.run(10_000);
  on.world.writes();
  let died = false;
  let armed = false;
  on.world.watch((step) => {
    if (!armed || died || step.kind !== kind || methodOf(step) !== name) return;
    died = true;
    on.world.kill();
  });
  on.editDeal(on.dealId, { opportunity: 7_000 });
  armed = true;
  await on.world.run(BEFORE_THE_SWEEP);
  expect(died).toBe(true);
  on.world.watch(null);
  await on.world.restart();
  await on.world.run(BEFORE_THE_SWEEP);
  expect(on.now().issue.budget).toBe(7_000);
  expect(on.world.writes().filter(({ side }) => side === 'jira')).toHaveLength(1);
  await on.world.run(10 * 60_000);
  expect(on.world.writes()).toEqual([]);
  expect(queued(on)).toBe(0);
});

it('finds what stood in the queue for the day that it was away', async () => {
  const on = await begin();
  on.world.kill();
  on.editDeal(on.dealId, { opportunity: 9_000 });
  await on.world.run(24 * HOUR);
  expect(queued(on)).toBe(1);
  await on.world.restart();
  await on.world.settle();
  expect(on.now().issue.budget).toBe(9_000);
  expect(queued(on)).toBe(0);
});

it('stays alive when the answer to a renewal is lost, and when many calls find the token expired at once', async () => {
  const on = await begin();
  await on.world.run(10_000);
  const { bitrix24 } = on.world.sandbox;
  on.world.clock.jump(HOUR);
  bitrix24.faults.replace([{ match: { path: '/oauth/token/' }, kind: 'drop-after', times: 1 }]);
  for (const opportunity of [1_000, 2_000, 3_000]) {
    on.editDeal(on.dealId, { opportunity });
    on.editIssue(on.issueId, { labels: [`l${opportunity}`] });
  }
  await on.world.run(BEFORE_THE_SWEEP);
  const renewals = on.world.requests().crm.filter(({ path }) => path === '/oauth/token/').length;
  // Lost, refused because it was used up, and the spare one.
  expect(renewals).toBe(3);
  expect(on.now().issue.budget).toBe(3_000);
  expect(on.now().deal.tags).toContain('l3000');
  expect(Object.values(on.world.engine.health()).map(({ state }) => state)).toEqual(['up', 'up']);
});

it('does not answer its own writes, and stays silent for hours', async () => {
  const on = await begin();
  on.editIssue(on.issueId, { duedate: '2027-07-07' });
  await on.world.run(BEFORE_THE_SWEEP);
  expect(on.world.writes().map(({ side }) => side)).toEqual(['crm']);
  await on.world.idle(3 * HOUR);
  expect(on.world.writes()).toEqual([]);
});

it('keeps tokens out of the state file and the log', async () => {
  const lines: string[] = [];
  const stateFolder = folder();
  const log = createLog({ level: 'debug', secrets: [], stream: { write: (line: string) => lines.push(line) } });
  const seen = new Set<string>();
  const on = await begin({ stateFile: join(stateFolder, 'state.db'), log });
  on.world.watch((step) => {
    if (step.kind === 'stored' || step.side !== 'crm') return;
    const body = Buffer.from(step.request.body).toString();
    for (const [, secret] of body.matchAll(/"auth":"([^"]+)"|refresh_token=([0-9a-f]+)/g)) if (secret) seen.add(secret);
  });
  on.editDeal(on.dealId, { opportunity: 7_000 });
  on.world.clock.jump(HOUR);
  await on.world.run(BEFORE_THE_SWEEP);
  on.world.watch(null);
  const { clientSecret, applicationToken } = on.world.sandbox.bitrix24.product.credentials;
  for (const secret of [clientSecret, applicationToken]) seen.add(secret);
  expect(seen.size).toBeGreaterThan(3);
  const written = readdirSync(stateFolder).map((name) => readFileSync(join(stateFolder, name), 'latin1'));
  for (const secret of seen) {
    for (const text of [...written, ...lines]) expect(text.includes(secret)).toBe(false);
  }
});

/** Rows that the portal still keeps for us, reserved or not. */
function queued(on: Pair): number {
  const { application } = on.world.sandbox.bitrix24.product.state() as { application: { queue: unknown[] } };
  return application.queue.length;
}
