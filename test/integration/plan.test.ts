// What `plan` says before anything is written, as a process of its own on an empty state, a settled one, and for a draft.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlayground } from '../support/real-processes.ts';
import { createControl } from '../support/sandbox-control.ts';

const playground = createPlayground();
let env: Readonly<Record<string, string>>;
let records: () => Promise<readonly number[]>;

beforeAll(async () => {
  const ready = await playground.sandbox(6, 5);
  const control = createControl(ready);
  env = playground.configure(ready);
  records = async () => [(await control.issues()).length, (await control.deals()).length];
});
afterAll(() => playground.close());

type Plan = {
  readonly writes: readonly { readonly connection: string; readonly action: string }[];
  readonly bills: readonly {
    readonly connection: string;
    readonly writes: Readonly<Record<string, number>>;
    readonly calls: number;
    readonly seconds: number;
  }[];
};

it('bills what a first sync would write, and writes nothing', async () => {
  const before = await records();
  const { code, out, err } = await playground.run(env, 'plan', '--json');
  expect([code, err]).toEqual([2, '']);
  const { writes, bills } = JSON.parse(out) as Plan;
  for (const bill of bills) {
    const own = writes.filter(({ connection }) => connection === bill.connection);
    expect(own.length).toBeGreaterThan(0);
    for (const action of Object.keys(bill.writes)) {
      expect(own.filter((write) => write.action === action)).toHaveLength(bill.writes[action] ?? 0);
    }
    expect(bill.calls).toBeGreaterThan(0);
    expect(bill.seconds).toBeGreaterThan(0);
  }
  expect(bills.map(({ connection }) => connection)).toEqual(['jira', 'bitrix24']);
  const told = await playground.run(env, 'plan');
  expect(told.code).toBe(2);
  expect(told.out).toMatch(
    /\nWould be written:\n {4}jira: .*\n {4}bitrix24: .*\d+ requests?, about \d+ s at its limits\n$/,
  );
  expect(await records()).toEqual(before);
});

it('ends with 0 when nothing is left to write, and with 2 for a draft that would change something', async () => {
  expect((await playground.run(env, 'resync', 'procurement')).code).toBe(0);
  const settled = await playground.run(env, 'plan', 'procurement');
  expect([settled.code, settled.out.trimEnd().split('\n').at(-1)]).toEqual([0, 'Nothing would be written.']);

  const live = readFileSync(join(playground.folder, 'config/profiles/procurement.yaml'), 'utf8');
  playground.write('same.yaml', live);
  expect((await playground.run(env, 'plan', '--file', 'same.yaml')).code).toBe(0);

  playground.write('draft.yaml', `${live}  - { crm: "Плановая дата оплаты", from: jira.duedate }\n`);
  const draft = await playground.run(env, 'plan', '--file', 'draft.yaml', '--json');
  expect([draft.code, draft.err]).toEqual([2, '']);
  const { writes, bills } = JSON.parse(draft.out) as Plan;
  expect(new Set(writes.map(({ connection, action }) => `${connection} ${action}`))).toEqual(
    new Set(['bitrix24 update']),
  );
  expect(bills).toMatchObject([{ connection: 'bitrix24', calls: 1 }]);
});

it('refuses a draft with mistakes, with their places', async () => {
  playground.write('broken.yaml', 'name: procurement\nfield: []\n');
  const { code, err } = await playground.run(env, 'plan', '--file', 'broken.yaml');
  expect(code).toBe(78);
  expect(err).toContain('broken.yaml:2:1');
  const both = await playground.run(env, 'plan', 'procurement', '--file', 'broken.yaml');
  expect(both).toMatchObject({ code: 64, out: '' });
});
