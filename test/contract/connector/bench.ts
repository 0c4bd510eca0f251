// One product of the sandbox with a connector in front of it, in words that fit both: fields by the part they play,
// people who edit by hand, and every request that the connector sent, taken apart.
import type { AxiosAdapter } from 'axios';
import type { Ask, Connector } from '../../../src/connectors/connector.ts';
import { createConnector } from '../../../src/connectors/create-connector.ts';
import type { ConnectionOptions } from '../../../src/connectors/registry.ts';
import type { FieldSchema, FieldType, Scope, ScopeSpec, Side, Value } from '../../../src/model.ts';
import { type Details, type Log, seededRandom, type Vault } from '../../../src/ports.ts';
import type { OutgoingWebhook, Product, SandboxRequest } from '../../../src/sandbox/http.ts';
import { createSandboxInProcess, type InProcessSandbox, type SandboxSide } from '../../../src/sandbox/index.ts';
import { createInProcessAdapter } from '../../support/in-process-adapter.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

export const LIVE: Ask = { lane: 'live' };
export const BULK: Ask = { lane: 'bulk' };

/** The part that a field plays in the suite; every product has one of each. */
export type Role = 'text' | 'note' | 'amount' | 'date' | 'instant' | 'choice' | 'tags' | 'places' | 'person' | 'status';
export const ROLES: readonly Role[] = [
  'text',
  'note',
  'amount',
  'date',
  'instant',
  'choice',
  'tags',
  'places',
  'person',
  'status',
];

export type RoleField = {
  readonly label: string;
  readonly type: FieldType;
  readonly items?: FieldSchema['items'];
  /** Labels of some of its options. */
  readonly options?: readonly string[];
};

/** What one request of the connector was about. */
export type Sent = {
  readonly host: string;
  readonly method: string;
  /** `POST search/jql`, `crm.item.get`, `batch`. */
  readonly call: string;
  readonly body: string;
  /** Ids of records that this request reads singly. */
  readonly reads: readonly string[];
  /** Per record written: the vendor's names of the fields that go along. */
  readonly writes: readonly (readonly string[])[];
};

export type ProductBench = {
  readonly side: Side;
  readonly product: 'jira' | 'bitrix24';
  readonly spec: ScopeSpec;
  /** The same place with a name that does not exist. */
  readonly lostSpec: { readonly spec: ScopeSpec; readonly path: readonly string[]; readonly nearest: string };
  readonly fields: Readonly<Record<Role, RoleField>>;
  /** Statuses by label: where a new record stands, and one that it may go to in one step. */
  readonly steps: { readonly first: string; readonly next: string };
  readonly marker: { readonly key: string; readonly tenant: string };
  readonly webhookUrl: string;
  options(sandbox: InProcessSandbox, more: Readonly<Record<string, unknown>>): ConnectionOptions;
  siteOf(sandbox: InProcessSandbox): SandboxSide<Product>;
  /** `proof`: the part of a delivery that proves it; null: a signature over every byte. */
  secrets(sandbox: InProcessSandbox): { readonly shown: readonly string[]; readonly proof: string | null };
  sentOf(request: SandboxRequest): Pick<Sent, 'call' | 'reads' | 'writes'>;
  amount(text: string): Value;
  /** Ids of the records of the scope, read from the sandbox's own state. */
  idsIn(state: unknown): readonly string[];
  /** How a person names things in an edit. */
  place(): { readonly in: string; readonly type?: string };
  hide(id: string, key: string): Readonly<Record<string, unknown>>;
  /** Takes a record out of the scope without deleting it. */
  moveAway(side: SandboxSide<Product>, id: string, key: string): void;
  /** Settings with which the product refuses a step of the status. */
  refuseStep: Readonly<Record<string, unknown>>;
  /** Settings with which the account may not write. */
  refuseWrites: Readonly<Record<string, unknown>>;
  deadCredential: Readonly<Record<string, unknown>>;
  /** Marks a record with somebody else's mark. */
  markForeign(side: SandboxSide<Product>, id: string): void;
  /** Claims our mark on a record without the proof that we made it. */
  forgeMark(side: SandboxSide<Product>, id: string, key: string): void;
  /** Settings that change the fields as an administrator does, and that lose an option of a write in silence. */
  renameField(label: string, to: string): Readonly<Record<string, unknown>>;
  removeOption(label: string, option: string): Readonly<Record<string, unknown>>;
  dropOption(label: string, option: string): Readonly<Record<string, unknown>>;
  /** Where the product can move its address: settings, and the host that it then answers under. */
  readonly prepare?: Prepare;
  readonly rename?: { readonly settings: Readonly<Record<string, unknown>>; readonly to: string };
};

/** What a connection needs besides options; `deliveries` are those that the product sent so far. */
export type Prepare = (
  sandbox: InProcessSandbox,
  deliveries: () => Promise<readonly OutgoingWebhook[]>,
) => Promise<Vault>;

