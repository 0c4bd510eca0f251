import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { SyncError } from '../../../src/errors.ts';
import { type Bench, BULK, collect, failureOf, LIVE, type OpenBench } from './bench.ts';

type Work = 'identify' | 'describe' | 'read' | 'sweep' | 'update' | 'create';
const WORKS: readonly Work[] = ['identify', 'describe', 'read', 'sweep', 'update', 'create'];
const WRITES: readonly Work[] = ['update', 'create'];

function start(bench: Bench, work: Work, id: string): Promise<unknown> {
  const { connector, scope, marker } = bench;
  switch (work) {
    case 'identify':
      return connector.identify(LIVE);
    case 'describe':
      return connector.describe(bench.spec, LIVE);
    case 'read':
      return connector.read(scope, id, [bench.id('text')], LIVE);
    case 'sweep':
      return collect(connector.changes(scope, null, [bench.id('text')], BULK));
    case 'update':
      return connector.update(scope, id, { [bench.id('note')]: 'x' }, {}, [bench.id('note')], LIVE);
    case 'create':
      return connector.create(scope, { [bench.id('text')]: 'Valve' }, marker, [bench.id('text')], LIVE);
  }
}

async function failing(bench: Bench, work: Work) {
  const [id = ''] = bench.recordIds();
  const error = await failureOf(bench.until(start(bench, work, id)));
  expect(error, `${work} threw ${inspect(error)}`).toBeInstanceOf(SyncError);
  expect(error.message, work).toMatch(/\S/);
  expect(error.cure, work).toMatch(/\S/);
  keepsSecrets(bench, error);
  return error;
}

/** Whatever could be printed of it: message, JSON, causes, stack, and what the connector logged itself. */
function keepsSecrets(bench: Bench, error: Error): void {
  const said = `${error.message} ${String(error.stack)} ${JSON.stringify(error)} ${inspect(error, { depth: 12 })} ${inspect(bench.logged, { depth: 12 })}`;
  for (const secret of bench.secrets(bench.sandbox).shown) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
      expect(said).not.toContain(form);
    }
  }
}

/** An answer that repeats the credential, as gateways and debug pages do. */
function echo(bench: Bench): string {
  return `<html>denied: ${bench.secrets(bench.sandbox).shown.join(' ')}</html>`;
}

