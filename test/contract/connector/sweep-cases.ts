import { expect, it } from 'vitest';
import type { ChangePage, Connector } from '../../../src/connectors/connector.ts';
import { type Bench, BULK, collect, type OpenBench } from './bench.ts';

const NEAR_LAG_MS = 5_000;

function sweep(bench: Bench, cursor: string | null, connector: Connector = bench.connector) {
  return bench.until(collect(connector.changes(bench.scope, cursor, [bench.id('text'), bench.id('note')], BULK)));
}

const recordsOf = (pages: readonly ChangePage[]) => pages.flatMap(({ records }) => records);
const idsOf = (pages: readonly ChangePage[]) => recordsOf(pages).map(({ ref }) => ref.id);
const endOf = (pages: readonly ChangePage[]) => pages.at(-1)?.cursor ?? '';

/** What each record showed last over several sweeps. */
function lastSeen(bench: Bench, ...sweeps: readonly (readonly ChangePage[])[]): Map<string, unknown> {
  return new Map(
    sweeps.flatMap((pages) => recordsOf(pages)).map((record) => [record.ref.id, record.fields[bench.id('note')]]),
  );
}

export function sweepCases(open: OpenBench): void {
  it('without a cursor goes through all of the scope, page by page', async () => {
    const bench = await open({ records: 130 });
    const pages = await sweep(bench, null);
    expect(idsOf(pages).sort()).toEqual([...bench.recordIds()].sort());
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.map(({ end }) => end)).toEqual(pages.map((_, at) => at === pages.length - 1));
    expect(recordsOf(pages).every(({ inScope, fields }) => inScope && fields[bench.id('text')] !== null)).toBe(true);
    await bench.close();
  });

  it('with a cursor costs one request where nothing changed', async () => {
    const bench = await open({ records: 130 });
    const first = await sweep(bench, null);
    await bench.clock.advance(3_600_000);
    const second = await sweep(bench, endOf(first));
    await bench.clock.advance(3_000_000);
    bench.sent();
    const third = await sweep(bench, endOf(second));
    expect(idsOf(third)).toEqual([]);
    expect(third.map(({ end }) => end)).toEqual([true]);
    expect(bench.sent()).toHaveLength(1);
    await bench.close();
  });

  it('begins at a time of the vendor’s clock when that is asked for', async () => {
    const bench = await open();
    await bench.clock.advance(3_600_000);
    const since = bench.clock.now();
    await bench.clock.advance(60_000);
    const [changed = ''] = bench.recordIds();
    bench.edit(changed, { note: 'after that' });
    await bench.clock.advance(NEAR_LAG_MS);
    const pages = await sweep(bench, bench.connector.cursorAt(since));
    expect(idsOf(pages)).toEqual([changed]);
    expect(lastSeen(bench, pages).get(changed)).toBe('after that');
    await bench.close();
  });

  it('finds what changed, appeared or came in since, also for a process that starts anew', async () => {
    const bench = await open();
    const first = await sweep(bench, null);
    await bench.clock.advance(3_600_000);
    const [changed = ''] = bench.recordIds();
    bench.edit(changed, { note: 'an hour later' });
    const { id: added } = bench.add('Three gaskets');
    await bench.clock.advance(NEAR_LAG_MS);
    const second = await sweep(bench, endOf(first), bench.connect());
    expect(idsOf(second)).toEqual(expect.arrayContaining([changed, added]));
    expect(lastSeen(bench, second).get(changed)).toBe('an hour later');
    await bench.close();
  });

  it('finds in the next sweep what an index did not show yet in this one', async () => {
    const bench = await open({ indexLagMs: 60_000 });
    const first = await sweep(bench, null);
    await bench.clock.advance(3_600_000);
    const [changed = ''] = bench.recordIds();
    bench.edit(changed, { note: 'just before the sweep' });
    // Longer than the second that a Date header counts.
    await bench.clock.advance(5_000);
    const second = await sweep(bench, endOf(first));
    await bench.clock.advance(120_000);
    const third = await sweep(bench, endOf(second));
    expect(lastSeen(bench, second, third).get(changed)).toBe('just before the sweep');
    await bench.close();
  });

  it('finds changes made in the very moment of a sweep', async () => {
    const bench = await open();
    const [one = '', other = '', third = ''] = bench.recordIds();
    const first = await sweep(bench, null);
    const seen: (readonly ChangePage[])[] = [first];
    for (const id of [one, other, third]) {
      bench.edit(id, { note: `at ${bench.clock.now()}` });
      seen.push(await sweep(bench, endOf(seen.at(-1) ?? [])));
      await bench.clock.advance(1);
    }
    await bench.clock.advance(NEAR_LAG_MS);
    seen.push(await sweep(bench, endOf(seen.at(-1) ?? [])));
    for (const id of [one, other, third]) {
      expect(lastSeen(bench, ...seen).get(id)).toBe((await bench.read(id))?.fields[bench.id('note')]);
    }
    await bench.close();
  });

  it('goes on from the cursor of any page, in another process', async () => {
    const bench = await open({ records: 130 });
    const all = [...bench.recordIds()].sort();
    const pages = await sweep(bench, null);
    const first = pages[0] as ChangePage;
    const broken: ChangePage[] = [];
    for await (const page of bench.connector.changes(bench.scope, null, [bench.id('text')], BULK)) {
      broken.push(page);
      break;
    }
    expect(broken).toHaveLength(1);
    await bench.clock.advance(60_000);
    const rest = await sweep(bench, endOf(broken), bench.connect());
    const seen = new Set([...first.records.map(({ ref }) => ref.id), ...idsOf(rest)]);
    expect([...seen].sort()).toEqual(all);
    expect(idsOf(rest).length).toBeLessThan(all.length);
    await bench.close();
  });

  it.each(['all of the scope', 'what changed'])('misses nothing that moves between pages of %s', async (what) => {
    const bench = await open({ records: 230 });
    const ids = bench.recordIds();
    const known = await sweep(bench, null);
    await bench.clock.advance(3_600_000);
    for (const id of ids) {
      bench.edit(id, { note: 'first hand' });
      await bench.clock.advance(1_100);
    }
    await bench.clock.advance(NEAR_LAG_MS);
    const pages: ChangePage[] = [];
    const names = [bench.id('text'), bench.id('note')];
    const cursor = what === 'what changed' ? endOf(known) : null;
    // Somebody edits a record of a page that was served and two of pages that are still to come.
    const moving = [ids[0], ids[120], ids.at(-1)].map(String);
    async function iterate() {
      for await (const page of bench.connector.changes(bench.scope, cursor, names, BULK)) {
        pages.push(page);
        for (const id of moving.splice(0)) bench.edit(id, { note: 'second hand' });
        await bench.clock.sleep(500);
      }
    }
    await bench.until(iterate());
    expect(pages.length).toBeGreaterThan(1);
    await bench.clock.advance(60_000);
    const next = await sweep(bench, endOf(pages));
    const seen = lastSeen(bench, pages, next);
    const wrong = ids.filter((id, at) => {
      const moved = at === 0 || at === 120 || at === ids.length - 1;
      return seen.get(id) !== (moved ? 'second hand' : 'first hand');
    });
    expect(wrong).toEqual([]);
    await bench.close();
  });

  it('stops asking when nobody goes on iterating', async () => {
    const bench = await open({ records: 230 });
    for await (const _page of bench.connector.changes(bench.scope, null, [], BULK)) break;
    await bench.clock.advance(60_000);
    expect(bench.sent().length).toBe(1);
    await bench.close();
  });

  it('without a cursor shows every record of the scope once and none outside of it', async () => {
    const bench = await open({ records: 130 });
    const [away = '', gone = ''] = bench.recordIds();
    const key = (await bench.read(away, ['text']))?.key ?? '';
    bench.moveAway(bench.site, away, key);
    bench.remove(gone);
    bench.add('Three gaskets');
    await bench.clock.advance(NEAR_LAG_MS);
    const listed = idsOf(await sweep(bench, null));
    expect([...listed].sort()).toEqual([...bench.recordIds()].sort());
    expect(listed).not.toContain(away);
    expect(listed).not.toContain(gone);
    await bench.close();
  });

  it('shows marks in a sweep as in a read', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    await bench.until(bench.connector.stamp(bench.scope, id, bench.marker, [], BULK));
    await bench.clock.advance(NEAR_LAG_MS);
    const swept = recordsOf(await sweep(bench, null));
    expect(swept.filter(({ marker }) => marker !== null).map(({ ref }) => ref.id)).toEqual([id]);
    expect(swept.find(({ ref }) => ref.id === id)?.marker).toEqual(bench.marker);
    await bench.close();
  });

  it('fails with an error of ours when a page cannot be read, and goes on from the page before', async () => {
    const bench = await open({ records: 230 });
    const pages: ChangePage[] = [];
    async function iterate() {
      for await (const page of bench.connector.changes(bench.scope, null, [bench.id('text')], BULK)) {
        pages.push(page);
        bench.site.faults.replace([{ match: {}, kind: 'status', status: 503, body: 'down' }]);
      }
    }
    const ended = await bench.until(
      iterate().then(
        () => null,
        (error: unknown) => error,
      ),
    );
    bench.site.faults.replace([]);
    // Fifty pages of Bitrix24 come in one request, so nothing may be left to fail.
    if (ended !== null) expect(ended).toMatchObject({ name: 'UnavailableError', ambiguous: false });
    const rest = ended === null ? [] : await sweep(bench, endOf(pages));
    const seen = new Set([...idsOf(pages), ...idsOf(rest)]);
    expect([...seen].sort()).toEqual([...bench.recordIds()].sort());
    await bench.close();
  });
}
