import { describe, expect, it, vi } from 'vitest';
import { createJiraConnection, LIVE } from '../../../support/jira-connection.ts';

const FIELDS = [
  'summary',
  'labels',
  'status',
  'duedate',
  'customfield_10031',
  'customfield_10032',
  'customfield_10037',
];
const marker = (id: number) => ({ key: `crm-deal-${id}`, tenant: 'portal-1' });

describe('updates', () => {
  it('send exactly the patch, in one request that also tells what stood there before', async () => {
    const { jira, counted, scopeOf } = createJiraConnection();
    const scope = await scopeOf();
    const patch = { summary: '50 shaft seals', customfield_10031: '1300.25', customfield_10032: null };
    const { value, requests, lines } = await counted(() => jira.update(scope, '10401', patch, {}, FIELDS, LIVE));
    expect(lines).toEqual(['PUT issue/10401']);
    expect(requests[0]?.body).toEqual({
      fields: { summary: '50 shaft seals', customfield_10031: 1300.25, customfield_10032: null },
    });
    expect(value.record.fields).toMatchObject(patch);
    expect(value.before).toEqual({
      summary: '40 shaft seals for line 3',
      customfield_10031: '1200.5',
      customfield_10032: '10201',
    });
  });

  it('read once more where the answer to an edit tells nothing of its history', async () => {
    const { jira, counted, scopeOf, sandbox } = createJiraConnection();
    const scope = await scopeOf();
    sandbox.configure({ returnIssueChangelog: false });
    const work = () => jira.update(scope, '10401', { duedate: '2027-01-15' }, {}, FIELDS, LIVE);
    const { value, lines } = await counted(work);
    expect(lines).toEqual(['PUT issue/10401', 'GET issue/10401']);
    expect(value.record.fields.duedate).toBe('2027-01-15');
    expect(value.before).toEqual({ duedate: '2026-12-15' });
  });

  it('show who was overwritten between the read and the write', async () => {
    const { jira, clock, scopeOf, sandbox } = createJiraConnection();
    const scope = await scopeOf();
    sandbox.edit({ op: 'update', in: 'BUY', id: 'BUY-1', fields: { Summary: 'A person was faster' } });
    await clock.advance(1000);
    const expected = { summary: '40 shaft seals for line 3' };
    const written = await clock.until(jira.update(scope, '10401', { summary: 'Ours' }, expected, FIELDS, LIVE));
    expect(written.before).toEqual({ summary: 'A person was faster' });
  });

  it('write sets as additions and removals, so that others keep theirs and our mark stays', async () => {
    const { jira, clock, counted, scopeOf, sandbox, field } = createJiraConnection();
    const scope = await scopeOf();
    await clock.until(jira.stamp(scope, '10401', marker(7), FIELDS, LIVE));
    sandbox.edit({
      op: 'update',
      in: 'BUY',
      id: 'BUY-1',
      fields: { Labels: ['spring', 'crm', 'crm-deal-7', 'theirs'] },
    });
    const patch = { labels: ['new', 'spring'], customfield_10037: ['10401', '10402'] };
    const expected = { labels: ['crm', 'spring'], customfield_10037: null };
    const countries = (
      await clock.until(jira.describe({ entity: 'issue', project: 'BUY', type: 'Purchase request' }, LIVE))
    ).fields.find((one) => one.id === 'customfield_10037')?.options;
    patch.customfield_10037 = (countries ?? []).slice(0, 2).map((option) => option.id);
    const { value, requests } = await counted(() => jira.update(scope, '10401', patch, expected, FIELDS, LIVE));
    expect(requests[0]?.body).toEqual({
      update: {
        labels: [{ add: 'new' }, { remove: 'crm' }],
        customfield_10037: patch.customfield_10037.map((id) => ({ add: { id } })),
      },
    });
    expect(value.record.fields.labels).toEqual(['new', 'spring', 'theirs']);
    expect(value.record.marker?.key).toBe('crm-deal-7');
    expect([...(await field('BUY-1', 'labels'))].sort()).toEqual(['crm-deal-7', 'new', 'spring', 'theirs']);
  });

  it('take one step of the workflow for a status, after the other fields', async () => {
    const { jira, counted, scopeOf } = createJiraConnection();
    const scope = await scopeOf();
    const onSend = vi.fn(async () => {});
    const ask = { ...LIVE, onSend };
    const patch = { status: '10011', duedate: '2027-02-01' };
    const { value, lines } = await counted(() => jira.update(scope, '10401', patch, {}, FIELDS, ask));
    expect(lines).toEqual([
      'GET issue/10401/transitions',
      'PUT issue/10401',
      'POST issue/10401/transitions',
      'GET issue/10401',
    ]);
    expect(value.record.fields).toMatchObject(patch);
    expect(value.before).toEqual({ status: '10010', duedate: '2026-12-15' });
    expect(onSend).toHaveBeenCalledTimes(1);
  });

  it('write nothing at all when the status cannot be reached in one step, and say where one can go', async () => {
    const { jira, clock, sent, scopeOf } = createJiraConnection();
    const scope = await scopeOf();
    sent.length = 0;
    const work = jira.update(scope, '10401', { status: '10012', summary: 'x' }, {}, FIELDS, LIVE);
    await expect(clock.until(work)).rejects.toMatchObject({
      name: 'RejectedError',
      field: 'status',
      message: expect.stringContaining("“In Progress”, “Won't do”"),
    });
    expect(sent.map((request) => request.line)).toEqual(['GET issue/10401/transitions']);
  });

  it('send nothing when the hook says no', async () => {
    const { jira, clock, sent, scopeOf } = createJiraConnection();
    const scope = await scopeOf();
    sent.length = 0;
    const ask = { ...LIVE, onSend: () => Promise.reject(new Error('the lease is lost')) };
    await expect(clock.until(jira.update(scope, '10401', { summary: 'x' }, {}, FIELDS, ask))).rejects.toThrow('lease');
    expect(sent).toEqual([]);
  });

  it.each([
    [
      'a value that Jira refuses',
      { customfield_10032: '99999' },
      {},
      { name: 'RejectedError', field: 'customfield_10032' },
    ],
    ['a summary that is too long', { summary: 'x'.repeat(256) }, {}, { name: 'RejectedError', field: 'summary' }],
    ['a missing permission', { summary: 'x' }, { deny: ['edit'] }, { name: 'RejectedError', field: null }],
    ['an edit at the same moment', { summary: 'x' }, { conflictOnce: true }, { name: 'StaleError' }],
    ['an issue that is hidden now', { summary: 'x' }, { hiddenIssues: ['BUY-1'] }, { name: 'StaleError' }],
    ['a dead token', { summary: 'x' }, { revokeToken: true }, { name: 'AuthError' }],
  ])('name %s by its class', async (_name, patch, settings, expected) => {
    const { jira, clock, scopeOf, sandbox } = createJiraConnection();
    const scope = await scopeOf();
    sandbox.configure(settings);
    await expect(clock.until(jira.update(scope, '10401', patch, {}, FIELDS, LIVE))).rejects.toMatchObject(expected);
  });
});

