// The whole product against the whole sandbox, without a socket and in virtual time: both connectors, the engine, a
// store in memory, webhooks carried straight into the handlers.
import { readFileSync } from 'node:fs';
import { createConnector, type ConnectionOptions } from '../../src/connectors/registry.ts';
import type { Connector } from '../../src/connectors/connector.ts';
import { createLiveProfiles, type LiveProfiles, type LoadResult } from '../../src/live-profiles.ts';
import { type Log, seededRandom, silentLog } from '../../src/ports.ts';
import { createSandboxInProcess, type InProcessSandbox } from '../../src/sandbox/index.ts';
import type { OutgoingWebhook } from '../../src/sandbox/http.ts';
import type { LoggedRequest } from '../../src/sandbox/http.ts';
import type { SampleCompany } from '../../src/sandbox/sample-company.ts';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import type { Store } from '../../src/state/store.ts';
import type { Report } from '../../src/sync/report.ts';
import { createMetrics } from '../../src/triggers/metrics.ts';
import { nextFullRun } from '../../src/triggers/schedule.ts';
import { createWebhookHandlers } from '../../src/triggers/webhooks.ts';
import { createEngine, type Engine } from '../../src/work/engine.ts';
import { createInProcessAdapter } from './in-process-adapter.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export type World = {
  readonly clock: VirtualClock;
  readonly sandbox: InProcessSandbox;
  readonly store: Store;
  readonly engine: Engine;
  readonly profiles: LiveProfiles;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly reports: Report[];
  readonly fatal: unknown[];
  /** Loads a profile text in place of what runs. */
  load(text: string): Promise<LoadResult>;
  /** Starts the engine and lets time pass until the first match pass and all its work are over. */
  settle(): Promise<void>;
  /** Lets time pass until nothing is dirty and due; answers after at least `ms`. */
  run(ms: number): Promise<void>;
  /** What was requested since the last call, per product. */
  requests(): { readonly jira: readonly LoggedRequest[]; readonly crm: readonly LoggedRequest[] };
  stop(): Promise<void>;
};

export type WorldOptions = {
  readonly seed?: number;
  readonly issues?: number;
  readonly deals?: number;
  readonly company?: SampleCompany;
  readonly profile?: string;
  readonly store?: Store;
  readonly limits?: 'real' | 'off';
  readonly log?: Log;
  readonly people?: Parameters<typeof createLiveProfiles>[0]['people'];
};

export const PROCUREMENT = readFileSync(new URL('../../config/examples/procurement.yaml', import.meta.url), 'utf8');

