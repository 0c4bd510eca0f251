// Two processes of the daemon on one state and one pair of products, in virtual time. Each may be stopped and continued as
// by SIGSTOP and SIGCONT: nothing of it goes on meanwhile, what it has sent arrives all the same.
import type { LiveProfiles } from '../../src/daemon/live-profiles.ts';
import { seededRandom, silentLog } from '../../src/ports.ts';
import type { OutgoingWebhook, SandboxRequest } from '../../src/sandbox/http.ts';
import { createSandboxInProcess, type InProcessSandbox } from '../../src/sandbox/index.ts';
import type { SampleCompany } from '../../src/sandbox/sample-company.ts';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import type { Store } from '../../src/state/store.ts';
import type { Report } from '../../src/sync/report.ts';
import { beginLife, type DaemonLife, PUBLIC_URL, type Step } from './daemon-life.ts';
import { createPausable, type Pausable } from './pausable.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { PROCUREMENT } from './world.ts';

export type Twin = {
  readonly id: string;
  readonly life: DaemonLife;
  readonly pausable: Pausable;
  readonly store: Store;
};

export type TwoProcesses = {
  readonly clock: VirtualClock;
  readonly sandbox: InProcessSandbox;
  readonly twins: readonly [Twin, Twin];
  readonly fatal: unknown[];
  readonly profiles: LiveProfiles;
  /** What one of them has stored on account of a connection whose lease was the other's at that moment. */
  readonly usurped: readonly string[];
  /** Is told of every step of each, before it knows. */
  watch(onStep: (twin: Twin, step: Step) => void): void;
  /** Is told of every write on account of a connection, before it is carried out: a pause then holds it back. */
  watchWrites(onWrite: (twin: Twin, verb: string) => void): void;
  stop(): Promise<void>;
};

/** Verbs that write on account of a connection, and only for whoever holds its lease. */
const BOUND = new Set([
  'settle',
  'announce',
  'planIntent',
  'moveIntent',
  'observe',
  'census',
  'saveProfileState',
  'unlink',
]);

const PEOPLE = {
  map: [{ jira: 'i.ivanova@nordhafen.example', crm: 'ivanova@nordhafen.example' }],
  fallback: { jira: 'sync@nordhafen.example', crm: 'sync@nordhafen.example' },
};

export async function createTwoProcesses(options: {
  readonly seed: number;
  readonly stateFile: string;
  readonly company: SampleCompany;
}): Promise<TwoProcesses> {
  const clock = createVirtualClock();
  const random = seededRandom(options.seed);
  const fatal: unknown[] = [];
  const usurped: string[] = [];
  let watcher: (twin: Twin, step: Step) => void = () => {};
  let writeWatcher: (twin: Twin, verb: string) => void = () => {};
  const twins: Twin[] = [];
  /** A balancer in front of both: to whoever answers. */
  async function deliver(webhook: OutgoingWebhook): Promise<number> {
    const awake = twins.filter(({ pausable }) => !pausable.paused());
    const one = awake[Math.floor(random.next() * awake.length)];
    if (one === undefined) throw new Error('connect ECONNREFUSED');
    return one.life.receive(webhook);
  }
  const sandbox = createSandboxInProcess({
    clock,
    seed: options.seed,
    limits: 'real',
    webhooks: deliver,
    company: options.company,
  });

  async function begin(id: string): Promise<Twin> {
    const pausable = createPausable(clock);
    const store = openSqliteStore(options.stateFile);
    const reports: Report[] = [];
    const answered = <R>(handle: (request: SandboxRequest) => Promise<R>) => {
      return async (request: SandboxRequest): Promise<R> => {
        const answer = await handle(request);
        await pausable.awake();
        return answer;
      };
    };
    /** A verb may wait inside its process, for its turn in the store: what is paused then leaves when it goes on. */
    const held = (inner: Store) =>
      new Proxy(inner, {
        get(target, name: keyof Store) {
          const verb = target[name] as (...args: unknown[]) => Promise<unknown>;
          if (!BOUND.has(name)) return verb;
          return async (...args: unknown[]) => {
            writeWatcher(twin, name);
            await pausable.awake();
            const result = await verb(...args);
            // The verb and this look are one after the other in the same task: nobody takes the lease in between.
            const [lease] = (await target.leaseTable()).leases;
            if (lease !== undefined && lease.holder !== id) usurped.push(`${name} by ${id} under epoch ${lease.epoch}`);
            return result;
          };
        },
      });
    const { jira, bitrix24 } = sandbox;
    const life = beginLife({
      sandbox: {
        ...sandbox,
        jira: { ...jira, handle: answered(jira.handle) },
        bitrix24: { ...bitrix24, handle: answered(bitrix24.handle) },
      },
      clock: pausable.clock,
      random: seededRandom(options.seed + twins.length + 1),
      log: silentLog,
      store: pausable.wrap(held(store)),
      staged: false,
      application: false,
      people: PEOPLE,
      leases: { me: { id, serves: ['bitrix24'], about: {} }, connections: ['bitrix24'], alone: false },
      lookAgainMs: 500,
      reports,
      fatal,
      onStep: (step) => watcher(twin, step),
    });
    const twin: Twin = { id, life, pausable, store };
    twins.push(twin);
    const result = await clock.until(life.profiles.load([{ file: 'procurement.yaml', text: PROCUREMENT }]));
    if (result.problems.length > 0) throw new Error(JSON.stringify(result.problems));
    life.engine.start();
    return twin;
  }

  const first = await begin('first');
  const second = await begin('second');
  const { webhookSecret: secret } = sandbox.jira.product.credentials;
  sandbox.jira.product.configure({ webhooks: { url: `${PUBLIC_URL}/webhooks/jira`, secret } });
  sandbox.bitrix24.product.configure({ webhooks: { url: `${PUBLIC_URL}/webhooks/bitrix24` } });

  return {
    clock,
    sandbox,
    twins: [first, second],
    fatal,
    profiles: first.life.profiles,
    usurped,
    watch(onStep) {
      watcher = onStep;
    },
    watchWrites(onWrite) {
      writeWatcher = onWrite;
    },
    async stop() {
      for (const { life, pausable, store } of twins) {
        pausable.resume();
        await clock.until(Promise.all([life.engine.stop(), life.events.stop()]));
        for (const connector of life.connectors.values()) await connector.close();
        await store.close();
      }
      sandbox.close();
    },
  };
}
