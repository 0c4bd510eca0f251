// A Bitrix24 connector in front of the sandbox portal, or of scripted answers, without a socket in between.
import { type AxiosAdapter, AxiosError } from 'axios';
import { type Bitrix24Options, createBitrix24Connector } from '../../src/connectors/bitrix24/index.ts';
import type { Ask, Connector } from '../../src/connectors/connector.ts';
import type { Scope } from '../../src/model.ts';
import { type Log, seededRandom, silentLog } from '../../src/ports.ts';
import { createBitrixSandbox } from '../../src/sandbox/bitrix24/index.ts';
import type { OutgoingWebhook, SandboxRequest, SandboxResponse } from '../../src/sandbox/http.ts';
import { makeCompany } from '../../src/sandbox/sample-data.ts';
import { createInProcessAdapter } from './in-process-adapter.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export const PORTAL_URL = 'https://nordhafen.bitrix24.example';
export const LIVE: Ask = { lane: 'live' };

export type Sent = {
  readonly method: string;
  readonly body: Record<string, unknown>;
  readonly commands: readonly string[];
};

export function sentOf(request: SandboxRequest): Sent {
  const body = JSON.parse(new TextDecoder().decode(request.body) || '{}') as Record<string, unknown>;
  const method =
    request.path
      .split('/')
      .at(-1)
      ?.replace(/\.json$/, '') ?? '';
  const commands = method === 'batch' ? Object.values(body.cmd as Record<string, string>) : [];
  return { method, body, commands: commands.map((command) => decodeURIComponent(command)) };
}

export type PortalOptions = {
  readonly deals?: number;
  readonly limits?: 'real' | 'off';
  readonly options?: Partial<Bitrix24Options>;
};

export type TestPortal = {
  readonly clock: VirtualClock;
  readonly sandbox: ReturnType<typeof createBitrixSandbox>;
  readonly connector: Connector;
  /** Every request that left, in order. */
  readonly sent: Sent[];
  /** What the portal sent to its outgoing webhooks. */
  readonly events: OutgoingWebhook[];
  /** A second connector to the same portal. */
  connect(options?: Partial<Bitrix24Options>): Connector;
};

export function createTestPortal({ deals = 12, limits = 'off', options = {} }: PortalOptions = {}): TestPortal {
  const clock = createVirtualClock();
  const events: OutgoingWebhook[] = [];
  const sandbox = createBitrixSandbox({
    clock,
    random: seededRandom(7),
    url: () => PORTAL_URL,
    company: makeCompany({ seed: 7, issues: 1, deals, now: clock.now() }),
    limits,
    webhooks: async (event) => {
      events.push(event);
      return 200;
    },
  });
  const sent: Sent[] = [];
  const adapter = createInProcessAdapter((request) => {
    sent.push(sentOf(request));
    return sandbox.handle(request);
  });
  const connect = (more: Partial<Bitrix24Options> = {}) =>
    createBitrix24Connector(
      { type: 'bitrix24', url: PORTAL_URL, auth: { webhook: sandbox.credentials.webhook() }, ...options, ...more },
      { connection: 'bitrix24', clock, random: seededRandom(1), log: silentLog, adapter },
    );
  return { clock, sandbox, connector: connect(), sent, events, connect };
}

export type Script = (sent: Sent, request: SandboxRequest) => Reply | Promise<Reply>;
export type Reply = Partial<SandboxResponse> | Record<string, unknown> | { readonly breaks: string };

export const SCRIPT_URL = 'https://acme.bitrix24.ru';
export const SCRIPT_WEBHOOK = `${SCRIPT_URL}/rest/7/s3cr3tc0de/`;

/** Answers come from a script: an object with `status` is the whole answer, one with `breaks` a broken connection. */
export function createScriptedPortal(script: Script, options: Partial<Bitrix24Options> = {}, log: Log = silentLog) {
  const clock = createVirtualClock();
  const sent: Sent[] = [];
  const hosts: string[] = [];
  const handle = createInProcessAdapter(async (request) => {
    sent.push(sentOf(request));
    hosts.push(request.headers.host ?? '');
    const reply = await script(sentOf(request), request);
    if ('breaks' in reply) throw new AxiosError('socket hang up', String(reply.breaks));
    if ('status' in reply) return { headers: {}, body: '', ...(reply as Partial<SandboxResponse>) } as SandboxResponse;
    return { status: 200, headers: {}, body: JSON.stringify(reply) };
  });
  const connector = createBitrix24Connector(
    { type: 'bitrix24', url: SCRIPT_URL, auth: { webhook: SCRIPT_WEBHOOK }, ...options },
    { connection: 'bitrix24', clock, random: seededRandom(1), log, adapter: handle as AxiosAdapter },
  );
  return { connector, clock, sent, hosts };
}

export async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

/** What the scope holds, in the order of a full pass. */
export async function idsOf(connector: Connector, scope: Scope): Promise<string[]> {
  const pages = await collect(connector.changes(scope, null, [], LIVE));
  return pages.flatMap(({ records }) => records.map(({ ref }) => ref.id));
}