export type Bench = Awaited<ReturnType<typeof openBench>>;
export type OpenBench = (options?: BenchOptions) => Promise<Bench>;

export type BenchOptions = {
  readonly records?: number;
  readonly limits?: 'real' | 'off';
  readonly indexLagMs?: number;
  readonly connection?: Readonly<Record<string, unknown>>;
};

export async function openBench(
  product: ProductBench,
  settings: Readonly<Record<string, unknown>>,
  options: BenchOptions,
) {
  const clock: VirtualClock = createVirtualClock();
  const deliveries: OutgoingWebhook[] = [];
  const records = options.records ?? 8;
  const sandbox = createSandboxInProcess({
    clock,
    seed: 5,
    issues: product.side === 'jira' ? records : 1,
    deals: product.side === 'crm' ? records : 1,
    limits: options.limits ?? 'off',
    ...(options.indexLagMs === undefined ? {} : { indexLagMs: options.indexLagMs }),
    webhooks: async (webhook) => {
      deliveries.push(webhook);
      return 200;
    },
  });
  const side = product.siteOf(sandbox);
  side.product.configure(settings);
  const vault = await product.prepare?.(sandbox, async () => {
    await clock.runFor(1_000);
    return deliveries.splice(0);
  });

  const log = notedLog();
  const sent: Sent[] = [];
  function noted(handle: Product['handle']): AxiosAdapter {
    return createInProcessAdapter((request) => {
      sent.push({
        host: request.headers.host ?? '',
        method: request.method,
        body: Buffer.from(request.body).toString(),
        ...product.sentOf(request),
      });
      return handle(request);
    });
  }

  function connect(more: Readonly<Record<string, unknown>> = {}, handle = side.handle): Connector {
    const random = seededRandom(11);
    const deps = {
      connection: product.product,
      clock,
      random,
      log: log.log,
      adapter: noted(handle),
      ...(vault ? { vault } : {}),
    };
    return createConnector(product.options(sandbox, { ...options.connection, ...more }), deps);
  }

  const connector = connect();
  const until = <T>(work: Promise<T>): Promise<T> => clock.until(work);
  const { scope, fields, problems } = await until(connector.describe(product.spec, LIVE));
  if (scope === null) throw new Error(problems.map(({ message }) => message).join('; '));
  const people = await until(connector.people(LIVE));

  const schemas = Object.fromEntries(
    ROLES.map((role) => [role, labelled(fields, product.fields[role].label)]),
  ) as Record<Role, FieldSchema>;
  const id = (role: Role): string => schemas[role].id;
  const option = (role: Role, label: string): string =>
    schemas[role].options?.find((one) => one.label === label)?.id ?? `no option ${label}`;

  const bench = {
    ...product,
    clock,
    sandbox,
    site: side,
    connector,
    connect,
    scope: scope as Scope,
    schemas,
    deliveries,
    /** Every line that the connector logged. */
    logged: log.lines,
    until,
    id,
    option,
    ids: ROLES.map(id),
    person: (name: string): string => people.find((one) => one.name === name)?.id ?? '',
    /** What was sent since the last call. */
    sent: (): readonly Sent[] => sent.splice(0),
    recordIds: () => product.idsIn(side.product.state()),
    /** A person changes a record by hand. */
    edit(record: string, changes: Partial<Record<Role, unknown>>, user = 'Anna Weber') {
      const named = Object.entries(changes).map(([role, value]) => [product.fields[role as Role].label, value]);
      side.product.edit({
        op: 'update',
        in: product.place().in,
        id: record,
        user,
        fields: Object.fromEntries(named),
      });
    },
    add(text: string) {
      return side.product.edit({ op: 'create', ...product.place(), fields: { [product.fields.text.label]: text } });
    },
    remove(record: string) {
      side.product.edit({ op: 'delete', in: product.place().in, id: record });
    },
    async read(record: string, roles: readonly Role[] = ROLES) {
      return until(connector.read(bench.scope, record, roles.map(id), LIVE));
    },
    async close() {
      await connector.close();
      sandbox.close();
    },
  };
  sent.length = 0;
  return bench;
}

export type LogLine = { readonly level: string; readonly message: string; readonly details: Details };

function notedLog(): { readonly log: Log; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (message: string, details: Details) => {
    lines.push({ level, message, details: details ?? {} });
  };
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => log } as Log;
  return { log, lines };
}

function labelled(fields: readonly FieldSchema[], label: string): FieldSchema {
  const field = fields.find((one) => one.label === label);
  if (!field) throw new Error(`no field "${label}" among ${fields.map((one) => one.label).join(', ')}`);
  return field;
}

export async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

/** The error that the work ended with; fails when there was none. */
export async function failureOf(work: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const settled = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(settled instanceof Error)) throw new Error('the work did not fail');
  return settled as Error & Record<string, unknown>;
}
