// The Bitrix24 connector as a local application of the sandbox's portal, with what it keeps, sends and is sent.

import { type Bitrix24Options, createBitrix24Connector } from '../../src/connectors/bitrix24/index.ts';
import type { Connector, EventSource, Signal, Taken } from '../../src/connectors/connector.ts';
import { type Log, seededRandom, silentLog, type Vault } from '../../src/ports.ts';
import { createBitrixSandbox } from '../../src/sandbox/bitrix24/index.ts';
import type { OutgoingWebhook, SandboxRequest, SandboxResponse } from '../../src/sandbox/http.ts';
import { makeCompany } from '../../src/sandbox/sample-data.ts';
import { LIVE, PORTAL_URL } from './bitrix-connection.ts';
import { createInProcessAdapter } from './in-process-adapter.ts';
import { createVirtualClock } from './virtual-clock.ts';

export const HANDLER = 'https://sync.example/webhooks/bitrix24';

/** A vault in memory; `broken` makes it fail as a full disk would. */
export function memoryVault() {
  const kept = new Map<string, string>();
  const vault = {
    broken: null as Error | null,
    kept,
    load: async (name: string) => kept.get(name) ?? null,
    async save(name: string, secret: string) {
      if (vault.broken) throw vault.broken;
      kept.set(name, secret);
    },
  } satisfies Vault & Record<string, unknown>;
  return vault;
}

export function createAppPortal(options: { readonly deals?: number; readonly log?: Log } = {}) {
  const clock = createVirtualClock();
  const outgoing: OutgoingWebhook[] = [];
  const sandbox = createBitrixSandbox({
    clock,
    random: seededRandom(7),
    url: () => PORTAL_URL,
    company: makeCompany({ seed: 7, issues: 1, deals: options.deals ?? 12, now: clock.now() }),
    limits: 'off',
    webhooks: async (event) => {
      outgoing.push(event);
      return 200;
    },
  });
  sandbox.configure({ plan: 'enterprise' });
  const vault = memoryVault();
  /** Method or path of every request, in order. */
  const sent: string[] = [];
  /** May answer instead of the portal, or after it. */
  let intercept: (name: string, request: SandboxRequest) => Promise<SandboxResponse> = (_name, request) =>
    sandbox.handle(request);
  const handle = (request: SandboxRequest) => {
    const name = request.path.startsWith('/oauth/')
      ? `${request.method} ${request.path}`
      : (request.path.split('/').at(-1)?.replace('.json', '') ?? '');
    sent.push(name);
    return intercept(name, request);
  };

  function connect(more: Partial<Bitrix24Options> = {}): Connector & { readonly events: EventSource } {
    const { clientId, clientSecret } = sandbox.credentials;
    const auth = { 'client-id': clientId, 'client-secret': clientSecret, server: PORTAL_URL };
    const connector = createBitrix24Connector(
      { type: 'bitrix24', url: PORTAL_URL, auth, ...more },
      {
        connection: 'bitrix24',
        clock,
        random: seededRandom(1),
        log: options.log ?? silentLog,
        vault,
        adapter: createInProcessAdapter(handle),
      },
    );
    if (!connector.events) throw new Error('an application has events');
    return { ...connector, events: connector.events };
  }
  const connector = connect();

  /** Hands what the portal sent so far to a connector, as the listener would. */
  async function deliver(to = connector): Promise<{ event: string; signal: Signal | null; accepted: boolean }[]> {
    await clock.runFor(1_000);
    const told = [];
    for (const { headers, body } of outgoing.splice(0)) {
      const named = Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]);
      const delivery = { headers: Object.fromEntries(named), body: Buffer.from(body) };
      const signal = (await clock.until(to.events.takeIn?.(delivery) as Promise<Signal | null>)) ?? null;
      const accepted = to.receive?.(delivery, clock.now()).accepted ?? false;
      told.push({ event: new URLSearchParams(body).get('event') ?? '', signal, accepted });
    }
    return told;
  }

  async function install(): Promise<void> {
    sandbox.configure({ app: { installUrl: HANDLER } });
    await deliver();
    sent.length = 0;
  }

  return {
    clock,
    sandbox,
    vault,
    sent,
    outgoing,
    connector,
    connect,
    deliver,
    install,
    intercept(next: typeof intercept) {
      intercept = next;
    },
    identify: (one: Connector = connector) => clock.until(one.identify(LIVE)),
    subscribe: (takeOver = false, handler = HANDLER, plan = false) =>
      clock.until(connector.events.subscribe({ ...LIVE, handler, specs: [{ entity: 'deal' }], takeOver, plan })),
    /** Everything in the queue; `finish` says which portions are acknowledged. */
    pull: (finish: (taken: Taken, nth: number) => boolean = () => true, one = connector) =>
      clock.until(pullAll(one, finish)),
    editDeal: (id: string, fields: Record<string, unknown>) =>
      sandbox.edit({ op: 'update', in: 'deal', id, fields, user: 'Anna Weber' }),
    kept: () => JSON.parse(vault.kept.get('bitrix24') ?? 'null'),
  };
}

async function pullAll(connector: Connector, finish: (taken: Taken, nth: number) => boolean): Promise<string[]> {
  const ids: string[] = [];
  let nth = 0;
  for await (const taken of connector.events?.pull?.(LIVE) ?? []) {
    ids.push(...taken.hints.map(({ entity, id, kind }) => `${entity} ${id} ${kind}`));
    nth += 1;
    if (!finish(taken, nth)) return ids;
    await taken.done();
  }
  return ids;
}

export type AppPortal = ReturnType<typeof createAppPortal>;
