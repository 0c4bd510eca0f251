// Somebody edits while we are about it: between our write and the moment when we read the record back, or beside a field
// that cannot be read just now. Neither edit is lost.
import { afterEach, expect, it } from 'vitest';
import { createPair, type Pair } from '../support/one-pair.ts';

const MINUTE = 60_000;

let pair: Pair;
afterEach(() => pair.stop());

it('takes an edit that comes between our write and its read-back for an edit, not for a coercion', async () => {
  pair = await createPair();
  pair.world.watch((step) => {
    if (step.kind !== 'request' || step.side !== 'jira') return;
    if (step.request.method !== 'POST' || !step.request.path.endsWith('/transitions')) return;
    pair.world.watch(null);
    pair.editIssue(pair.issueId, { 'Customer note': 'call before noon' });
  });
  pair.editDeal(pair.dealId, { Примечание: 'call in the evening', stage: 'В работе' });
  await pair.world.run(5_000);
  expect(await pair.world.store.parked({})).toEqual([]);
  expect(pair.now()).toMatchObject({
    issue: { note: 'call before noon', status: 'In Progress' },
    deal: { note: 'call before noon' },
  });
});

it('carries over what was edited beside a field that could not be read, soon after it can be', async () => {
  pair = await createPair();
  pair.world.sandbox.jira.product.configure({ disabledFields: ['Customer note'] });
  pair.editDeal(pair.dealId, { Примечание: 'deliver to gate 4' });
  await pair.world.run(5_000);
  pair.world.sandbox.jira.product.configure({ disabledFields: [] });
  await pair.world.idle(70 * MINUTE);
  expect(pair.now()).toMatchObject({ issue: { note: 'deliver to gate 4' }, deal: { note: 'deliver to gate 4' } });
});

it('carries over what was edited in a field that could not be read then, soon after it can be', async () => {
  pair = await createPair();
  pair.editIssue(pair.issueId, { 'Customer note': 'call before noon' });
  pair.world.sandbox.jira.product.configure({ disabledFields: ['Customer note'] });
  await pair.world.run(5_000);
  // Looked at twice before it can be read again, and written to by ourselves in between.
  pair.editDeal(pair.dealId, { opportunity: 130_000 });
  await pair.world.idle(70 * MINUTE);
  pair.world.sandbox.jira.product.configure({ disabledFields: [] });
  await pair.world.idle(70 * MINUTE);
  expect(pair.now()).toMatchObject({ issue: { budget: 130_000 }, deal: { note: 'call before noon' } });
});

it('carries over what was edited in a field that the other product had cut, and that could not be read then', async () => {
  pair = await createPair();
  pair.world.sandbox.bitrix24.product.configure({ coerce: [{ field: 'Примечание', cut: 10 }] });
  pair.editIssue(pair.issueId, { 'Customer note': 'please call before noon' });
  await pair.world.run(5_000);
  expect(pair.now().deal.note).toBe('please cal');
  pair.editIssue(pair.issueId, { 'Customer note': null });
  pair.world.sandbox.jira.product.configure({ disabledFields: ['Customer note'] });
  await pair.world.run(5_000);
  // Longer than sweeps look back.
  await pair.world.idle(30 * MINUTE);
  pair.world.sandbox.jira.product.configure({ disabledFields: [] });
  await pair.world.idle(70 * MINUTE);
  expect(pair.now()).toMatchObject({ issue: { note: null }, deal: { note: null } });
  expect(await pair.world.store.parked({})).toEqual([]);
});

it('carries over what stood there before, entered once more while what was made of the edit cannot be read', async () => {
  pair = await createPair();
  pair.world.sandbox.jira.product.configure({ coerce: [{ field: 'customfield_10038', cut: 10 }] });
  pair.editDeal(pair.dealId, { Примечание: 'please call before noon' });
  await pair.world.run(5_000);
  expect(pair.now().issue.note).toBe('please cal');
  pair.world.sandbox.jira.product.configure({ disabledFields: ['Customer note'] });
  pair.editDeal(pair.dealId, { Примечание: null });
  await pair.world.run(5_000);
  pair.world.sandbox.jira.product.configure({ disabledFields: [] });
  await pair.world.idle(70 * MINUTE);
  expect(pair.now()).toMatchObject({ issue: { note: null }, deal: { note: null } });
  expect(await pair.world.store.parked({})).toEqual([]);
});

