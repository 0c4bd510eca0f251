// The whole product against the whole sandbox, without a socket and in virtual time: both connectors, the engine, a
// store, webhooks carried straight into the handlers. The daemon may die and be started again on the same sandbox.
import { readFileSync } from 'node:fs';
import type { Connector } from '../../src/connectors/connector.ts';
import { connectNote, type DaemonEvents } from '../../src/daemon/events.ts';
import type { createLiveProfiles, LiveProfiles, LoadResult } from '../../src/daemon/live-profiles.ts';
import { type Log, type Random, seededRandom, silentLog } from '../../src/ports.ts';
import type { LoggedRequest, OutgoingWebhook } from '../../src/sandbox/http.ts';
import { createSandboxInProcess, type InProcessSandbox } from '../../src/sandbox/index.ts';
import type { SampleCompany } from '../../src/sandbox/sample-company.ts';
import type { Store } from '../../src/state/store.ts';
import type { Report } from '../../src/sync/report.ts';
import type { Metrics } from '../../src/triggers/metrics.ts';
import type { Engine } from '../../src/work/engine.ts';
import { beginLife, type DaemonLife, PUBLIC_URL, type Step } from './daemon-life.ts';
import { createOutsideWork } from './outside-work.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { newInstallation, overRedisHere, type WorldQueue, worldQueue } from './world-queue.ts';
import { onPostgres, worldState } from './world-state.ts';
import { type Write, writesIn } from './write-log.ts';

export type World = {
  readonly clock: VirtualClock;
  readonly sandbox: InProcessSandbox;
  readonly store: Store;
  readonly engine: Engine;
  readonly events: DaemonEvents;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly profiles: LiveProfiles;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly reports: Report[];
  readonly fatal: unknown[];
  /** Loads a profile text in place of what runs. */
  load(text: string): Promise<LoadResult>;
  /** Several files at once, as the daemon would find them. */
  loadAll(texts: readonly string[]): Promise<LoadResult>;
  /** Starts the engine and lets time pass until the first match pass and all its work are over. */
  settle(): Promise<void>;
  /** Lets time pass until nothing is dirty and due; answers after at least `ms`. */
  run(ms: number): Promise<void>;
  /** A long quiet time: the clock leaps from one round of schedule to the next, so that hours cost little. */
  idle(ms: number): Promise<void>;
  /** What was requested since the last call, per product. */
  requests(): { readonly jira: readonly LoggedRequest[]; readonly crm: readonly LoggedRequest[] };
  /** What the daemon sent to be written since the last call, whatever came of it. */
  writes(): readonly Write[];
  /** Is told of every step of the daemon as it happens; null: nobody. */
  watch(onStep: ((step: Step) => void) | null): void;
  /** From now on these verbs of the store fail. */
  refuse(verbs: readonly (keyof Store)[], error: Error): void;
  /** From now on the products' clocks are ahead of ours by so much. */
  skew(ms: number): void;
  /** Points both products' webhooks here (again). */
  listen(): void;
  /** From now on every webhook arrives so many times, each copy at a moment of its own. */
  disturb(how: { readonly copies: number; readonly withinMs: number; readonly seed: number }): void;
  /** Ends this life of the daemon between two steps. */
  kill(): void;
  /** Starts the engine and lets no time pass. */
  begin(): Promise<void>;
  /** The state file is gone when the next life begins. */
  loseState(): void;
  /** Begins another life on what the last one left in `stateFile`. */
  restart(how?: { readonly staged?: boolean }): Promise<void>;
  stop(): Promise<void>;
};

export type WorldOptions = {
  readonly seed?: number;
  readonly issues?: number;
  readonly deals?: number;
  readonly company?: SampleCompany;
  readonly profile?: string;
  /** Where the state outlives the daemon; left out: in memory. */
  readonly stateFile?: string;
  readonly limits?: 'real' | 'off';
  /** Bitrix24 as a local application with all that a plan can have, installed and bound. */
  readonly application?: boolean;
  /** The engine works for staged resyncs alone. */
  readonly staged?: boolean;
  readonly log?: Log;
  /** Of the configuration, besides those that the products know. */
  readonly secrets?: readonly string[];
  readonly people?: Parameters<typeof createLiveProfiles>[0]['people'];
};

