import { expect, test } from 'vitest';
import type { Scope } from '../../../../src/model.ts';
import {
  collect,
  createScriptedPortal,
  createTestPortal,
  idsOf,
  LIVE,
  type Sent,
} from '../../../support/bitrix-connection.ts';

const OVERLAP = 600_000;
const START = Date.parse('2026-11-21T09:00:00Z');
const STAMP = '2026-11-20T12:00:00+03:00';
const EVERYTHING: Scope = { connection: 'bitrix24', entity: 'deal', query: { where: [] } };
const FIELDS = { fields: { id: { type: 'integer' }, title: { type: 'string', title: 'Название' } } };

type Answer = { result?: unknown; error?: string; total?: number };
type PortalRules = {
  /** What an unresolved `$result` reference becomes. */
  readonly unresolved?: 'nothing' | 'start-over';
  readonly fail?: (page: number, request: number) => { error: string; error_description: string } | null;
};

/** A portal with `count` deals that speaks just enough of lists and batches, with vendor-like reference rules. */
function portalWith(count: number, rules: PortalRules = {}) {
  const ids = Array.from({ length: count }, (_, index) => 3 * index + 10);
  let requests = 0;
  const list = (command: string, seen: Map<string, number[]>): Answer => {
    const params = new URLSearchParams(command.split('?')[1] ?? '');
    const after = params.get('filter[>id]') ?? '';
    const reference = /^\$result\[(p\d+)\]\[items\]\[49\]\[id\]$/.exec(after);
    const resolved = reference ? seen.get(reference[1] ?? '')?.[49] : Number(after);
    if (resolved === undefined && rules.unresolved === 'nothing') return { result: { items: [] }, total: 0 };
    const left = ids.filter((id) => id > (resolved ?? 0));
    const items = left.slice(0, 50).map((id) => ({ id, title: `D${id}`, createdTime: STAMP, updatedTime: STAMP }));
    return { result: { items }, total: params.get('start') === '-1' ? 0 : left.length };
  };
  const time = () => ({ start: START / 1000 + requests, date_start: STAMP });
  const portal = createScriptedPortal(({ method, body }: Sent) => {
    if (method === 'crm.item.fields') return { result: FIELDS, time: time() };
    requests += 1;
    if (method === 'crm.item.list') {
      const filter = new URLSearchParams({ 'filter[>id]': String((body.filter as Record<string, unknown>)['>id']) });
      return { ...list(`x?${filter}&start=-1`, new Map()), time: time() };
    }
    const seen = new Map<string, number[]>();
    const maps = { result: {}, result_error: {}, result_total: {} } as Record<string, Record<string, unknown>>;
    for (const [key, command] of Object.entries(body.cmd as Record<string, string>)) {
      const failure = rules.fail?.(Number(key.slice(1)), requests);
      if (failure) {
        Object.assign(maps.result_error as object, { [key]: failure });
        continue;
      }
      const { result, total } = list(command, seen);
      seen.set(
        key,
        (result as { items: { id: number }[] }).items.map(({ id }) => id),
      );
      Object.assign(maps.result as object, { [key]: result });
      Object.assign(maps.result_total as object, { [key]: total });
    }
    return { result: maps, time: time() };
  });
  return { ...portal, ids: ids.map(String), listRequests: () => requests };
}

for (const unresolved of ['nothing', 'start-over'] as const) {
  test.each([
    [0, 1],
    [1, 1],
    [50, 1],
    [120, 1],
    [2499, 1],
    [2500, 1],
    [2501, 2],
    [5000, 2],
  ])(`a full sweep of %i records costs %i requests (unresolved references: ${unresolved})`, async (count, cost) => {
    const { connector, ids, listRequests } = portalWith(count, { unresolved });
    const pages = await collect(connector.changes(EVERYTHING, null, ['title'], LIVE));
    expect(pages.flatMap(({ records }) => records.map(({ ref }) => ref.id))).toEqual(ids);
    expect(pages.map(({ end }) => end)).toEqual([...pages.slice(1).map(() => false), true]);
    expect(listRequests()).toBe(cost);
  });
}

test('goes on from the last good page when a page in the middle fails', async () => {
  const rules: PortalRules = {
    unresolved: 'start-over',
    fail: (page, request) =>
      page === 3 && request === 1 ? { error: 'INTERNAL_SERVER_ERROR', error_description: '' } : null,
  };
  const { connector, ids, listRequests } = portalWith(400, rules);
  expect(await idsOf(connector, EVERYTHING)).toEqual(ids);
  expect(listRequests()).toBe(2);
});

test('fails when the first page does, and stops where the caller stops', async () => {
  const failing = portalWith(400, { fail: () => ({ error: 'INTERNAL_SERVER_ERROR', error_description: 'x' }) });
  await expect(collect(failing.connector.changes(EVERYTHING, null, [], LIVE))).rejects.toMatchObject({
    name: 'UnavailableError',
  });
  const { connector, listRequests } = portalWith(6000);
  for await (const _ of connector.changes(EVERYTHING, null, ['title'], LIVE)) break;
  expect(listRequests()).toBe(1);
});

test('the cursor of the end lies one overlap before the first answer, by the clock of the portal', async () => {
  const { connector } = portalWith(2600);
  const pages = await collect(connector.changes(EVERYTHING, null, ['title'], LIVE));
  expect(pages.at(-1)?.cursor).toBe(`v1:${START + 1000 - OVERLAP}:0:`);
  expect(pages[0]?.cursor).toBe(`v1::${10 + 3 * 49}:${START + 1000 - OVERLAP}`);
});