describe('creates', () => {
  it('leave as one batch of up to ten with the mark inside and are read back as one', async () => {
    const { jira, counted, scopeOf } = createJiraConnection({ indexLagMs: 3_600_000 });
    const scope = await scopeOf();
    const announced: number[] = [];
    const ids = Array.from({ length: 12 }, (_, n) => n + 1);
    const { value, lines, requests } = await counted(() =>
      Promise.all(
        ids.map((n) => {
          const ask = { ...LIVE, onSend: async () => void announced.push(n) };
          return jira.create(scope, { summary: `Part ${n}`, labels: ['crm'], duedate: null }, marker(n), FIELDS, ask);
        }),
      ),
    );
    expect([...lines].sort()).toEqual([
      'POST issue/bulk',
      'POST issue/bulk',
      'POST issue/bulkfetch',
      'POST issue/bulkfetch',
    ]);
    expect(requests[0]?.body.issueUpdates).toHaveLength(10);
    expect(requests[0]?.body.issueUpdates[0]).toEqual({
      fields: {
        summary: 'Part 1',
        labels: ['crm', 'crm-deal-1'],
        project: { id: '10000' },
        issuetype: { id: '10001' },
      },
      properties: [{ key: 'jira-crm-sync', value: { key: 'crm-deal-1', tenant: 'portal-1' } }],
    });
    expect(value.map((record) => record.fields.summary)).toEqual(ids.map((n) => `Part ${n}`));
    for (const [at, record] of value.entries()) {
      expect(record).toMatchObject({ marker: marker(at + 1), inScope: true });
      expect(record.fields.labels).toEqual(['crm']);
    }
    expect(announced).toEqual(ids);
  });

  it('are judged one by one: a refused element and one whose hook rejects leave the others alone', async () => {
    const { jira, counted, scopeOf } = createJiraConnection();
    const scope = await scopeOf();
    const refused = { summary: 'Refused', customfield_10032: '99999' };
    const { value, requests } = await counted(() =>
      Promise.allSettled([
        jira.create(scope, { summary: 'First' }, marker(1), FIELDS, LIVE),
        jira.create(scope, refused, marker(2), FIELDS, LIVE),
        jira.create(scope, { summary: 'Held' }, marker(3), FIELDS, {
          ...LIVE,
          onSend: () => Promise.reject(new Error('no')),
        }),
        jira.create(scope, { summary: 'Last' }, marker(4), FIELDS, LIVE),
      ]),
    );
    expect(requests[0]?.body.issueUpdates).toHaveLength(3);
    expect(value.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(value[1]).toMatchObject({ reason: { name: 'RejectedError', field: 'customfield_10032' } });
    expect(value[2]).toMatchObject({ reason: { message: 'no' } });
    expect(value[3]).toMatchObject({ value: { fields: { summary: 'Last' } } });
  });

  it('cost a create and a read-back when alone', async () => {
    const { jira, counted, scopeOf } = createJiraConnection();
    const scope = await scopeOf();
    const alone = await counted(() => jira.create(scope, { summary: 'Alone' }, marker(1), FIELDS, LIVE));
    expect(alone.lines).toEqual(['POST issue', 'POST issue/bulkfetch']);
  });

  it('refuse a status, which only a transition can give, before anything leaves', async () => {
    const { jira, clock, sent, scopeOf } = createJiraConnection();
    const scope = await scopeOf();
    sent.length = 0;
    const work = jira.create(scope, { summary: 'x', status: '10012' }, marker(1), FIELDS, LIVE);
    await expect(clock.until(work)).rejects.toMatchObject({ name: 'RejectedError', field: 'status' });
    expect(sent).toEqual([]);
  });
});

describe('marks', () => {
  it('are found again by their key and proven by the property', async () => {
    const { jira, clock, counted, scopeOf, sandbox } = createJiraConnection();
    const scope = await scopeOf();
    const created = await clock.until(jira.create(scope, { summary: 'Ours' }, marker(7405), FIELDS, LIVE));
    sandbox.edit({ op: 'update', in: 'BUY', id: 'BUY-2', fields: { Labels: ['crm-deal-7405'] } });
    const { value, lines } = await counted(() => jira.findByKey(scope, 'crm-deal-7405', ['summary'], LIVE));
    expect(value.map((record) => record.ref.id)).toEqual([created.ref.id]);
    expect(lines).toEqual(['POST search/jql', 'POST search/jql']);
    const none = await counted(() => jira.findByKey(scope, 'crm-deal-1', ['summary'], LIVE));
    expect(none.value).toEqual([]);
    expect(none.lines).toHaveLength(1);
  });

  it('are put on an existing issue once, and never over another', async () => {
    const { jira, clock, counted, scopeOf } = createJiraConnection();
    const scope = await scopeOf();
    const first = await counted(() => jira.stamp(scope, '10401', marker(7), FIELDS, LIVE));
    expect(first.lines).toEqual(['POST issue/bulkfetch', 'PUT issue/10401']);
    expect(first.value).toMatchObject({ marker: marker(7), fields: { labels: ['crm', 'spring'] } });
    const again = await counted(() => jira.stamp(scope, '10401', marker(7), FIELDS, LIVE));
    expect(again.lines).toEqual(['POST issue/bulkfetch']);
    expect(again.value.marker).toEqual(marker(7));
    await expect(clock.until(jira.stamp(scope, '10401', marker(8), FIELDS, LIVE))).rejects.toMatchObject({
      name: 'RejectedError',
      message: 'BUY-1 already carries the mark crm-deal-7',
    });
  });
});
