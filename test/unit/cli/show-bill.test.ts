import { expect, it } from 'vitest';
import { billLine, billsOf } from '../../../src/cli/show-bill.ts';
import { billOf } from '../../../src/connectors/bitrix24/bill.ts';
import { billOf as jiraBillOf } from '../../../src/connectors/jira/bill.ts';
import { budgetOf } from '../../../src/connectors/jira/limits.ts';
import type { NotedWrite } from '../../../src/work/dry-connector.ts';

const connectors = new Map([
  ['jira', { bill: jiraBillOf(budgetOf) }],
  ['bitrix24', { bill: billOf('standard') }],
]);

function noted(connection: string, action: NotedWrite['action'], times: number, fields: string[] = []): NotedWrite[] {
  const patch = Object.fromEntries(fields.map((field) => [field, 'x']));
  return Array.from({ length: times }, (_, at) => {
    return { connection, entity: 'record', action, key: `${at}`, patch, before: {} };
  });
}

it('tells per connection what would be written and what it costs', () => {
  const writes = [
    ...noted('bitrix24', 'create', 45, ['title']),
    ...noted('jira', 'update', 1, ['summary', 'status']),
    ...noted('bitrix24', 'update', 12, ['title']),
  ];
  const bills = billsOf(writes, connectors);
  expect(bills.map(billLine)).toEqual([
    'jira: 1 update = 4 requests, about 1 s at its limits',
    'bitrix24: 45 creates, 12 updates = 6 requests, about 4 s at its limits',
  ]);
  expect(bills[1]).toEqual({
    connection: 'bitrix24',
    writes: { create: 45, update: 12, stamp: 0, delete: 0 },
    calls: 6,
    seconds: 4,
  });
});

it('tells minutes and hours where it takes so long', () => {
  const lines = [3_000, 40_000].map((deals) => billsOf(noted('bitrix24', 'create', deals), connectors).map(billLine));
  expect(lines).toEqual([
    ['bitrix24: 3000 creates = 300 requests, about 30 min at its limits'],
    ['bitrix24: 40000 creates = 4000 requests, about 6.8 h at its limits'],
  ]);
});

it('says nothing of a connection that would not be written to', () => {
  expect(billsOf([], connectors)).toEqual([]);
});