/** Less than any sweep interval. */
const LEAP_MS = 50_000;

export const PROCUREMENT = readFileSync(new URL('../../config/examples/procurement.yaml', import.meta.url), 'utf8');

/** The same as in the brief of the sample company: only Irina's addresses differ. */
const PEOPLE = {
  map: [{ jira: 'i.ivanova@nordhafen.example', crm: 'ivanova@nordhafen.example' }],
  fallback: { jira: 'sync@nordhafen.example', crm: 'sync@nordhafen.example' },
};

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const outside = onPostgres() || overRedisHere() ? createOutsideWork() : null;
  const clock = createVirtualClock(undefined, outside);
  const seed = options.seed ?? 1;
  const log = options.log ?? silentLog;
  let life: DaemonLife | null = null;
  let disturbance: { copies: number; withinMs: number; random: Random } | null = null;
  const receive = async (webhook: OutgoingWebhook): Promise<number> => {
    if (life === null) throw new Error('connect ECONNREFUSED');
    return life.receive(webhook);
  };
  const deliver = async (webhook: OutgoingWebhook): Promise<number> => {
    if (disturbance === null) return receive(webhook);
    const { copies, withinMs, random: own } = disturbance;
    for (let copy = 0; copy < copies; copy += 1) {
      clock
        .sleep(own.next() * withinMs)
        .then(() => receive(webhook))
        .catch(() => {}); // Nobody listens: this copy is lost.
    }
    return 200;
  };
  let skewMs = 0;
  let refused: { readonly verbs: readonly (keyof Store)[]; readonly error: Error | null } = { verbs: [], error: null };
  const sandbox = createSandboxInProcess({
    clock: { ...clock, now: () => clock.now() + skewMs },
    seed,
    limits: options.limits ?? 'off',
    webhooks: deliver,
    ...(options.issues === undefined ? {} : { issues: options.issues }),
    ...(options.deals === undefined ? {} : { deals: options.deals }),
    ...(options.company === undefined ? {} : { company: options.company }),
  });
  const { jira, bitrix24 } = sandbox;
  const random = seededRandom(seed + 1000);
  const reports: Report[] = [];
  const fatal: unknown[] = [];
  let written: Write[] = [];
  let watcher: ((step: Step) => void) | null = null;

  function onStep(step: Step): void {
    if (step.kind === 'request') written.push(...writesIn(step.side, step.request, clock.now()));
    watcher?.(step);
  }

  const kept = worldState(options.stateFile, outside);
  const installation = newInstallation();
  let queue: WorldQueue | null = null;
  outside?.alsoAwait(async () => queue?.idle());
  let staged = options.staged ?? false;
  async function begin(state: Store): Promise<DaemonLife> {
    queue = overRedisHere() ? await worldQueue(installation, clock) : null;
    return beginLife({
      ...(queue === null ? {} : { makeDispatcher: queue.makeDispatcher }),
      staged,
      application: options.application ?? false,
      sandbox,
      clock,
      random,
      log,
      store: state,
      people: options.people ?? PEOPLE,
      ...(options.secrets ? { secrets: options.secrets } : {}),
      reports,
      fatal,
      onStep,
      refusal: (verb) => (refused.verbs.includes(verb) ? refused.error : null),
    });
  }

  /** Not waited for: a life that is cut off says goodbye to nobody, and its bells ring for nobody. */
  function cutQueue(): void {
    queue?.stop().catch(() => {});
    queue = null;
  }
  let state = await kept.open();
  let current = await begin(state);
  life = current;
  function listen(): void {
    const { webhookSecret: secret } = jira.product.credentials;
    jira.product.configure({ webhooks: { url: 'https://sync.example/webhooks/jira', secret } });
    if (!options.application) bitrix24.product.configure({ webhooks: { url: `${PUBLIC_URL}/webhooks/bitrix24` } });
  }
  listen();
  if (options.application) await installApplication(clock, sandbox, current);

  const marks = { jira: 0, crm: 0 };
  let started = false;
  let lost = false;
  let text = options.profile ?? PROCUREMENT;
  const load = (wanted: string) => {
    text = wanted;
    return clock.until(current.profiles.load([{ file: 'profiles/procurement.yaml', text: wanted }]));
  };

  async function loadAll(texts: readonly string[]): Promise<LoadResult> {
    const sources = texts.map((one, at) => ({ file: `profiles/${at}.yaml`, text: one }));
    const result = await clock.until(current.profiles.load(sources));
    for (const name of result.changed) await state.ringProfile(name, clock.now());
    current.engine.ring();
    return result;
  }

  async function start(): Promise<void> {
    const result = await load(text);
    if (result.problems.length > 0) throw new Error(JSON.stringify(result.problems, null, 1));
    if (result.unreachable !== null) throw result.unreachable;
    current.engine.start();
  }

  async function isQuiet(): Promise<boolean> {
    if (life === null) return true;
    const due = await state.nextDue();
    return current.engine.running() === 0 && (due === null || due > clock.now());
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
    get store() {
      return state;
    },
    get engine() {
      return current.engine;
    },
    get events() {
      return current.events;
    },
    get metrics() {
      return current.metrics;
    },
    log,
    get profiles() {
      return current.profiles;
    },
    get connectors() {
      return current.connectors;
    },
    reports,
    fatal,
    load,
    loadAll,
    run,
    refuse(verbs, error) {
      refused = { verbs, error };
    },
    skew(ms) {
      skewMs = ms;
    },
    listen,
    async settle() {
      if (!started) {
        started = true;
        await start();
      }
      await clock.runFor(1_500);
      for (let rounds = 0; life !== null; rounds += 1) {
        if (fatal.length > 0) throw fatal[0];
        const all = [...current.profiles.current().keys()].every((name) => current.engine.sweeper.matched(name));
        if (all && (await isQuiet())) break;
        if (rounds > 5_000) throw new Error('the first match pass does not end');
        await clock.runFor(200);
      }
      await run(5_000);
    },
    async idle(ms) {
      for (const end = clock.now() + ms; clock.now() < end; ) {
        clock.jump(LEAP_MS);
        await run(2_000);
      }
    },
    requests() {
      const all = { jira: jira.log.list(), crm: bitrix24.log.list() };
      const fresh = { jira: all.jira.slice(marks.jira), crm: all.crm.slice(marks.crm) };
      marks.jira = all.jira.length;
      marks.crm = all.crm.length;
      return fresh;
    },
    writes() {
      const fresh = written;
      written = [];
      return fresh;
    },
    watch(wanted) {
      watcher = wanted;
    },
    disturb({ copies, withinMs, seed: own }) {
      disturbance = { copies, withinMs, random: seededRandom(own) };
    },
    kill() {
      current.kill();
      cutQueue();
      life = null;
    },
    async begin() {
      started = true;
      await start();
    },
    loseState() {
      lost = true;
    },
    async restart(how = {}) {
      if (options.stateFile === undefined) throw new Error('a world that restarts needs a stateFile');
      current.kill();
      cutQueue();
      staged = how.staged ?? false;
      await state.close();
      if (lost) await kept.lose();
      lost = false;
      state = await kept.open();
      // As the daemon does when it starts.
      await state.doubtSentIntents(clock.now());
      current = await begin(state);
      life = current;
      started = true;
      await start();
    },
    async stop() {
      if (life !== null) await clock.until(Promise.all([current.engine.stop(), current.events.stop()]));
      for (const connector of current.connectors.values()) await connector.close();
      sandbox.close();
      if (queue !== null) await clock.until(queue.stop());
      await state.close();
      await kept.end();
    },
  };
}

/** As an administrator and `connect` do it. */
async function installApplication(clock: VirtualClock, sandbox: InProcessSandbox, life: DaemonLife): Promise<void> {
  const handler = `${PUBLIC_URL}/webhooks/bitrix24`;
  sandbox.bitrix24.product.configure({ plan: 'enterprise', app: { installUrl: handler } });
  await clock.runFor(1_000);
  const { events } = life.connectors.get('bitrix24') as Connector;
  const ask = { lane: 'live', handler, specs: [], takeOver: false } as const;
  await clock.until(Promise.resolve(events?.subscribe(ask)));
  await life.store.note(connectNote('bitrix24'), { at: clock.now() });
  await clock.runFor(1_000);
}
