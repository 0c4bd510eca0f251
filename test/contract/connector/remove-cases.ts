import { expect, it } from 'vitest';
import { failureOf, LIVE, type OpenBench } from './bench.ts';

export function removeCases(open: OpenBench): void {
  it('deletes exactly the record that is named, and is content when it is gone already', async () => {
    const bench = await open();
    const [gone = '', ...rest] = bench.recordIds();
    const announced: number[] = [];
    const ask = { ...LIVE, onSend: async () => void announced.push(bench.connector.usage().requests) };
    await bench.until(
      bench.connector.remove?.(bench.scope, gone, ask) ?? Promise.reject(new Error('it cannot delete')),
    );
    expect(announced).toHaveLength(1);
    expect(bench.recordIds()).toEqual(rest);
    expect(await bench.read(gone)).toBeNull();
    await bench.until(bench.connector.remove?.(bench.scope, gone, LIVE) ?? Promise.reject());
    expect(bench.recordIds()).toEqual(rest);
    await bench.close();
  });

  it('sends nothing when the hook says no', async () => {
    const bench = await open();
    const [id = ''] = bench.recordIds();
    const veto = new Error('the lease is lost');
    const ask = { ...LIVE, onSend: () => Promise.reject(veto) };
    const vetoed = bench.connector.remove?.(bench.scope, id, ask) ?? Promise.resolve();
    expect(await failureOf(bench.until(vetoed))).toBe(veto);
    expect(bench.recordIds()).toContain(id);
    await bench.close();
  });

  it('does not take a record that may not be seen for one that is gone, where the product tells them apart', async () => {
    const bench = await open();
    const [gone = '', hidden = '', there = ''] = bench.recordIds();
    const { hides } = bench.connector;
    const key = (await bench.read(hidden, ['text']))?.key ?? '';
    bench.remove(gone);
    bench.site.product.configure(bench.hide(hidden, key));
    const answers = [gone, hidden, there].map((id) => hides?.(bench.scope, id, LIVE) ?? Promise.resolve(null));
    const told = await bench.until(Promise.all(answers));
    expect(told).toEqual(hides === undefined ? [null, null, null] : [false, true, false]);
    await bench.close();
  });
}
