// What products answer, damaged: members missing, of other types, huge, deep, doubled, cut off. A connector answers with
// what it can prove or with an error of a known class; it never crashes, never asks for ever, and invents nothing.
import { expect, it } from 'vitest';
import type { Ask, Connector } from '../../src/connectors/connector.ts';
import { SyncError } from '../../src/errors.ts';
import { canonicalText, isCivilDate, isDecimal, isInstant } from '../../src/mapping/canonical.ts';
import type { FieldSchema, SourceRecord, Value } from '../../src/model.ts';
import type { Random } from '../../src/ports.ts';
import type { Product, SandboxResponse } from '../../src/sandbox/http.ts';
import { applicationBench } from '../contract/connector/application-bench.ts';
import { type Bench, openBench, type ProductBench } from '../contract/connector/bench.ts';
import { bitrix24Bench } from '../contract/connector/bitrix24-bench.ts';
import { jiraBench } from '../contract/connector/jira-bench.ts';
import { prove } from '../support/cases.ts';
import { below, damageBytes, damageJson, hostileText, maybe, pick } from '../support/hostile.ts';

const LIVE: Ask = { lane: 'live' };
const BULK: Ask = { lane: 'bulk' };
/** No verb needs so many for six records, repeats and look-ups included. */
const MOST_REQUESTS = 400;
const MOST_PAGES = 50;
/** Creates leave records behind; a fresh world from time to time keeps the pages short. */
const CASES_PER_WORLD = 250;

type Damage = { readonly handle: Product['handle']; readonly seen: () => string; readonly requests: () => number };

/** Lets some answers through and damages the others. */
function damaging(chance: Random, real: Product['handle']): Damage {
  const from = below(chance, 4);
  const often = pick(chance, [1, 0.5, 0.2]);
  let requests = 0;
  let seen = '';
  async function handle(request: Parameters<Product['handle']>[0]): Promise<SandboxResponse> {
    requests += 1;
    if (requests > MOST_REQUESTS) throw new Error('the connector asks for ever');
    const answer = await real(request);
    const spared = requests - 1 < from || !maybe(chance, often);
    const sent = spared ? answer : damage(chance, answer);
    seen += Buffer.from(sent.body).toString();
    return sent;
  }
  return { handle, seen: () => seen, requests: () => requests };
}

function damage(chance: Random, answer: SandboxResponse): SandboxResponse {
  const text = Buffer.from(answer.body).toString();
  const kind = chance.next();
  if (kind < 0.08) return { ...answer, body: damageBytes(chance, Buffer.from(text)) };
  if (kind < 0.14)
    return { ...answer, status: pick(chance, [200, 201, 204, 301, 400, 401, 403, 404, 409, 429, 500, 503]) };
  if (kind < 0.18) return { ...answer, headers: hostileHeaders(chance, answer) };
  if (kind < 0.2) return { ...answer, drop: true };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  let damaged = json;
  for (let times = 1 + below(chance, 3); times > 0; times -= 1) damaged = damageJson(chance, damaged);
  return { ...answer, body: JSON.stringify(damaged) ?? '' };
}

function hostileHeaders(chance: Random, answer: SandboxResponse): Record<string, string> {
  const value = pick(chance, ['1e21', '-5', 'NaN', 'Thu, 01 Jan 1970 00:00:00 GMT', 'soon', '99999999999999', '']);
  const name = pick(chance, ['retry-after', 'date', 'content-type', 'x-ratelimit-reset', 'location', 'x-aaccountid']);
  return { ...answer.headers, [name]: value };
}

type Verb = (bench: Bench, connector: Connector, chance: Random) => Promise<void>;

function someId(bench: Bench, chance: Random): string {
  return pick(chance, bench.recordIds());
}

function values(bench: Bench, chance: Random): Record<string, Value> {
  const text = canonicalText(
    hostileText(chance).toWellFormed().replaceAll('\0', '').slice(0, 50).replace(/\s+/g, ' ').trim(),
  );
  return {
    [bench.id('text')]: text ?? 'x',
    [bench.id('amount')]: bench.amount('17.5'),
    [bench.id('tags')]: ['a', 'b'],
    ...(maybe(chance, 0.3) ? { [bench.id('status')]: bench.option('status', bench.steps.next) } : {}),
  };
}

