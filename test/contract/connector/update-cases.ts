import { expect, it } from 'vitest';
import type { Fields } from '../../../src/model.ts';
import { type Bench, failureOf, LIVE, type OpenBench } from './bench.ts';

async function update(bench: Bench, id: string, patch: Fields, expected: Fields = {}) {
  const names = [...new Set([...Object.keys(patch), bench.id('text')])];
  return bench.until(bench.connector.update(bench.scope, id, patch, expected, names, LIVE));
}

export function updateCases(open: OpenBench): void {
  it('writes exactly the patched fields, and shows the record and what stood there before', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    bench.edit(id, { note: 'before', date: '2026-12-01', choice: 'Hydrotech' });
    await bench.clock.advance(3_000);
    const before = await bench.read(id, ['note', 'date', 'choice', 'text']);
    bench.sent();
    const patch = { [bench.id('note')]: 'after', [bench.id('date')]: null, [bench.id('choice')]: null };
    const written = await update(bench, id, patch, before?.fields);
    const writes = bench.sent().flatMap((sent) => sent.writes);
    expect(writes).toEqual([Object.keys(patch).sort()]);
    expect(written.record.fields).toEqual({ ...patch, [bench.id('text')]: before?.fields[bench.id('text')] });
    expect(written.record.version).not.toBe(before?.version);
    expect(written.before).toEqual({
      [bench.id('note')]: 'before',
      [bench.id('date')]: '2026-12-01',
      [bench.id('choice')]: bench.option('choice', 'Hydrotech'),
    });
    const again = await bench.read(id, ['note', 'date', 'choice', 'text']);
    expect(again).toEqual(written.record);
    await bench.close();
  });

  it('carries every kind of value there and back', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    const patch: Fields = {
      [bench.id('text')]: 'Zweiter Satz: Ø 40 «Урал» & <b>',
      [bench.id('amount')]: bench.amount('0.07'),
      [bench.id('date')]: '2027-02-28',
      [bench.id('instant')]: '2026-03-29T00:30:00.000Z',
      [bench.id('tags')]: ['10%', 'a&b'],
      [bench.id('places')]: [bench.option('places', 'Россия')],
      [bench.id('person')]: bench.person('Павел Смирнов'),
    };
    const expected = (await bench.read(id))?.fields ?? {};
    const written = await update(bench, id, patch, expected);
    expect(written.record.fields).toEqual(patch);
    const emptied = Object.fromEntries(Object.keys(patch).map((name) => [name, null]));
    const { [bench.id('text')]: _kept, ...rest } = emptied;
    const cleared = await update(bench, id, rest, patch);
    expect(cleared.record.fields).toEqual({ ...rest, [bench.id('text')]: patch[bench.id('text')] });
    expect(cleared.before).toEqual(
      Object.fromEntries(Object.entries(patch).filter(([name]) => name !== bench.id('text'))),
    );
    await bench.close();
  });

  it('shows in `before` what somebody wrote between our reading and our writing', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    bench.edit(id, { note: 'as planned on' });
    await bench.clock.advance(3_000);
    bench.edit(id, { note: 'a person was faster' });
    await bench.clock.advance(1_000);
    const written = await update(bench, id, { [bench.id('note')]: 'ours' }, { [bench.id('note')]: 'as planned on' });
    expect(written.before).toEqual({ [bench.id('note')]: 'a person was faster' });
    expect(written.record.fields[bench.id('note')]).toBe('ours');
    await bench.close();
  });

  it('never loses in silence what somebody put into a set meanwhile', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    bench.edit(id, { tags: ['spring', 'theirs'] });
    await bench.clock.advance(3_000);
    const tags = bench.id('tags');
    const written = await update(bench, id, { [tags]: ['new', 'spring'] }, { [tags]: ['spring'] });
    // Kept where the vendor takes additions and removals; shown as overwritten where it takes whole sets only.
    const kept = written.record.fields[tags];
    if (bench.side === 'jira') expect(kept).toEqual(['new', 'spring', 'theirs']);
    else expect(kept).toEqual(['new', 'spring']);
    expect(written.before).toEqual({ [tags]: ['spring', 'theirs'] });
    await bench.close();
  });

  it('takes one step of the status together with other fields', async () => {
    const bench = await open();
    const { id } = bench.add('Fresh one');
    const patch = {
      [bench.id('status')]: bench.option('status', bench.steps.next),
      [bench.id('note')]: 'on its way',
    };
    const written = await update(bench, id, patch);
    expect(written.record.fields).toMatchObject(patch);
    expect(written.before[bench.id('status')]).toBe(bench.option('status', bench.steps.first));
    await bench.close();
  });

  it('refuses a step that is not allowed, names the status, and writes nothing of the patch', async () => {
    const bench = await open();
    const { id } = bench.add('Fresh one');
    bench.site.product.configure(bench.refuseStep);
    const patch = { [bench.id('status')]: bench.option('status', bench.steps.next), [bench.id('note')]: 'no' };
    const refused = await failureOf(update(bench, id, patch));
    expect(refused).toMatchObject({ name: 'RejectedError', side: bench.side, field: bench.id('status') });
    expect((await bench.read(id))?.fields).toMatchObject({
      [bench.id('status')]: bench.option('status', bench.steps.first),
      [bench.id('note')]: null,
    });
    await bench.close();
  });

  it('shows a text that the vendor cut as it now stands', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    bench.site.product.configure({ coerce: [{ field: bench.fields.note.label, cut: 6 }] });
    const written = await update(bench, id, { [bench.id('note')]: 'Ring before noon' });
    expect(written.record.fields[bench.id('note')]).toBe('Ring b');
    await bench.close();
  });

  it('shows an option that the vendor dropped without a word', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    bench.edit(id, { choice: null });
    await bench.clock.advance(3_000);
    bench.site.product.configure(bench.dropOption(bench.fields.choice.label, 'Уралнасос'));
    const patch = { [bench.id('choice')]: bench.option('choice', 'Уралнасос') };
    const written = await update(bench, id, patch);
    expect(written.record.fields[bench.id('choice')]).toBeNull();
    await bench.close();
  });

  it('shows a create that the vendor coerced as it now stands', async () => {
    const bench = await open();
    bench.site.product.configure({ coerce: [{ field: bench.fields.note.label, cut: 6 }] });
    const values = { [bench.id('text')]: 'Valve', [bench.id('note')]: 'Ring before noon' };
    const names = Object.keys(values);
    const created = await bench.until(bench.connector.create(bench.scope, values, bench.marker, names, LIVE));
    expect(created.fields[bench.id('note')]).toBe('Ring b');
    await bench.close();
  });

  it('names the field that holds a refused value, and writes nothing', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    const before = await bench.read(id);
    const patch = { [bench.id('person')]: 'nobody-99999', [bench.id('note')]: 'no' };
    const refused = await failureOf(update(bench, id, patch));
    expect(refused).toMatchObject({ name: 'RejectedError', side: bench.side, field: bench.id('person') });
    expect(refused.cure).not.toBe('');
    expect((await bench.read(id))?.fields).toEqual(before?.fields);
    await bench.close();
  });

  it('refuses a field that the product would ignore', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    const refused = await failureOf(update(bench, id, { customfield_99999: 'x' }));
    expect(refused).toMatchObject({ name: 'RejectedError', field: 'customfield_99999' });
    await bench.close();
  });

  it('announces an update once, waits for the hook, and sends nothing when it says no', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    const patch = { [bench.id('note')]: 'x' };
    const before = bench.connector.usage().requests;
    const after: number[] = [];
    const note = async () => {
      await bench.clock.sleep(700);
      after.push(bench.connector.usage().requests - before);
    };
    await bench.until(bench.connector.update(bench.scope, id, patch, {}, [], { ...LIVE, onSend: note }));
    expect(after).toEqual([0]);
    bench.sent();
    const veto = new Error('the lease is lost');
    const ask = { ...LIVE, onSend: () => Promise.reject(veto) };
    const vetoed = bench.connector.update(bench.scope, id, { [bench.id('note')]: 'y' }, {}, [], ask);
    expect(await failureOf(bench.until(vetoed))).toBe(veto);
    expect(bench.sent().flatMap(({ writes }) => writes)).toEqual([]);
    await bench.close();
  });

  it('asks before every request of an update, and keeps one here that was refused and may not leave again', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    const before = bench.connector.usage().limited;
    const veto = new Error('the lease is lost');
    const onSend = async () => {
      bench.site.faults.replace([{ match: {}, kind: 'status', status: 429, body: {}, times: 1 }]);
    };
    const mayLeave = () => {
      if (bench.connector.usage().limited > before) throw veto;
    };
    const ask = { ...LIVE, onSend, mayLeave };
    const vetoed = bench.connector.update(bench.scope, id, { [bench.id('note')]: 'late' }, {}, [], ask);
    expect(await failureOf(bench.until(vetoed))).toBe(veto);
    const record = await bench.until(bench.connector.read(bench.scope, id, [bench.id('note')], LIVE));
    expect(record?.fields[bench.id('note')]).not.toBe('late');
    await bench.close();
  });

  it('is stale, and certain of it, where the record is gone', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    bench.remove(id);
    expect(await failureOf(update(bench, id, { [bench.id('note')]: 'x' }))).toMatchObject({ name: 'StaleError' });
    await bench.close();
  });

  it('keeps many updates apart that leave together', async () => {
    const bench = await open({ records: 30 });
    const ids = bench.recordIds().slice(0, 25);
    const note = bench.id('note');
    const writes = ids.map((id) => bench.connector.update(bench.scope, id, { [note]: `for ${id}` }, {}, [note], LIVE));
    const written = await bench.until(Promise.all(writes));
    expect(written.map(({ record }) => [record.ref.id, record.fields[note]])).toEqual(
      ids.map((id) => [id, `for ${id}`]),
    );
    await bench.close();
  });
}
