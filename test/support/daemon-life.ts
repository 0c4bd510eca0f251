// One life of the daemon against the sandbox, without a socket and in virtual time: connectors, store, engine, webhook
// handlers. It may end properly or be killed between any two steps: a killed life reaches nothing any more.
import type { Connector } from '../../src/connectors/connector.ts';
import { createConnector } from '../../src/connectors/create-connector.ts';
import type { ConnectionOptions } from '../../src/connectors/registry.ts';
import { assembleEngine } from '../../src/daemon/assemble-engine.ts';
import { createDaemonEvents, type DaemonEvents, receiversOf } from '../../src/daemon/events.ts';
import type { LiveProfiles, PeopleConfig } from '../../src/daemon/live-profiles.ts';
import { createVault, vaultKey } from '../../src/daemon/vault.ts';
import type { Side } from '../../src/model.ts';
import type { Clock, Log, Random } from '../../src/ports.ts';
import type { OutgoingWebhook, SandboxRequest, SandboxResponse } from '../../src/sandbox/http.ts';
import type { InProcessSandbox } from '../../src/sandbox/index.ts';
import type { Store } from '../../src/state/store.ts';
import type { Report } from '../../src/sync/report.ts';
import type { Metrics } from '../../src/triggers/metrics.ts';
import { createWebhookHandlers } from '../../src/triggers/webhooks.ts';
import type { MakeDispatcher } from '../../src/work/dispatcher.ts';
import type { Engine } from '../../src/work/engine.ts';
import type { LeaseOptions } from '../../src/work/territory.ts';
import { createInProcessAdapter } from './in-process-adapter.ts';

/** A step that leaves the daemon: a request on its way out, its answer coming in, a verb of the store that wrote. */
export type Step =
  | { readonly kind: 'request' | 'answer'; readonly side: Side; readonly request: SandboxRequest }
  | { readonly kind: 'stored'; readonly verb: string };

export type LifeOptions = {
  readonly sandbox: InProcessSandbox;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly store: Store;
  readonly staged: boolean;
  /** How often the engine looks whether a sweep is due; default as in the product. */
  readonly tickMs?: number;
  /** Bitrix24 as a local application instead of by two webhooks. */
  readonly application: boolean;
  readonly people: PeopleConfig;
  /** False: whatever is changed at once, no brake stops it. */
  readonly brakes?: boolean;
  /** False: as fast as the products answer. */
  readonly pace?: boolean;
  /** Left out: within the process. */
  readonly makeDispatcher?: MakeDispatcher;
  readonly lookAgainMs?: number;
  /** Left out: it is alone on its store. */
  readonly leases?: LeaseOptions;
  readonly reports: Report[];
  readonly fatal: unknown[];
  /** Called at every step, before the daemon knows of it; may kill this life. */
  readonly onStep: (step: Step) => void;
  /** Of the configuration, besides those that the products know. */
  readonly secrets?: readonly string[];
  /** What a verb of the store fails with now; null: nothing. */
  readonly refusal?: (verb: keyof Store) => Error | null;
};

export type DaemonLife = {
  readonly store: Store;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly profiles: LiveProfiles;
  readonly engine: Engine;
  readonly events: DaemonEvents;
  readonly metrics: Metrics;
  receive(webhook: OutgoingWebhook): Promise<number>;
  /** From now on nothing of this life goes on: no timer fires, no answer arrives, no verb reaches the store. */
  kill(): void;
};

/** Verbs that only look, and those of loading the profiles, before any work; all others are steps. */
const READS = new Set(
  'confine renewLeases takeLease releaseLease leaveLeases leaseTable loadSecret nextDue dueRows ringTimers claim claimRung claimRecord linkOf links matches standing conflicts conflict parked journal dirtyRow findRecord counts profileState notes command cursor isApart linksElsewhere renameProfile keepProfiles purgeProfiles absence goneTally controls hiddenRecords overwrites'.split(
    ' ',
  ),
);