test('a later process resumes in the middle of a sweep', async () => {
  const { connector, ids } = portalWith(300);
  const [first, second] = await collect(connector.changes(EVERYTHING, null, ['title'], LIVE));
  const rest = await collect(connector.changes(EVERYTHING, second?.cursor ?? '', ['title'], LIVE));
  expect(rest.flatMap(({ records }) => records.map(({ ref }) => ref.id))).toEqual(ids.slice(100));
  expect(first?.end).toBe(false);
  expect(rest.at(-1)?.cursor).toBe(`v1:${START + 1000 - OVERLAP}:0:`);
});

test('an incremental sweep asks for one page first, by the time of change', async () => {
  const few = portalWith(20);
  await collect(few.connector.changes(EVERYTHING, `v1:${START}:0:`, ['title'], LIVE));
  const { method, body } = few.sent.at(-1) as Sent;
  expect(method).toBe('crm.item.list');
  expect(body).toMatchObject({
    filter: { '>=updatedTime': '2026-11-21T09:00:00+00:00', '>id': 0 },
    order: { id: 'ASC' },
    start: -1,
  });
  const many = portalWith(130);
  const pages = await collect(many.connector.changes(EVERYTHING, `v1:${START}:0:`, ['title'], LIVE));
  expect(pages.flatMap(({ records }) => records)).toHaveLength(130);
  expect(many.listRequests()).toBe(2);
});

test('a cursor never moves back, and a foreign one is refused with a way out', async () => {
  const { connector } = portalWith(5);
  const future = START + 86_400_000;
  const [page] = await collect(connector.changes(EVERYTHING, `v1:${future}:0:`, ['title'], LIVE));
  expect(page?.cursor).toBe(`v1:${future}:0:`);
  const foreign = collect(connector.changes(EVERYTHING, 'token=abc', ['title'], LIVE));
  await expect(foreign).rejects.toMatchObject({ cure: expect.stringContaining('full resync') });
});

test('the pipeline is filtered by the portal and every other condition here', async () => {
  const { connector, sandbox, sent } = createTestPortal({ deals: 70 });
  const where = { category: 'Закупки', Срочно: true };
  const { scope, problems } = await connector.describe({ entity: 'deal', where }, LIVE);
  expect(problems).toEqual([]);
  if (scope === null) return;
  const pages = await collect(connector.changes(scope, null, ['title'], LIVE));
  const state = sandbox.state() as { items: { deal: Record<string, unknown>[] } };
  const urgent = state.items.deal.filter((deal) => deal.categoryId === 9 && deal.ufCrm_1747309875 === 'Y');
  expect(pages.flatMap(({ records }) => records.map(({ ref }) => Number(ref.id)))).toEqual(urgent.map(({ id }) => id));
  expect(urgent.length).toBeGreaterThan(0);
  expect(sent.at(-1)?.commands[0]).toContain('filter[=categoryId]=9');
  expect(sent.at(-1)?.commands[0]).not.toContain('1747309875]=');
});

test('an edit shows up in the next incremental sweep, with its author', async () => {
  const { connector, sandbox, clock } = createTestPortal({ deals: 70 });
  const { scope } = await connector.describe({ entity: 'deal', where: { category: 'Закупки' } }, LIVE);
  if (scope === null) throw new Error('no scope');
  const full = await collect(connector.changes(scope, null, ['title'], LIVE));
  const id = full[0]?.records[3]?.ref.id ?? '';
  await clock.advance(3_600_000);
  const quiet = await collect(connector.changes(scope, full.at(-1)?.cursor ?? '', ['title'], LIVE));
  const old = quiet.flatMap(({ records }) => records);
  sandbox.edit({ op: 'update', in: 'deal', id, user: 'Anna Weber', fields: { title: 'Новый заголовок' } });
  const after = await collect(connector.changes(scope, quiet.at(-1)?.cursor ?? '', ['title'], LIVE));
  const changed = after.flatMap(({ records }) => records);
  expect(changed.map(({ ref, fields }) => [ref.id, fields.title])).toEqual([[id, 'Новый заголовок']]);
  const people = await connector.people(LIVE);
  expect(people.find((person) => person.id === changed[0]?.updatedBy)?.name).toBe('Anna Weber');
  expect(old.map(({ ref }) => ref.id)).not.toContain(id);
});

test('a sweep since a cursor tells which records stopped meeting the scope', async () => {
  const { connector, sandbox, clock } = createTestPortal({ deals: 70 });
  const where = { category: 'Закупки', Срочно: true };
  const { scope } = await connector.describe({ entity: 'deal', where }, LIVE);
  if (scope === null) throw new Error('no scope');
  const full = await collect(connector.changes(scope, null, ['title'], LIVE));
  const id = full[0]?.records[0]?.ref.id ?? '';
  await clock.advance(3_600_000);
  sandbox.edit({ op: 'update', in: 'deal', id, fields: { Срочно: false } });
  const pages = await collect(connector.changes(scope, full.at(-1)?.cursor ?? '', ['title'], LIVE));
  const records = pages.flatMap((page) => page.records);
  expect(records.map(({ ref, inScope }) => [ref.id, inScope])).toContainEqual([id, false]);
});