const VERBS: Readonly<Record<string, Verb>> = {
  async identify(_bench, connector) {
    const account = await connector.identify(LIVE);
    expect([typeof account.id, typeof account.name, typeof account.tenant]).toEqual(['string', 'string', 'string']);
    expect(Number.isFinite(account.serverTime)).toBe(true);
  },
  async describe(bench, connector) {
    const { scope, fields, problems } = await connector.describe(bench.spec, LIVE);
    expect(scope === null).toBe(problems.length > 0);
    for (const field of fields) expect([typeof field.id, typeof field.label]).toEqual(['string', 'string']);
    for (const problem of problems) expect(problem.cure).not.toBe('');
  },
  async people(_bench, connector) {
    for (const person of await connector.people(LIVE)) {
      expect([typeof person.id, typeof person.name, typeof person.active]).toEqual(['string', 'string', 'boolean']);
    }
  },
  async read(bench, connector, chance) {
    const id = someId(bench, chance);
    const record = await connector.read(bench.scope, id, bench.ids, LIVE);
    if (record !== null) expectRecord(bench, record, id);
  },
  async 'many reads'(bench, connector, chance) {
    const ids = [someId(bench, chance), someId(bench, chance), '999999'];
    const read = await Promise.allSettled(ids.map((id) => connector.read(bench.scope, id, bench.ids, BULK)));
    for (const [at, one] of read.entries()) {
      if (one.status === 'rejected') throw one.reason;
      if (one.value !== null) expectRecord(bench, one.value, ids[at] ?? '');
    }
  },
  async create(bench, connector, chance) {
    const key = bench.marker.key.replace(/\d+$/, String(50_000 + below(chance, 10_000)));
    const marker = { ...bench.marker, key };
    const record = await connector.create(bench.scope, values(bench, chance), marker, bench.ids, LIVE);
    expectRecord(bench, record, null);
  },
  async update(bench, connector, chance) {
    const id = someId(bench, chance);
    const patch = values(bench, chance);
    const expected = { ...patch, [bench.id('tags')]: null };
    const { record } = await connector.update(bench.scope, id, patch, expected, bench.ids, LIVE);
    expectRecord(bench, record, id);
  },
  async stamp(bench, connector, chance) {
    const id = someId(bench, chance);
    expectRecord(bench, await connector.stamp(bench.scope, id, bench.marker, bench.ids, LIVE), id);
  },
  async changes(bench, connector, chance) {
    const cursor = maybe(chance, 0.5) ? null : connector.cursorAt(bench.clock.now() - 3_600_000);
    let pages = 0;
    for await (const page of connector.changes(bench.scope, cursor, bench.ids, BULK)) {
      pages += 1;
      if (pages > MOST_PAGES) throw new Error('the sweep goes on for ever');
      expect(typeof page.cursor).toBe('string');
      for (const record of page.records) expectRecord(bench, record, null);
      if (page.end) break;
    }
  },
  async findByKey(bench, connector) {
    for (const record of await connector.findByKey(bench.scope, bench.marker.key, bench.ids, LIVE)) {
      expectRecord(bench, record, null);
      expect(record.marker?.key).toBe(bench.marker.key);
    }
  },
  async lookUp(bench, connector, chance) {
    const before = await connector.beforeCreate(bench.scope, LIVE);
    const sent = { before, endedAt: bench.clock.now() - 60_000, arrived: chance.next() < 0.5 };
    const found = await connector.lookUp(bench.scope, bench.marker.key, sent, bench.ids, LIVE);
    expect(typeof found).toBe('object');
  },
  async remove(bench, connector) {
    await connector.remove?.(bench.scope, '999999', LIVE);
  },
  async hides(bench, connector, chance) {
    const hidden = await connector.hides?.(bench.scope, someId(bench, chance), LIVE);
    expect(['boolean', 'undefined']).toContain(typeof hidden);
  },
};

/** A record that is the one asked for, in canonical values only. */
function expectRecord(bench: Bench, record: SourceRecord, id: string | null): void {
  if (id !== null) expect(record.ref.id).toBe(id);
  expect(record.ref.id).toMatch(/^\d+$/);
  expect([record.ref.side, record.ref.entity]).toEqual([bench.side, bench.spec.entity]);
  expect([typeof record.key, typeof record.version, typeof record.url]).toEqual(['string', 'string', 'string']);
  expect(Number.isFinite(record.createdAt) && Number.isFinite(record.updatedAt)).toBe(true);
  const schemas = new Map<string, FieldSchema>(Object.values(bench.schemas).map((schema) => [schema.id, schema]));
  for (const [name, value] of Object.entries(record.fields)) {
    const schema = schemas.get(name);
    if (schema === undefined) throw new Error(`a field that nobody asked for: ${name}`);
    if (!isCanonical(value, schema)) throw new Error(`${schema.type} ${name} is ${JSON.stringify(value)}`);
  }
}

function isCanonical(value: Value, { type }: FieldSchema): boolean {
  if (value === null) return true;
  if (type === 'set') {
    const members = Array.isArray(value) ? value : [];
    const sorted = [...new Set(members)].sort();
    return (
      members.length > 0 && members.every((one) => typeof one === 'string') && members.join('\n') === sorted.join('\n')
    );
  }
  if (type === 'money') {
    const { amount, currency } = value as { amount?: unknown; currency?: unknown };
    return typeof amount === 'string' && isDecimal(amount) && typeof currency === 'string';
  }
  if (type === 'boolean') return typeof value === 'boolean';
  if (typeof value !== 'string') return false;
  if (type === 'number') return isDecimal(value);
  if (type === 'date') return isCivilDate(value);
  if (type === 'datetime') return isInstant(value);
  if (type === 'text') return canonicalText(value) === value;
  return value !== '';
}

const PRODUCTS: readonly [string, ProductBench, readonly [number, number]][] = [
  ['Jira', jiraBench, [3_000, 400_000]],
  ['Bitrix24', bitrix24Bench, [3_000, 400_000]],
  ['a Bitrix24 application', applicationBench, [600, 200_000]],
];

it.each(PRODUCTS)(
  'a damaged answer of %s ends in a proven result or a known error',
  async (name, product, cases) => {
    let bench: Bench | null = null;
    await prove(
      { goal: 'T4', what: `damaged answers of ${name}`, cases, file: import.meta.url },
      async (chance, at) => {
        if (bench === null || at % CASES_PER_WORLD === 0) {
          await bench?.close();
          bench = await openBench(product, {}, { records: 6 });
        }
        const world = bench;
        const damaged = damaging(chance, world.site.handle);
        const connector = world.connect({}, damaged.handle);
        const verb = pick(chance, Object.keys(VERBS));
        try {
          await world.until((VERBS[verb] as Verb)(world, connector, chance));
        } catch (error) {
          const known = error instanceof SyncError;
          if (known && error.message !== '' && error.cure !== '' && damaged.requests() <= MOST_REQUESTS) return;
          const stack = error instanceof Error ? error.stack : String(error);
          throw new Error(`${verb}: ${stack}\n${damaged.seen().slice(0, 3_000)}`);
        } finally {
          await connector.close();
        }
      },
    );
  },
  600_000,
);