export function troubleCases(open: OpenBench): void {
  it.each(WORKS)('a dead credential is an AuthError: %s', async (work) => {
    const bench = await open();
    bench.site.product.configure(bench.deadCredential);
    expect((await failing(bench, work)).name).toBe('AuthError');
    await bench.close();
  });

  it.each(WORKS)('a gateway’s 401 is an AuthError without the credential in it: %s', async (work) => {
    const bench = await open();
    bench.site.faults.replace([{ match: {}, kind: 'status', status: 401, body: echo(bench) }]);
    expect((await failing(bench, work)).name).toBe('AuthError');
    await bench.close();
  });

  it.each(WRITES)('a missing right is a rejection of that record with a cure: %s', async (work) => {
    const bench = await open();
    bench.site.product.configure(bench.refuseWrites);
    const error = await failing(bench, work);
    expect(error).toMatchObject({ name: 'RejectedError', side: bench.side, field: null });
    expect(error.cure).toMatch(/right|permission/i);
    expect((await bench.until(bench.connector.identify(LIVE))).name).toBe('Sync Daemon');
    await bench.close();
  });

  it.each([403, 404])(
    'a %i of a gateway shuts out the whole account, never a single record that is read',
    async (status) => {
      const bench = await open();
      for (const work of WORKS) {
        bench.site.faults.replace([{ match: {}, kind: 'status', status, body: echo(bench) }]);
        const { name } = await failing(bench, work);
        // A write may be refused for its record alone.
        const alone = WRITES.includes(work) ? ['RejectedError', 'StaleError'] : [];
        expect(['AuthError', ...alone], work).toContain(name);
      }
      await bench.close();
    },
  );

  it.each([500, 502, 503, 504])('%i is an outage, ambiguous for writes only', async (status) => {
    const bench = await open();
    for (const work of WORKS) {
      bench.site.faults.replace([{ match: {}, kind: 'status', status, body: echo(bench) }]);
      const error = await failing(bench, work);
      expect(error, work).toMatchObject({ name: 'UnavailableError', ambiguous: WRITES.includes(work) });
    }
    await bench.close();
  });

  it('an error page of a gateway is an outage', async () => {
    const bench = await open();
    bench.site.faults.replace([{ match: {}, kind: 'html' }]);
    for (const work of WORKS) expect((await failing(bench, work)).name, work).toBe('UnavailableError');
    await bench.close();
  });

  it('a page where JSON should be is a bad response that quotes no secret', async () => {
    const bench = await open();
    bench.site.faults.replace([{ match: {}, kind: 'html', status: 200, body: echo(bench) }]);
    for (const work of WORKS) expect((await failing(bench, work)).name, work).toBe('BadResponseError');
    await bench.close();
  });

  it.each(WORKS)('an answer that is cut is a bad response: %s', async (work) => {
    const bench = await open();
    bench.site.faults.replace([{ match: {}, kind: 'truncate' }]);
    const { name } = await failing(bench, work);
    // A create whose answer is cut has happened all the same.
    expect(['BadResponseError', ...(work === 'create' ? ['UnavailableError'] : [])]).toContain(name);
    await bench.close();
  });

  it.each(WORKS)('an answer in another shape is a bad response: %s', async (work) => {
    const bench = await open();
    bench.site.faults.replace([{ match: {}, kind: 'status', status: 200, body: { surprise: [1, 2, 3] } }]);
    const { name, ambiguous } = await failing(bench, work);
    const inDoubt = work === 'update' || work === 'create' ? [`UnavailableError ${ambiguous}`] : [];
    expect(['BadResponseError', ...inDoubt.map(() => 'UnavailableError')]).toContain(name);
    if (inDoubt.length > 0 && name === 'UnavailableError') expect(ambiguous).toBe(true);
    await bench.close();
  });

  it.each(WORKS)('no answer within the time limit is an outage: %s', async (work) => {
    const bench = await open({ connection: { 'time-limit': 4_000 } });
    bench.site.faults.replace([{ match: {}, kind: 'hang' }]);
    const started = bench.clock.now();
    const error = await failing(bench, work);
    expect(error).toMatchObject({ name: 'UnavailableError', ambiguous: WRITES.includes(work) });
    // A read may be repeated once on the same terms.
    expect(bench.clock.now() - started).toBeLessThanOrEqual(8_000);
    await bench.close();
  });

  it.each(WORKS)('a connection that breaks is an outage; a read is repeated once, a write never: %s', async (work) => {
    const bench = await open();
    bench.site.faults.replace([{ match: {}, kind: 'drop-before' }]);
    expect(await failing(bench, work)).toMatchObject({ name: 'UnavailableError', ambiguous: WRITES.includes(work) });
    expect(bench.sent()).toHaveLength(WRITES.includes(work) ? 1 : 2);
    await bench.close();
  });

  it('a read survives one broken connection', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    bench.site.faults.replace([{ match: {}, kind: 'drop-before', times: 1 }]);
    expect((await bench.read(id))?.ref.id).toBe(id);
    await bench.close();
  });

  it.each(WORKS)('a passing 429 is waited for, and nothing is lost: %s', async (work) => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    bench.site.faults.replace([{ match: {}, kind: 'status', status: 429, body: {}, times: 1 }]);
    const before = bench.connector.usage().limited;
    await bench.until(start(bench, work, id));
    expect(bench.connector.usage().limited).toBe(before + 1);
    const written = bench.sent().flatMap(({ writes }) => writes);
    // The refused one and the one that was carried out.
    if (WRITES.includes(work)) expect(written).toHaveLength(2);
    await bench.close();
  });

  it.each(WORKS)('a 429 that lasts comes back with the time to try again: %s', async (work) => {
    const bench = await open();
    const headers = { 'retry-after': '300' };
    bench.site.faults.replace([{ match: {}, kind: 'status', status: 429, headers, body: {} }]);
    const error = await failing(bench, work);
    expect(error.name).toBe('RateLimitedError');
    // In seconds, as HTTP has it.
    const told = bench.clock.now() + 290_000;
    expect(error.retryAt).toBeGreaterThan(told);
    expect(bench.connector.usage().heldUntil).toBeGreaterThan(told);
    await bench.close();
  });

  it('works again as soon as the trouble is over', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    for (const kind of ['drop-before', 'html', 'truncate'] as const) {
      bench.site.faults.replace([{ match: {}, kind }]);
      await failing(bench, 'read');
      bench.site.faults.replace([]);
      expect((await bench.read(id))?.ref.id).toBe(id);
    }
    await bench.close();
  });
}
