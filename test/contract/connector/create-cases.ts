import { expect, it } from 'vitest';
import type { Fields } from '../../../src/model.ts';
import { type Bench, failureOf, LIVE, type OpenBench } from './bench.ts';

function newRecord(bench: Bench): Fields {
  const places = (bench.fields.places.options ?? []).map((label) => bench.option('places', label)).sort();
  return {
    [bench.id('text')]: 'Насос НП-4 & "уплотнения" = 100 %',
    [bench.id('note')]: 'Ring before noon; a+b [c]',
    [bench.id('amount')]: bench.amount('125000.5'),
    [bench.id('date')]: '2026-12-31',
    [bench.id('instant')]: '2026-11-20T22:30:00.000Z',
    [bench.id('choice')]: bench.option('choice', 'Уралнасос'),
    [bench.id('tags')]: ['q4=план', 'срочно'],
    [bench.id('places')]: places,
    [bench.id('person')]: bench.person('Oleg Petrov'),
  };
}

export function createCases(open: OpenBench): void {
  it('creates with the mark inside the call and answers the record as it now stands', async () => {
    const bench = await open();
    const values = newRecord(bench);
    const names = Object.keys(values);
    const created = await bench.until(bench.connector.create(bench.scope, values, bench.marker, names, LIVE));
    expect(created.fields).toEqual(values);
    expect(created.marker).toEqual(bench.marker);
    expect(created.inScope).toBe(true);
    const sent = bench.sent();
    // One write and no second one for the mark; at most one request to read it back.
    expect(sent.map(({ writes }) => writes.length)).toEqual(sent.length === 1 ? [1] : [1, 0]);
    const again = await bench.until(bench.connector.read(bench.scope, created.ref.id, names, LIVE));
    expect(again).toEqual(created);
    await bench.close();
  });

  it('starts a new record in the first status', async () => {
    const bench = await open();
    const values = { [bench.id('text')]: 'Valve' };
    const wanted = [bench.id('status'), bench.id('note'), bench.id('date')];
    const created = await bench.until(bench.connector.create(bench.scope, values, bench.marker, wanted, LIVE));
    expect(created.fields).toEqual({
      [bench.id('status')]: bench.option('status', bench.steps.first),
      [bench.id('note')]: null,
      [bench.id('date')]: null,
    });
    await bench.close();
  });

  it('announces a create once, and waits for the hook before it leaves', async () => {
    const bench = await open();
    const values = { [bench.id('text')]: 'Valve' };
    const before = bench.connector.usage().requests;
    const after: number[] = [];
    const onSend = async () => {
      await bench.clock.sleep(700);
      after.push(bench.connector.usage().requests - before);
    };
    await bench.until(bench.connector.create(bench.scope, values, bench.marker, [], { ...LIVE, onSend }));
    expect(after).toEqual([0]);
    await bench.close();
  });

  it('neither announces nor sends a create that is called off while it waits', async () => {
    const bench = await open();
    const known = bench.recordIds();
    const control = new AbortController();
    let leaving = 0;
    const onSend = async () => {
      leaving += 1;
    };
    const ask = { lane: 'live', signal: control.signal, onSend } as const;
    const work = bench.connector.create(bench.scope, { [bench.id('text')]: 'Valve' }, bench.marker, [], ask);
    control.abort(new Error('the daemon stops'));
    expect((await failureOf(bench.until(work))).message).toBe('the daemon stops');
    await bench.clock.advance(60_000);
    expect([leaving, bench.recordIds(), bench.sent()]).toEqual([0, known, []]);
    await bench.close();
  });

  it('sends nothing when the hook says no', async () => {
    const bench = await open();
    const known = bench.recordIds();
    const veto = new Error('the lease is lost');
    const ask = { ...LIVE, onSend: () => Promise.reject(veto) };
    const work = bench.connector.create(bench.scope, { [bench.id('text')]: 'Valve' }, bench.marker, [], ask);
    expect(await failureOf(bench.until(work))).toBe(veto);
    expect(bench.sent()).toEqual([]);
    expect(bench.recordIds()).toEqual(known);
    await bench.close();
  });

  it('does not repeat a refused create that may not leave any more', async () => {
    const bench = await open();
    const known = bench.recordIds();
    const before = bench.connector.usage().limited;
    const veto = new Error('the lease is lost');
    const onSend = async () => {
      bench.site.faults.replace([{ match: {}, kind: 'status', status: 429, body: {}, times: 1 }]);
    };
    const mayLeave = () => {
      if (bench.connector.usage().limited > before) throw veto;
    };
    const ask = { ...LIVE, onSend, mayLeave };
    const work = bench.connector.create(bench.scope, { [bench.id('text')]: 'Valve' }, bench.marker, [], ask);
    expect(await failureOf(bench.until(work))).toBe(veto);
    expect(bench.recordIds()).toEqual(known);
    await bench.close();
  });

  it('creates many at once in fewer requests, each with a fate of its own', async () => {
    const bench = await open();
    const known = bench.recordIds();
    const veto = new Error('not this one');
    const outcomes = Array.from({ length: 8 }, (_, at) => {
      const values: Fields = {
        [bench.id('text')]: `Part ${at}`,
        ...(at === 2 ? { [bench.id('person')]: 'nobody-99999' } : {}),
      };
      const marker = { ...bench.marker, key: bench.marker.key.replace(/\d+$/, String(9000 + at)) };
      const onSend = at === 5 ? () => Promise.reject(veto) : async () => {};
      return bench.connector.create(bench.scope, values, marker, [bench.id('text')], { ...LIVE, onSend });
    });
    const settled = await bench.until(Promise.allSettled(outcomes));
    const texts = settled.map((one) => (one.status === 'fulfilled' ? one.value.fields[bench.id('text')] : null));
    expect(texts).toEqual(['Part 0', 'Part 1', null, 'Part 3', 'Part 4', null, 'Part 6', 'Part 7']);
    expect(settled[2]).toMatchObject({
      reason: { name: 'RejectedError', side: bench.side, field: bench.id('person') },
    });
    expect(settled[5]).toMatchObject({ reason: veto });
    expect(bench.recordIds()).toHaveLength(known.length + 6);
    expect(bench.sent().length).toBeLessThanOrEqual(3);
    await bench.close();
  });

  it('bills many creates at what they cost', async () => {
    const bench = await open();
    const made = Array.from({ length: 20 }, (_, at) => {
      const marker = { ...bench.marker, key: bench.marker.key.replace(/\d+$/, String(9000 + at)) };
      return bench.connector.create(bench.scope, { [bench.id('text')]: `Part ${at}` }, marker, [], LIVE);
    });
    await bench.until(Promise.all(made));
    const { calls } = bench.connector.bill(made.map(() => ({ action: 'create', fields: [bench.id('text')] })));
    expect(Math.abs(bench.sent().length - calls)).toBeLessThanOrEqual(1);
    await bench.close();
  });

  it('finds a record by our key once the index has it, and nobody else’s', async () => {
    const bench = await open();
    const values = { [bench.id('text')]: 'Valve' };
    const created = await bench.until(bench.connector.create(bench.scope, values, bench.marker, [], LIVE));
    const [forged = ''] = bench.recordIds();
    bench.forgeMark(bench.site, forged, bench.marker.key);
    await bench.clock.advance(10_000);
    const found = await bench.until(bench.connector.findByKey(bench.scope, bench.marker.key, [bench.id('text')], LIVE));
    expect(found.map(({ ref, fields }) => [ref.id, fields])).toEqual([[created.ref.id, values]]);
    expect(found[0]?.marker).toEqual(bench.marker);
    const longer = `${bench.marker.key}1`;
    expect(await bench.until(bench.connector.findByKey(bench.scope, longer, [], LIVE))).toEqual([]);
    await bench.close();
  });

  it('leaves a create whose answer was lost in doubt, and never sends it again', async () => {
    const bench = await open();
    const known = bench.recordIds();
    bench.site.faults.replace([{ match: {}, kind: 'drop-after', times: 1 }]);
    const work = bench.connector.create(bench.scope, { [bench.id('text')]: 'Valve' }, bench.marker, [], LIVE);
    expect(await failureOf(bench.until(work))).toMatchObject({ name: 'UnavailableError', ambiguous: true });
    expect(bench.sent().filter(({ writes }) => writes.length > 0)).toHaveLength(1);
    expect(bench.recordIds()).toHaveLength(known.length + 1);
    await bench.clock.advance(10_000);
    const found = await bench.until(bench.connector.findByKey(bench.scope, bench.marker.key, [], LIVE));
    expect(found).toHaveLength(1);
    await bench.close();
  });

  it('finds what became of a create without an answer at once, and is certain of its absence in the end', async () => {
    const bench = await open({ indexLagMs: 10 * 60_000 });
    const { connector, scope, marker } = bench;
    const text = bench.id('text');
    const before = await bench.until(connector.beforeCreate(scope, LIVE));
    bench.site.faults.replace([{ match: {}, kind: 'drop-after', times: 1 }]);
    await failureOf(bench.until(connector.create(scope, { [text]: 'Valve' }, marker, [], LIVE)));
    const known = bench.recordIds();
    const ended = { before, endedAt: bench.clock.now() };
    const lookFor = (key: string, arrived: boolean) =>
      bench.until(connector.lookUp(scope, key, { ...ended, arrived }, [text], LIVE));
    const found = await lookFor(marker.key, true);
    expect(found.found.map(({ ref, fields }) => [ref.id, fields[text]])).toEqual([[known.at(-1), 'Valve']]);
    expect(found.found[0]?.marker).toEqual(marker);

    const never = { ...marker, key: `${marker.key}9` };
    const early = await lookFor(never.key, true);
    expect(early).toMatchObject({ found: [], certain: false });
    // The vendor may be at work on it for a minute; where the line fell silent, the request may arrive late besides.
    expect(early.again).toBeGreaterThan(ended.endedAt + 60_000);
    const silent = await lookFor(never.key, false);
    expect(silent).toMatchObject({ found: [], certain: false });
    expect(silent.again).toBeGreaterThan(early.again + 100_000);
    await bench.clock.advance(early.again - bench.clock.now());
    expect(await lookFor(never.key, true)).toMatchObject({ found: [], certain: true });
    expect(await lookFor(never.key, false)).toMatchObject({ certain: false });
    await bench.clock.advance(silent.again - bench.clock.now());
    expect(await lookFor(never.key, false)).toMatchObject({ found: [], certain: true });
    await bench.close();
  });

  it('stamps a record once, shows the mark, and leaves another system’s mark alone', async () => {
    const bench = await open();
    const [id = '', foreign = ''] = bench.recordIds();
    const text = [bench.id('text')];
    const before = (await bench.read(id, ['text', 'tags']))?.fields;
    const stamped = await bench.until(bench.connector.stamp(bench.scope, id, bench.marker, text, LIVE));
    expect(stamped.marker).toEqual(bench.marker);
    expect(await bench.read(id, ['text', 'tags'])).toMatchObject({ marker: bench.marker, fields: before });
    bench.sent();
    await bench.until(bench.connector.stamp(bench.scope, id, bench.marker, text, LIVE));
    expect(bench.sent().flatMap(({ writes }) => writes)).toEqual([]);

    bench.markForeign(bench.site, foreign);
    const marked = await bench.read(foreign, ['tags']);
    const other = { ...bench.marker, key: bench.marker.key.replace(/\d+$/, '77') };
    const refused = await failureOf(bench.until(bench.connector.stamp(bench.scope, foreign, other, text, LIVE)));
    expect(refused).toMatchObject({ name: 'RejectedError', side: bench.side, field: null });
    expect(refused.cure).not.toBe('');
    expect(await bench.read(foreign, ['tags'])).toEqual(marked);
    await bench.close();
  });

  it('does not stamp when the hook says no', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    const veto = new Error('the lease is lost');
    const ask = { ...LIVE, onSend: () => Promise.reject(veto) };
    const work = bench.connector.stamp(bench.scope, id, bench.marker, [], ask);
    expect(await failureOf(bench.until(work))).toBe(veto);
    expect(bench.sent().flatMap(({ writes }) => writes)).toEqual([]);
    expect((await bench.read(id, ['text']))?.marker).toBeNull();
    await bench.close();
  });
}