export function beginLife(options: LifeOptions): DaemonLife {
  const { sandbox, random, log, onStep } = options;
  let alive = true;

  /** Answers for ever later once the life is over. */
  async function ifAlive<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      if (alive) return result;
    } catch (error) {
      if (alive) throw error;
    }
    return new Promise<T>(() => {});
  }

  const clock: Clock = {
    now: options.clock.now,
    steady: options.clock.steady,
    sleep: (ms, signal) => ifAlive(options.clock.sleep(ms, signal)),
  };

  const store = new Proxy(options.store, {
    get(target, name: keyof Store) {
      return async (...args: never[]) => {
        if (!alive) return new Promise(() => {});
        const refusal = options.refusal?.(name) ?? null;
        if (refusal !== null) throw refusal;
        const verb = target[name] as (...args: never[]) => Promise<unknown>;
        const result = await ifAlive(verb(...args));
        if (!READS.has(name)) onStep({ kind: 'stored', verb: name });
        return ifAlive(Promise.resolve(result));
      };
    },
  });

  function handled(side: Side, handle: (request: SandboxRequest) => Promise<SandboxResponse>) {
    return async (request: SandboxRequest): Promise<SandboxResponse> => {
      if (alive) onStep({ kind: 'request', side, request });
      if (!alive) return new Promise(() => {});
      const answer = await handle(request);
      if (alive) onStep({ kind: 'answer', side, request });
      return ifAlive(Promise.resolve(answer));
    };
  }

  const connectors = new Map<string, Connector>();
  const vault = options.application ? createVault({ store, key: keyOfLives(), random }) : null;
  const configured = connectionsOf(sandbox, options.application, options.pace ?? true);
  for (const [connection, own, handle] of configured) {
    const adapter = createInProcessAdapter(handled(connection === 'jira' ? 'jira' : 'crm', handle));
    const deps = { connection, clock, random, log, adapter, ...(vault ? { vault } : {}) };
    const secrets = secretsOf(sandbox, options.secrets ?? []);
    connectors.set(connection, createConnector(own, { ...deps, secrets }));
  }
  const { engine, profiles, metrics } = assembleEngine({
    store,
    connectors,
    people: options.people,
    clock,
    random,
    log,
    staged: options.staged,
    leases: options.leases ?? ALONE,
    // Left out: no other process looks into this store.
    lookAgainMs: options.lookAgainMs ?? 3_600_000,
    ...(options.tickMs === undefined ? {} : { tickMs: options.tickMs }),
    ...(options.brakes === undefined ? {} : { brakes: options.brakes }),
    ...(options.makeDispatcher ? { makeDispatcher: options.makeDispatcher } : {}),
    onReport: (report) => options.reports.push(report),
    onFatal: (error) => options.fatal.push(error),
  });
  const parts = {
    config: {
      connections: Object.fromEntries(configured.map(([name, own]) => [name, own])),
      server: {
        webhooks: { listen: '127.0.0.1:0', publicUrl: PUBLIC_URL },
        admin: { listen: '127.0.0.1:0', token: null },
      },
    },
    connectors,
    store,
    profiles,
    clock,
    log,
    metrics,
  };
  const events = createDaemonEvents({ ...parts, attends: engine.attends, onHint: engine.ring, onInstalled: () => {} });
  const handlers = createWebhookHandlers({
    connections: receiversOf(parts),
    profilesFor: profiles.watching,
    store,
    clock,
    log,
    metrics,
    onHint: engine.ring,
    onSignal: events.onSignal,
  });
  events.start();

  return {
    store,
    connectors,
    profiles,
    engine,
    events,
    metrics,
    async receive(webhook) {
      if (!alive) throw new Error('connect ECONNREFUSED');
      const name = new URL(webhook.url).pathname.split('/').at(-1) ?? '';
      const named = Object.entries(webhook.headers).map(([key, value]) => [key.toLowerCase(), value]);
      const body = Buffer.from(webhook.body, 'utf8');
      return (await handlers.handle(name, { headers: Object.fromEntries(named), body })).status;
    },
    kill() {
      alive = false;
    },
  };
}

const ALONE: LeaseOptions = {
  me: { id: 'life', serves: ['bitrix24'], about: {} },
  connections: ['bitrix24'],
  alone: true,
};

export const PUBLIC_URL = 'https://sync.example';
let vaultKeyOfLives: Buffer | null = null;

/** Made once: it takes as long as a simulated hour, and every life would make the same one. */
function keyOfLives(): Buffer {
  vaultKeyOfLives ??= vaultKey('the key of a world that encrypts its tokens');
  return vaultKeyOfLives;
}

function connectionsOf({ jira, bitrix24 }: InProcessSandbox, application: boolean, pace: boolean) {
  const limits = pace ? {} : ({ limits: 'off' } as const);
  const { clientId, clientSecret, memberId, applicationToken, webhook } = bitrix24.product.credentials;
  const jiraOptions: ConnectionOptions = {
    type: 'jira',
    url: jira.url,
    auth: { email: jira.product.credentials.email, token: jira.product.credentials.token },
    'webhook-secret': jira.product.credentials.webhookSecret,
    ...limits,
  };
  const bitrixOptions: ConnectionOptions = {
    type: 'bitrix24',
    url: bitrix24.url,
    ...(application
      ? { auth: { 'client-id': clientId, 'client-secret': clientSecret, server: bitrix24.url } }
      : { auth: { webhook: webhook() }, 'application-token': applicationToken }),
    'member-id': memberId,
    ...limits,
  };
  return [
    ['jira', jiraOptions, jira.handle],
    ['bitrix24', bitrixOptions, bitrix24.handle],
  ] as const;
}

/** Each connection is told of all secrets, as the daemon does it. */
function secretsOf({ jira, bitrix24 }: InProcessSandbox, others: readonly string[]): readonly string[] {
  const { token, webhookSecret } = jira.product.credentials;
  const { applicationToken, webhook, clientSecret } = bitrix24.product.credentials;
  const address = webhook();
  const code = new URL(address).pathname.split('/').filter(Boolean).at(-1) ?? '';
  return [token, webhookSecret, applicationToken, address, code, clientSecret, ...others];
}
