// The sandbox as a whole: the sample company told to both products, faults and a request log around each of them, on
// real sockets or without any.
import { type Clock, type Random, seededRandom } from '../ports.ts';
import { createBitrixSandbox } from './bitrix24/index.ts';
import { CONTROL_PREFIX, createControl } from './control.ts';
import { createFaults, type Faults, type ProductName } from './faults.ts';
import type { Product, SandboxRequest, SandboxResponse, WebhookPort } from './http.ts';
import { createJiraSandbox } from './jira/index.ts';
import { createRequestLog, type RequestLog, withRequestLog } from './request-log.ts';
import type { SampleCompany } from './sample-company.ts';
import { makeCompany } from './sample-data.ts';
import { type SandboxServer, startServer } from './server.ts';
import { createHttpWebhookPort } from './webhook-port.ts';

export type JiraProduct = ReturnType<typeof createJiraSandbox>;
export type BitrixProduct = ReturnType<typeof createBitrixSandbox>;

export type SandboxOptions = {
  readonly clock: Clock;
  /** Default 1: the same seed, the same company, tokens and ids. */
  readonly seed?: number;
  /** Where tokens and jitter come from; default: the seed. */
  readonly random?: Random;
  readonly issues?: number;
  readonly deals?: number;
  /** `real`: the vendors' documented limits. */
  readonly limits?: 'real' | 'off';
  /** How far Jira's search lags behind; default 2 s. */
  readonly indexLagMs?: number;
  /** Instead of the sample company. */
  readonly company?: SampleCompany;
};

/** One product with faults and log around it. */
export type SandboxSide<P extends Product> = {
  readonly url: string;
  readonly product: P;
  /** As a client reaches it: through faults and log. */
  readonly handle: Product['handle'];
  readonly log: RequestLog;
  readonly faults: Faults;
};

export type InProcessSandbox = {
  readonly jira: SandboxSide<JiraProduct>;
  readonly bitrix24: SandboxSide<BitrixProduct>;
  readonly company: SampleCompany;
  readonly close: () => void;
};

/** The line that `sandbox` prints. */
export type Ready = {
  readonly ready: true;
  readonly jira: {
    readonly url: string;
    readonly email: string;
    readonly token: string;
    readonly webhookSecret: string;
  };
  readonly bitrix24: {
    readonly url: string;
    readonly webhook: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly memberId: string;
    readonly applicationToken: string;
  };
  readonly control: { readonly token: string };
};

export type RunningSandbox = {
  readonly ready: Ready;
  readonly jira: SandboxSide<JiraProduct>;
  readonly bitrix24: SandboxSide<BitrixProduct>;
  readonly company: SampleCompany;
  readonly close: () => Promise<void>;
};

export const DEFAULT_ISSUES = 120;
export const DEFAULT_DEALS = 160;

type Urls = Readonly<Record<ProductName, () => string>>;

function buildProducts(options: SandboxOptions, urls: Urls, webhooks: WebhookPort, random: Random) {
  const { clock, seed = 1, issues = DEFAULT_ISSUES, deals = DEFAULT_DEALS, limits = 'off', indexLagMs } = options;
  const company = options.company ?? makeCompany({ seed, issues, deals, now: clock.now() });
  // Each product draws from a sequence of its own: what one is asked never changes what the other answers.
  const ownRandom = () => seededRandom(Math.floor(random.next() * 2 ** 32));
  const shared = { clock, company, limits, webhooks };
  const jira = createJiraSandbox({
    ...shared,
    random: ownRandom(),
    url: urls.jira,
    ...(indexLagMs === undefined ? {} : { indexLagMs }),
  });
  const bitrix24 = createBitrixSandbox({ ...shared, random: ownRandom(), url: urls.bitrix24 });
  return { company, jira, bitrix24 };
}

function surround<P extends Product>(name: ProductName, url: string, product: P, clock: Clock): SandboxSide<P> {
  const log = createRequestLog();
  const faults = createFaults(clock);
  const handle = withRequestLog(faults.wrap(name, product.handle), log, clock.now);
  return { url, product, handle, log, faults };
}

function closeSides(sides: readonly SandboxSide<Product>[]): void {
  for (const side of sides) {
    side.faults.close();
    side.product.close();
  }
}

export type InProcessOptions = SandboxOptions & {
  /** Default: every webhook is answered with 200 and forgotten. */
  readonly webhooks?: WebhookPort;
  readonly jiraUrl?: string;
  readonly bitrixUrl?: string;
};

/** Both products without a socket, for deterministic tests. */
export function createSandboxInProcess(options: InProcessOptions): InProcessSandbox {
  const jiraUrl = options.jiraUrl ?? 'https://nordhafen.atlassian.example';
  const bitrixUrl = options.bitrixUrl ?? 'https://nordhafen.bitrix24.example';
  const webhooks = options.webhooks ?? (async () => 200);
  const random = options.random ?? seededRandom(options.seed ?? 1);
  const built = buildProducts(options, { jira: () => jiraUrl, bitrix24: () => bitrixUrl }, webhooks, random);
  const jira = surround('jira', jiraUrl, built.jira, options.clock);
  const bitrix24 = surround('bitrix24', bitrixUrl, built.bitrix24, options.clock);
  return { jira, bitrix24, company: built.company, close: () => closeSides([jira, bitrix24]) };
}

export type StartOptions = SandboxOptions & {
  /** 0: a free one. */
  readonly jiraPort?: number;
  readonly bitrixPort?: number;
  /** Default: real HTTP. */
  readonly webhooks?: WebhookPort;
};

function withControl(side: SandboxSide<Product>, token: string): (request: SandboxRequest) => Promise<SandboxResponse> {
  const control = createControl({ token, product: side.product, faults: side.faults, log: side.log });
  return async (request) =>
    request.path.startsWith(CONTROL_PREFIX) ? (control(request) as SandboxResponse) : side.handle(request);
}

/** Both products on loopback, with their control routes. */
export async function startSandbox(options: StartOptions): Promise<RunningSandbox> {
  const { clock } = options;
  const random = options.random ?? seededRandom(options.seed ?? 1);
  const token = random.hex(16);
  const urls = { jira: '', bitrix24: '' };
  const webhooks = options.webhooks ?? createHttpWebhookPort(clock);
  const built = buildProducts(options, { jira: () => urls.jira, bitrix24: () => urls.bitrix24 }, webhooks, random);

  const serveJira = surround('jira', '', built.jira, clock);
  const serveBitrix = surround('bitrix24', '', built.bitrix24, clock);
  const servers: SandboxServer[] = [];
  try {
    servers.push(await startServer({ port: options.jiraPort ?? 0, handle: withControl(serveJira, token) }));
    servers.push(await startServer({ port: options.bitrixPort ?? 0, handle: withControl(serveBitrix, token) }));
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    closeSides([serveJira, serveBitrix]);
    throw error;
  }
  urls.jira = servers[0]?.url ?? '';
  urls.bitrix24 = servers[1]?.url ?? '';

  const jira = { ...serveJira, url: urls.jira };
  const bitrix24 = { ...serveBitrix, url: urls.bitrix24 };
  const { webhook, ...crm } = built.bitrix24.credentials;
  return {
    ready: {
      ready: true,
      jira: { url: jira.url, ...built.jira.credentials },
      bitrix24: { url: bitrix24.url, webhook: webhook(), ...crm },
      control: { token },
    },
    jira,
    bitrix24,
    company: built.company,
    async close() {
      closeSides([jira, bitrix24]);
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
