// What the account may do against what the profiles want, asked for by key and project.
import { describe, expect, it } from 'vitest';
import type { PlannedWrite } from '../../../../src/connectors/connector.ts';
import { createJiraConnection, LIVE } from '../../../support/jira-connection.ts';

const WRITES: readonly PlannedWrite[] = [
  { action: 'create', fields: ['summary', 'reporter'] },
  { action: 'update', fields: ['summary', 'status', 'assignee', 'duedate'] },
];

async function asked(writes: readonly PlannedWrite[], deny: readonly string[] = [], secret = true) {
  const { jira, sandbox, counted, scopeOf } = createJiraConnection({}, secret ? {} : { 'webhook-secret': undefined });
  const scope = await scopeOf();
  sandbox.configure({ deny });
  const { value, requests } = await counted(async () => jira.rights?.([{ scope, writes }], LIVE));
  if (value === undefined) throw new Error('no rights');
  return { ...value, requests };
}

describe('rights', () => {
  it('are asked for in one request a project, by the keys that matter', async () => {
    const { requests, granted, missing } = await asked(WRITES);
    expect(requests.map(({ line }) => line)).toEqual(['GET mypermissions']);
    expect(requests[0]?.query.get('projectId')).toBe('10000');
    expect(requests[0]?.query.get('permissions')?.split(',').sort()).toEqual([
      'ADMINISTER',
      'ADMINISTER_PROJECTS',
      'ASSIGN_ISSUES',
      'BROWSE_PROJECTS',
      'CREATE_ISSUES',
      'DELETE_ISSUES',
      'EDIT_ISSUES',
      'MODIFY_REPORTER',
      'SCHEDULE_ISSUES',
      'TRANSITION_ISSUES',
      'USER_PICKER',
    ]);
    expect(missing).toEqual([]);
    expect(granted).toContain('Edit Issues (EDIT_ISSUES)');
  });

  it.each<[string, string[], string[]]>([
    ['create', ['CREATE_ISSUES'], ['create']],
    ['edit', ['ASSIGN_ISSUES', 'EDIT_ISSUES', 'MODIFY_REPORTER', 'SCHEDULE_ISSUES'], ['edit']],
    ['transition', ['TRANSITION_ISSUES'], ['transition']],
    ['admin', ['ADMINISTER'], ['admin']],
  ])('that lack are named with what they are for: %s', async (_, keys, deny) => {
    const { missing } = await asked(WRITES, deny);
    const found = missing.map(({ message }) => /\(([A-Z_]+)\) in BUY: \S/.exec(message)?.[1] ?? message);
    expect(found.sort()).toEqual(keys);
    for (const { cure } of missing) expect(cure).toContain('permission scheme');
  });

  it('that nothing needs are named, and only those', async () => {
    const none = await asked(WRITES);
    expect(none.unused).toEqual([
      'Administer Projects (ADMINISTER_PROJECTS) in BUY',
      'Delete Issues (DELETE_ISSUES) in BUY',
    ]);
    const deletes = await asked([...WRITES, { action: 'delete', fields: [] }]);
    expect(deletes.unused).toEqual(['Administer Projects (ADMINISTER_PROJECTS) in BUY']);
    const reads = await asked([], ['delete', 'admin']);
    expect([reads.unused, reads.missing.map(({ message }) => message.includes('ADMINISTER'))]).toEqual([[], [true]]);
    const swept = await asked([], [], false);
    expect(swept.unused).toContain('Administer Jira (ADMINISTER) in BUY');
  });

  it('to change a status alone are not those to edit', async () => {
    const { requests } = await asked([{ action: 'update', fields: ['status'] }]);
    expect(requests[0]?.query.get('permissions')).not.toContain('EDIT_ISSUES');
    const stamped = await asked([{ action: 'stamp', fields: [] }]);
    expect(stamped.requests[0]?.query.get('permissions')).toContain('EDIT_ISSUES');
  });

  it('of two profiles in one project are asked for once', async () => {
    const { jira, counted, scopeOf } = createJiraConnection();
    const scopes = [await scopeOf(), await scopeOf(undefined, 'Task')];
    const [first, second] = scopes.map((scope, at) => ({
      scope,
      writes: at === 0 ? WRITES : ([{ action: 'delete', fields: [] }] as const),
    }));
    if (!first || !second) throw new Error('no scopes');
    const { value, lines } = await counted(async () => jira.rights?.([first, second], LIVE));
    expect(lines).toEqual(['GET mypermissions']);
    expect(value?.unused).toEqual(['Administer Projects (ADMINISTER_PROJECTS) in BUY']);
  });
});