it('carries over what stood in a field of the source that could not be read when its partner was created', async () => {
  pair = await createPair();
  const jira = pair.newIssue({ summary: 'Gaskets', 'Customer note': 'call before noon' });
  pair.world.sandbox.jira.product.configure({ disabledFields: ['Customer note'] });
  await pair.world.run(30_000);
  const created = () => pair.deals().find(({ title }) => title === 'Gaskets');
  const links = await pair.world.store.links('procurement', 0, 2);
  expect([created()?.note, links.find(({ ids }) => ids.jira === jira)?.reason]).toEqual([
    null,
    'cannot be read now: Примечание (field removed, or no right to see it)',
  ]);
  // Longer than sweeps look back.
  await pair.world.idle(30 * MINUTE);
  pair.world.sandbox.jira.product.configure({ disabledFields: [] });
  await pair.world.idle(70 * MINUTE);
  expect(created()?.note).toBe('call before noon');
});

// Both records were read every hour, for ever.
it('looks ever more seldom for a field that is not shown, and still carries over what was edited beside it', async () => {
  pair = await createPair();
  pair.world.sandbox.jira.product.configure({ disabledFields: ['Customer note'] });
  pair.editDeal(pair.dealId, { Примечание: 'call before noon' });
  const reads: number[] = [];
  for (let day = 0; day < 2; day += 1) {
    pair.world.requests();
    for (let hour = 0; hour < 24; hour += 1) await pair.world.idle(60 * MINUTE);
    const asked = pair.world.requests().crm.flatMap(({ commands, path }) => [path, ...(commands ?? [])]);
    reads.push(asked.filter((what) => what.includes('crm.item.get')).length);
  }
  expect(reads[0]).toBeGreaterThan(3);
  expect(reads[0]).toBeLessThanOrEqual(8);
  expect(reads[1]).toBeLessThanOrEqual(2);
  const [link] = await pair.world.store.links('procurement', 0, 1);
  expect(link?.reason).toContain('cannot be read now: Примечание');
  pair.world.sandbox.jira.product.configure({ disabledFields: [] });
  for (let hour = 0; hour < 10; hour += 1) await pair.world.idle(60 * MINUTE);
  expect(pair.now().issue.note).toBe('call before noon');
});

it('carries over what was entered into the source while it was not known what became of its create', async () => {
  pair = await createPair();
  pair.world.sandbox.bitrix24.faults.replace([{ kind: 'drop-after', times: 1, match: { command: 'crm.item.add' } }]);
  const issue = pair.newIssue({ summary: 'Gaskets' });
  pair.world.watch((step) => {
    if (step.kind !== 'request' || step.side !== 'crm' || !step.request.path.includes('crm.item.add')) return;
    pair.world.watch(null);
    pair.editIssue(issue, { 'Customer note': 'call before noon', labels: ['pumps'] });
  });
  await pair.world.run(5 * MINUTE);
  expect(pair.deals().find(({ title }) => title === 'Gaskets')).toMatchObject({
    note: 'call before noon',
    tags: ['pumps'],
  });
});

it('takes an edit that comes between our create and its read-back for an edit, not for a coercion or a default', async () => {
  pair = await createPair();
  pair.world.watch((step) => {
    if (step.kind !== 'answer' || step.side !== 'jira' || !/\/issue(\/bulk)?$/.test(step.request.path)) return;
    pair.world.watch(null);
    const made = pair.issues().find(({ summary }) => summary === 'Gaskets');
    pair.editIssue(made?.id ?? '', { 'Customer note': 'call before noon', labels: ['pumps'] });
  });
  const deal = pair.newDeal({ title: 'Gaskets', stage: 'Новая', Примечание: 'call in the evening' });
  await pair.world.run(5_000);
  expect(await pair.world.store.parked({})).toEqual([]);
  expect(pair.deal(deal)).toMatchObject({ note: 'call before noon', tags: ['pumps'] });
});

it('keeps an edit of a deal beside the last label that our write takes away at that moment', async () => {
  pair = await createPair();
  pair.world.watch((step) => {
    if (step.kind !== 'request' || step.side !== 'crm' || !isUpdate(step.request)) return;
    pair.world.watch(null);
    pair.editDeal(pair.dealId, { Примечание: 'call before noon' });
  });
  pair.editIssue(pair.issueId, { labels: [], 'Customer note': 'call in the evening' });
  await pair.world.run(5_000);
  const conflicts = await pair.world.store.conflicts({});
  expect(conflicts.map(({ values }) => values)).toEqual([{ jira: 'call in the evening', crm: 'call before noon' }]);
  expect(pair.now().deal).toMatchObject({ note: 'call before noon', tags: [] });
});

function isUpdate({ path, body }: { readonly path: string; readonly body: Uint8Array }): boolean {
  return path.includes('crm.item.update') || new TextDecoder().decode(body).includes('crm.item.update');
}
