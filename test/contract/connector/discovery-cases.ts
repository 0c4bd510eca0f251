import { expect, it } from 'vitest';
import { LIVE, type OpenBench, ROLES } from './bench.ts';

export function discoveryCases(open: OpenBench): void {
  it('proves the credential and tells account, tenant and time', async () => {
    const bench = await open();
    const account = await bench.until(bench.connector.identify(LIVE));
    expect(account).toMatchObject({ name: 'Sync Daemon', missing: [] });
    expect(account.id).not.toBe('');
    expect(account.tenant).not.toBe('');
    expect(Math.abs(account.serverTime - bench.clock.now())).toBeLessThan(2_000);
    expect((await bench.until(bench.connect().identify(LIVE))).tenant).toBe(account.tenant);
    await bench.close();
  });

  it('lists the fields of the scope by label, with types and options', async () => {
    const bench = await open();
    for (const role of ROLES) {
      const { label, type, items, options } = bench.fields[role];
      expect(bench.schemas[role]).toMatchObject({ label, type, ...(items === undefined ? {} : { items }) });
      const labels = bench.schemas[role].options?.map((option) => option.label) ?? [];
      expect(labels).toEqual(expect.arrayContaining([...(options ?? [])]));
      const ids = bench.schemas[role].options?.map((option) => option.id) ?? [];
      expect(new Set(ids).size).toBe(ids.length);
      if (options !== undefined) expect(ids.length).toBeGreaterThan(1);
    }
    const writable = ROLES.filter((role) => role !== 'status');
    expect(writable.filter((role) => !bench.schemas[role].writableOnUpdate)).toEqual([]);
    expect(bench.schemas.status.writableOnUpdate).toBe(true);
    await bench.close();
  });

  it('looks afresh each time: a label and an option that changed since', async () => {
    const bench = await open();
    bench.site.product.configure(bench.renameField(bench.fields.note.label, 'Remark'));
    bench.site.product.configure(bench.removeOption(bench.fields.choice.label, 'Hydrotech'));
    const { fields } = await bench.until(bench.connector.describe(bench.spec, LIVE));
    expect(fields.find(({ id }) => id === bench.id('note'))?.label).toBe('Remark');
    const choice = fields.find(({ id }) => id === bench.id('choice'));
    expect(choice?.options?.map(({ label }) => label)).not.toContain('Hydrotech');
    expect(choice?.options?.map(({ label }) => label)).toContain('Уралнасос');
    await bench.close();
  });

  it('answers a place that does not exist with its key, a sentence and the nearest name', async () => {
    const bench = await open();
    const { spec, path, nearest } = bench.lostSpec;
    const { scope, problems } = await bench.until(bench.connector.describe(spec, LIVE));
    expect(scope).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toEqual(path);
    expect(problems[0]?.cure).toContain(nearest);
    await bench.close();
  });

  it('lists everybody whom a user field can name', async () => {
    const bench = await open();
    const people = await bench.until(bench.connector.people(LIVE));
    const names = people.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['Irina Ivanova', 'Oleg Petrov', 'Anna Weber', 'Павел Смирнов']));
    expect(new Set(people.map(({ id }) => id)).size).toBe(people.length);
    const petrov = people.find(({ name }) => name === 'Oleg Petrov');
    expect(petrov).toMatchObject({ email: 'o.petrov@nordhafen.example', active: true });
    await bench.close();
  });
}
