// `check` compares what the profiles want to write with what the accounts may.
import { expect, test } from 'vitest';
import { checkRights, writesOn } from '../../../src/cli/check-rights.ts';
import type { Connector, Rights, ScopeUse } from '../../../src/connectors/connector.ts';
import { RejectedError } from '../../../src/errors.ts';
import { mustLoad, profileText } from '../../support/profile-fixture.ts';

const RIGHTS: Rights = { granted: ['Edit Issues (EDIT_ISSUES)'], missing: [], unused: [], cure: 'Take them away.' };

function connectorWith(rights: (uses: readonly ScopeUse[]) => Promise<Rights>): Map<string, Connector> {
  return new Map([['jira', { connection: 'jira', rights } as unknown as Connector]]);
}

test('a profile wants what its directions, creates and policies say', () => {
  const profile = mustLoad(
    profileText(
      ['{ jira: summary, crm: title }', '{ jira: duedate, crm: closedate, direction: to-crm }'],
      'create: { jira: true }\nwhen-crm-gone: delete\nallow-delete: true',
    ),
  );
  expect(writesOn(profile, 'jira')).toEqual([
    { action: 'update', fields: ['summary'] },
    { action: 'create', fields: ['summary'] },
    { action: 'stamp', fields: [] },
    { action: 'delete', fields: [] },
  ]);
  expect(writesOn(profile, 'crm')).toEqual([
    { action: 'update', fields: ['title', 'closedate'] },
    { action: 'stamp', fields: [] },
  ]);
});

test('warns of rights that lack and of those that nothing needs, with what to do', async () => {
  const profile = mustLoad(profileText());
  let asked: readonly ScopeUse[] = [];
  const connectors = connectorWith(async (uses) => {
    asked = uses;
    return {
      ...RIGHTS,
      missing: [{ message: 'The account lacks the right Edit Issues.', cure: 'Give it.' }],
      unused: ['Delete Issues (DELETE_ISSUES) in BUY'],
    };
  });
  const findings = await checkRights(connectors, [profile]);
  expect(asked).toEqual([{ scope: profile.sides.jira.scope, writes: writesOn(profile, 'jira') }]);
  expect(findings).toEqual([
    { level: 'ok', what: 'Connection jira has the rights: Edit Issues (EDIT_ISSUES).', cure: '' },
    { level: 'warning', what: 'Connection jira: The account lacks the right Edit Issues.', cure: 'Give it.' },
    {
      level: 'warning',
      what: 'Connection jira has rights that no profile needs: Delete Issues (DELETE_ISSUES) in BUY.',
      cure: 'Take them away.',
    },
  ]);
});

test('a site that does not tell is a warning, a bug is not', async () => {
  const refusal = new RejectedError('Unrecognized permission', 'Report it.', 'jira', null);
  const told = await checkRights(
    connectorWith(async () => Promise.reject(refusal)),
    [mustLoad(profileText())],
  );
  expect(told).toMatchObject([{ level: 'warning', cure: 'Report it.' }]);
  const bug = checkRights(
    connectorWith(async () => Promise.reject(new TypeError('a bug'))),
    [mustLoad(profileText())],
  );
  await expect(bug).rejects.toThrow('a bug');
});

test('nothing is asked where no profile uses the connection, or it has no such rights', async () => {
  const connectors = connectorWith(async () => RIGHTS);
  expect(await checkRights(connectors, [])).toEqual([]);
  const without = new Map([['jira', { connection: 'jira' } as unknown as Connector]]);
  expect(await checkRights(without, [mustLoad(profileText())])).toEqual([]);
});
