// What the sandbox shows of its records without printing unchanged ones again is what its whole state says of them.
import { expect, it } from 'vitest';
import { createSandboxInProcess, type InProcessSandbox } from '../../../src/sandbox/index.ts';
import { company } from '../../support/office.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

type Json = Record<string, unknown>;

function open(): InProcessSandbox {
  const clock = createVirtualClock();
  const people = company(
    [{ summary: 'Pump', labels: [] }, { summary: 'Valve' }],
    [{ title: 'Pump' }, { title: 'Valve' }],
  );
  return createSandboxInProcess({
    clock,
    seed: 1,
    limits: 'off',
    indexLagMs: 0,
    company: people,
    webhooks: async () => 200,
  });
}

function whole({ jira, bitrix24 }: InProcessSandbox) {
  const { issues } = jira.product.state() as { issues: Json[] };
  const { items } = bitrix24.product.state() as { items: { deal: Json[] } };
  const shown = issues.map(({ id, key, properties, fields }) => {
    const { comment: _comments, ...rest } = fields as Json;
    return { id, key, fields: rest, properties };
  });
  return { issues: shown, deals: items.deal };
}

const short = ({ jira, bitrix24 }: InProcessSandbox) => ({
  issues: jira.product.issues(),
  deals: bitrix24.product.deals(),
});

it.each<[string, (sandbox: InProcessSandbox, ids: { issue: string; deal: string }) => unknown]>([
  [
    'a person edits on both sides',
    ({ jira, bitrix24 }, { issue, deal }) => [
      jira.product.edit({ op: 'update', in: 'BUY', id: issue, fields: { summary: 'Changed', Budget: 7 } }),
      bitrix24.product.edit({ op: 'update', in: 'deal', id: deal, fields: { title: 'Changed', opportunity: 7 } }),
    ],
  ],
  [
    'a record is deleted on both sides',
    ({ jira, bitrix24 }, { issue, deal }) => [
      jira.product.edit({ op: 'delete', in: 'BUY', id: issue }),
      bitrix24.product.edit({ op: 'delete', in: 'deal', id: deal }),
    ],
  ],
  [
    'a field is taken away on both sides',
    ({ jira, bitrix24 }) => [
      jira.product.configure({ disabledFields: ['Customer note'] }),
      bitrix24.product.configure({ removeField: ['Примечание'] }),
    ],
  ],
  [
    'times are shown in another zone',
    ({ jira, bitrix24 }) => [
      jira.product.configure({ siteTimeZone: 'Asia/Tokyo' }),
      bitrix24.product.configure({ portalOffset: '+09:00' }),
    ],
  ],
  [
    'an option is taken away on both sides',
    ({ jira, bitrix24 }) => [
      jira.product.configure({ removeOption: { field: 'Distributor', option: 'Hydrotech' } }),
      bitrix24.product.configure({ removeOption: { 'Дистрибьютор по сделке': ['Hydrotech'] } }),
    ],
  ],
])('says the same as the whole state when %s', (_what, change) => {
  const sandbox = open();
  const before = short(sandbox);
  expect(before).toEqual(whole(sandbox));
  const [issue] = before.issues;
  const [deal] = before.deals as { id: number }[];
  change(sandbox, { issue: issue?.id ?? '', deal: String(deal?.id) });
  expect(short(sandbox)).toEqual(whole(sandbox));
  expect(short(sandbox)).not.toEqual(before);
});

it('prints what did not change once', () => {
  const sandbox = open();
  const [before, again] = [short(sandbox), short(sandbox)];
  expect(before.issues.length).toBeGreaterThan(1);
  for (const [at, { fields }] of before.issues.entries()) expect(again.issues[at]?.fields).toBe(fields);
  for (const [at, deal] of before.deals.entries()) expect(again.deals[at]).toBe(deal);
});
