import { expect, it } from 'vitest';
import type { Product, SandboxResponse } from '../../../src/sandbox/http.ts';
import { failureOf, LIVE, type OpenBench } from './bench.ts';

const ELSEWHERE = 'https://elsewhere.example';

export function redirectCases(open: OpenBench): void {
  it.each([301, 302, 303, 307, 308])('follows no %i to a foreign host, and sends it nothing', async (status) => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    const home = new URL(bench.site.url).host;
    const away: Product['handle'] = async (request): Promise<SandboxResponse> => ({
      status,
      headers: { location: `${ELSEWHERE}${request.path}` },
      body: '',
    });
    const connector = bench.connect({}, away);
    const note = bench.id('note');
    const works: (() => Promise<unknown>)[] = [
      () => connector.identify(LIVE),
      () => connector.read(bench.scope, id, [note], LIVE),
      () => connector.update(bench.scope, id, { [note]: 'x' }, {}, [note], LIVE),
      () => connector.create(bench.scope, { [bench.id('text')]: 'Valve' }, bench.marker, [], LIVE),
    ];
    for (const work of works) {
      const error = await failureOf(bench.until(work()));
      expect(['AuthError', 'BadResponseError']).toContain(error.name);
      expect(error.cure).toMatch(/url/);
    }
    const sent = bench.sent();
    expect(sent.map(({ host }) => host)).toEqual(sent.map(() => home));
    await bench.close();
  });

  it('follows a move of its own address with the body, tells it once, and stays there', async () => {
    const bench = await open();
    const { rename } = bench;
    const [id = ''] = bench.recordIds();
    const note = bench.id('note');
    const write = (text: string) =>
      bench.until(bench.connector.update(bench.scope, id, { [note]: text }, {}, [note], LIVE));
    await write('at the old address');
    bench.sent();
    if (rename === undefined) {
      // A product that never moves: a move of it is a redirect like any other, and the write stays unsent.
      const path = { match: { method: 'PUT' }, kind: 'status', status: 301, headers: { location: `${ELSEWHERE}/` } };
      bench.site.faults.replace([path]);
      expect(await failureOf(write('lost'))).toMatchObject({ name: 'BadResponseError' });
      expect((await bench.read(id))?.fields[note]).toBe('at the old address');
    } else {
      bench.site.product.configure(rename.settings);
      const { record } = await write('with its body');
      expect(record.fields[note]).toBe('with its body');
      expect(new URL(record.url).host).toBe(rename.to);
      const [old, moved] = bench.sent();
      expect([old?.host, moved?.host]).toEqual([new URL(bench.site.url).host, rename.to]);
      expect(moved?.body).toBe(old?.body);
      const told = bench.logged.filter(({ level }) => level === 'warn');
      expect(told).toHaveLength(1);
      expect(JSON.stringify(told)).toContain(rename.to);
      await write('again');
      expect(bench.sent().map(({ host }) => host)).toEqual([rename.to]);
    }
    await bench.close();
  });
}
