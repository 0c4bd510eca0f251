// F4: what `connect` registered vanishes, is disabled or doubled. Within the hour it stands as it should; meanwhile the
// sweeps go on.
import { afterEach, expect, it } from 'vitest';
import type { Connector } from '../../src/connectors/connector.ts';
import { connectNote, createDaemonEvents, type DaemonEvents } from '../../src/daemon/events.ts';
import { silentLog } from '../../src/ports.ts';
import { createMetrics } from '../../src/triggers/metrics.ts';
import { PUBLIC_URL } from '../support/daemon-life.ts';
import { createPair, type Pair } from '../support/one-pair.ts';

let pair: Pair | null = null;
afterEach(async () => {
  await pair?.stop();
  pair = null;
});

const MINUTE = 60_000;
const HANDLER = `${PUBLIC_URL}/webhooks/jira`;

type Hook = { readonly url: string; readonly enabled: boolean };

async function begin() {
  pair = await createPair();
  const { world } = pair;
  const warned: string[] = [];
  const events = createDaemonEvents({
    config: {
      connections: {},
      server: {
        webhooks: { listen: '127.0.0.1:0', publicUrl: PUBLIC_URL },
        admin: { listen: '127.0.0.1:0', token: null },
      },
    },
    connectors: world.connectors,
    store: world.store,
    profiles: world.profiles,
    clock: world.clock,
    log: { ...silentLog, warn: (message) => warned.push(message) },
    metrics: createMetrics(),
    onHint: () => {},
    onInstalled: () => {},
  });
  return { on: pair, events, warned, world };
}

async function minutes(on: Pair, events: DaemonEvents, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    await on.world.run(MINUTE);
    await on.world.clock.until(events.tick());
  }
}

/** As an administrator sees them. */
async function hooks(on: Pair): Promise<readonly Hook[]> {
  const { product } = on.world.sandbox.jira;
  const { email, token } = product.credentials;
  const authorization = `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`;
  const path = '/rest/webhooks/1.0/webhook';
  const request = { method: 'GET', path, query: new URLSearchParams(), headers: { authorization } };
  const { body } = await product.handle({ ...request, body: new Uint8Array() });
  return JSON.parse(String(body)) as readonly Hook[];
}

it('registers again what vanished, without a person, and changes come at once again', async () => {
  const { on, events, warned, world } = await begin();
  const jira = world.connectors.get('jira') as Connector;
  const ask = { lane: 'live', handler: HANDLER, specs: world.profiles.specs('jira'), takeOver: true } as const;
  await world.clock.until(Promise.resolve(jira.events?.subscribe(ask)));
  await world.store.note(connectNote('jira'), { at: world.clock.now() });
  expect(await hooks(on)).toMatchObject([{ url: HANDLER, enabled: true }]);
  await minutes(on, events, 3);
  expect(warned).toEqual([]);

  world.sandbox.jira.product.configure({ webhooks: [] });
  expect(await hooks(on)).toEqual([]);
  await minutes(on, events, 62);
  expect(await hooks(on)).toMatchObject([{ url: HANDLER, enabled: true }]);
  expect(warned).toEqual(['registration of webhooks put right']);
  on.editIssue(on.issueId, { duedate: '2027-07-07' });
  await world.run(5_000);
  expect(on.now().deal.due).toBe('2027-07-07');
});

it('leaves registrations alone that somebody made by hand', async () => {
  const { on, events, warned, world } = await begin();
  const before = await hooks(on);
  world.sandbox.jira.product.configure({ webhooks: [] });
  await minutes(on, events, 62);
  expect(before).toHaveLength(1);
  expect(await hooks(on)).toEqual([]);
  expect(warned).toEqual([]);
});
