import { expect, it } from 'vitest';
import { BULK, collect, LIVE, type OpenBench } from './bench.ts';

export function readCases(open: OpenBench): void {
  it('reads a record with the fields asked for, by the name that people use', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    bench.edit(id, { note: 'Call the warehouse first', choice: 'Уралнасос' });
    const record = await bench.read(id, ['note', 'choice', 'status']);
    expect(record?.ref).toEqual({ side: bench.side, connection: bench.product, entity: bench.spec.entity, id });
    expect(record?.fields).toEqual({
      [bench.id('note')]: 'Call the warehouse first',
      [bench.id('choice')]: bench.option('choice', 'Уралнасос'),
      [bench.id('status')]: expect.any(String),
    });
    expect(record).toMatchObject({ inScope: true, marker: null });
    expect(record?.key).not.toBe('');
    expect(record?.url.startsWith(`${bench.site.url}/`)).toBe(true);
    expect(record?.createdAt).toBeLessThanOrEqual(record?.updatedAt ?? 0);
    await bench.close();
  });

  it.each([1, 50, 51, 120])('reads %i records asked for at once in batches of fifty', async (count) => {
    const bench = await open({ records: 130 });
    const ids = bench.recordIds().slice(0, count);
    const reads = ids.map((id) => bench.connector.read(bench.scope, id, [bench.id('text')], LIVE));
    const records = await bench.until(Promise.all(reads));
    expect(records.map((record) => record?.ref.id)).toEqual(ids);
    const sent = bench.sent();
    expect(sent).toHaveLength(Math.ceil(count / 50));
    expect(sent.flatMap(({ reads: asked }) => asked).sort()).toEqual([...ids].sort());
    await bench.close();
  });

  it('answers equal asks together', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    const ask = () => bench.connector.read(bench.scope, id, [bench.id('text')], LIVE);
    const records = await bench.until(Promise.all([ask(), ask(), ask()]));
    expect(new Set(records.map((record) => record?.version)).size).toBe(1);
    expect(bench.sent().flatMap(({ reads }) => reads)).toEqual([id]);
    await bench.close();
  });

  it('lets live asks leave before a backlog of bulk ones', async () => {
    const bench = await open({ records: 130, limits: 'real' });
    const ids = bench.recordIds();
    const live = ids.slice(-2);
    const order: string[] = [];
    const read = (id: string, ask: typeof LIVE) =>
      bench.connector.read(bench.scope, id, [bench.id('text')], ask).then(() => order.push(id));
    const backlog = ids.slice(0, -2).map((id) => read(id, BULK));
    await bench.until(Promise.all([...backlog, ...live.map((id) => read(id, LIVE))]));
    expect(bench.sent()[0]?.reads).toEqual(expect.arrayContaining(live));
    expect(order).toHaveLength(ids.length);
    await bench.close();
  });

  it('gives up a read that nobody wants any more, and reads the others', async () => {
    const bench = await open();
    const [one = '', other = ''] = bench.recordIds();
    const control = new AbortController();
    const text = [bench.id('text')];
    const dropped = bench.connector.read(bench.scope, one, text, { lane: 'live', signal: control.signal });
    const kept = bench.connector.read(bench.scope, other, text, LIVE);
    control.abort(new Error('no longer wanted'));
    await expect(bench.until(dropped)).rejects.toThrow('no longer wanted');
    expect((await bench.until(kept))?.ref.id).toBe(other);
    expect(bench.sent().flatMap(({ reads }) => reads)).toEqual([other]);
    await bench.close();
  });

  it('shows what stands now, not what an index remembers', async () => {
    const bench = await open({ indexLagMs: 30_000 });
    const [id = ''] = bench.recordIds();
    const before = await bench.read(id, ['note']);
    await bench.clock.advance(1_000);
    bench.edit(id, { note: 'changed a moment ago' });
    const after = await bench.read(id, ['note']);
    expect(after?.fields[bench.id('note')]).toBe('changed a moment ago');
    expect(after?.version).not.toBe(before?.version);
    expect((await bench.read(id, ['note']))?.version).toBe(after?.version);
    await bench.close();
  });

  it('shows a new record although no index has it yet', async () => {
    const bench = await open({ indexLagMs: 30_000 });
    const { id } = bench.add('Three gaskets');
    expect(await bench.read(id, ['text'])).toMatchObject({
      fields: { [bench.id('text')]: 'Three gaskets' },
      inScope: true,
    });
    await bench.close();
  });

  it('answers null for what is gone, hidden or was never there, beside what is', async () => {
    const bench = await open();
    const [gone = '', hidden = '', there = ''] = bench.recordIds();
    const key = (await bench.read(hidden, ['text']))?.key ?? '';
    bench.remove(gone);
    bench.site.product.configure(bench.hide(hidden, key));
    const asked = [gone, hidden, there, '99999999', 'not an id'];
    const reads = asked.map((id) => bench.connector.read(bench.scope, id, [bench.id('text')], LIVE));
    const records = await bench.until(Promise.all(reads));
    expect(records.map((record) => record?.ref.id ?? null)).toEqual([null, null, there, null, null]);
    await bench.close();
  });

  it('tells a record that left the scope from one that is gone', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    const key = (await bench.read(id, ['text']))?.key ?? '';
    bench.moveAway(bench.site, id, key);
    await bench.clock.advance(5_000);
    expect(await bench.read(id, ['text'])).toMatchObject({ ref: { id }, inScope: false });
    await bench.close();
  });

  it('states the same version and values whichever way a record is read', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    bench.edit(id, { note: 'both ways', date: '2026-12-24', tags: ['a', 'b'], choice: 'Hydrotech' });
    await bench.clock.advance(5_000);
    const pages = bench.connector.changes(bench.scope, null, bench.ids, BULK);
    const swept = (await bench.until(collect(pages))).flatMap(({ records }) => records);
    const read = await bench.read(id);
    const listed = swept.find(({ ref }) => ref.id === id);
    expect(listed?.version).toBe(read?.version);
    expect(listed?.fields).toEqual(read?.fields);
    expect(listed?.updatedAt).toBe(read?.updatedAt);
    expect(Object.keys(read?.fields ?? {}).sort()).toEqual([...bench.ids].sort());
    await bench.close();
  });

  it('counts the requests that it sends', async () => {
    const bench = await open();
    const before = bench.connector.usage().requests;
    for (const id of bench.recordIds().slice(0, 3)) await bench.read(id, ['text']);
    expect(bench.connector.usage()).toMatchObject({ requests: before + 3, limited: 0, heldUntil: null });
    expect(bench.sent()).toHaveLength(3);
    await bench.close();
  });
}