/** The same as in the brief of the sample company: only Irina's addresses differ. */
const PEOPLE = {
  map: [{ jira: 'i.ivanova@nordhafen.example', crm: 'ivanova@nordhafen.example' }],
  fallback: { jira: 'sync@nordhafen.example', crm: 'sync@nordhafen.example' },
};

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const clock = createVirtualClock();
  const seed = options.seed ?? 1;
  const log = options.log ?? silentLog;
  let deliver = async (_webhook: OutgoingWebhook): Promise<number> => 503;
  const sandbox = createSandboxInProcess({
    clock,
    seed,
    limits: options.limits ?? 'off',
    webhooks: (webhook) => deliver(webhook),
    ...(options.issues === undefined ? {} : { issues: options.issues }),
    ...(options.deals === undefined ? {} : { deals: options.deals }),
    ...(options.company === undefined ? {} : { company: options.company }),
  });
  const { jira, bitrix24 } = sandbox;
  const settings: Record<string, { options: ConnectionOptions; handle: typeof jira.handle }> = {
    jira: {
      options: {
        type: 'jira',
        url: jira.url,
        auth: { email: jira.product.credentials.email, token: jira.product.credentials.token },
        'webhook-secret': jira.product.credentials.webhookSecret,
      },
      handle: jira.handle,
    },
    bitrix24: {
      options: {
        type: 'bitrix24',
        url: bitrix24.url,
        auth: { webhook: bitrix24.product.credentials.webhook() },
        'application-token': bitrix24.product.credentials.applicationToken,
        'member-id': bitrix24.product.credentials.memberId,
      },
      handle: bitrix24.handle,
    },
  };
  const random = seededRandom(seed + 1000);
  const connectors = new Map<string, Connector>();
  for (const [name, { options: own, handle }] of Object.entries(settings)) {
    const adapter = createInProcessAdapter(handle);
    connectors.set(name, createConnector(own, { connection: name, clock, random, log, adapter }));
  }
  const store = options.store ?? openSqliteStore(':memory:');
  const profiles = createLiveProfiles({ connectors, people: options.people ?? PEOPLE, log });
  const reports: Report[] = [];
  const fatal: unknown[] = [];
  const metrics = createMetrics();
  const engine = createEngine({
    store,
    connectors,
    profiles: profiles.current,
    clock,
    random,
    log,
    meters: {
      synced: metrics.syncRun,
      echo: (profile) => metrics.syncRun(profile, 'echo'),
      coercion: metrics.coercion,
      overwritten: metrics.overwrite,
    },
    nextRun: nextFullRun,
    onReport: (report) => reports.push(report),
    onFatal: (error) => fatal.push(error),
  });
  const handlers = createWebhookHandlers({
    connections: [...connectors].flatMap(([name, connector]) => {
      const receive = connector.receive?.bind(connector);
      return receive === undefined ? [] : [{ name, side: name === 'jira' ? ('jira' as const) : ('crm' as const), receive }];
    }),
    profilesFor: profiles.watching,
    store,
    clock,
    log,
    metrics,
    onHint: engine.ring,
  });
  deliver = async (webhook) => {
    const name = new URL(webhook.url).pathname.split('/').at(-1) ?? '';
    const headers = Object.fromEntries(Object.entries(webhook.headers).map(([key, value]) => [key.toLowerCase(), value]));
    const answer = await handlers.handle(name, { headers, body: Buffer.from(webhook.body, 'utf8') });
    return answer.status;
  };
  jira.product.configure({ webhooks: { url: 'https://sync.example/webhooks/jira', secret: jira.product.credentials.webhookSecret } });
  bitrix24.product.configure({ webhooks: { url: 'https://sync.example/webhooks/bitrix24' } });

  const marks = { jira: 0, crm: 0 };
  let started = false;
  const load = (text: string) => clock.until(profiles.load([{ file: 'profiles/procurement.yaml', text }]));

  async function isQuiet(): Promise<boolean> {
    const due = await store.nextDue();
    return engine.running() === 0 && (due === null || due > clock.now());
  }

  async function run(ms: number): Promise<void> {
    await clock.runFor(ms);
    for (let rounds = 0; !(await isQuiet()); rounds += 1) {
      if (rounds > 2_000) throw new Error('the work does not end');
      await clock.runFor(100);
    }
    if (fatal.length > 0) throw fatal[0];
  }

  return {
    clock,
    sandbox,
    store,
    engine,
    profiles,
    connectors,
    reports,
    fatal,
    load,
    run,
    async settle() {
      if (!started) {
        started = true;
        const result = await load(options.profile ?? PROCUREMENT);
        if (result.problems.length > 0) throw new Error(JSON.stringify(result.problems, null, 1));
        if (result.unreachable !== null) throw result.unreachable;
        engine.start();
      }
      await clock.runFor(1_500);
      for (let rounds = 0; ; rounds += 1) {
        if (fatal.length > 0) throw fatal[0];
        const all = [...profiles.current().keys()].every((name) => engine.sweeper.matched(name));
        if (all && (await isQuiet())) break;
        if (rounds > 5_000) throw new Error('the first match pass does not end');
        await clock.runFor(200);
      }
      await run(5_000);
    },
    requests() {
      const all = { jira: jira.log.list(), crm: bitrix24.log.list() };
      const fresh = { jira: all.jira.slice(marks.jira), crm: all.crm.slice(marks.crm) };
      marks.jira = all.jira.length;
      marks.crm = all.crm.length;
      return fresh;
    },
    async stop() {
      await clock.until(engine.stop());
      for (const connector of connectors.values()) await connector.close();
      sandbox.close();
      await store.close();
    },
  };
}
