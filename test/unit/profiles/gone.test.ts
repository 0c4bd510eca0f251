import { describe, expect, test } from 'vitest';
import { load, mustLoad, profileText, shown } from '../../support/profile-fixture.ts';

const gone = (lines: string) => mustLoad(profileText(undefined, lines)).gone;
const problems = (lines: string) => shown(load(profileText(undefined, lines)).problems);

test('a profile that says nothing unlinks', () => {
  expect(mustLoad(profileText()).gone).toEqual({ jira: { kind: 'unlink' }, crm: { kind: 'unlink' } });
});

test('a mark is resolved on the surviving side, and its field is read there', () => {
  const profile = mustLoad(profileText(undefined, 'when-jira-gone: { mark: { stage: "Проиграна" } }'));
  expect(profile.gone.jira).toMatchObject({ kind: 'mark', id: 'stageId', value: 'C9:LOSE' });
  expect(profile.sides.crm.reads).toContain('stageId');
  expect(gone('when-crm-gone: { mark: { labels: crm-gone } }').crm).toMatchObject({ id: 'labels', value: 'crm-gone' });
});

test('deletion needs a second word', () => {
  const both = 'when-jira-gone: delete\nallow-delete: true';
  expect(gone(both)).toEqual({ jira: { kind: 'delete' }, crm: { kind: 'unlink' } });
});

describe('mistakes are told at their place', () => {
  const cases: [string, string][] = [
    ['when-jira-gone: delete', '4:17 `delete` would delete records, and the profile does not allow it.'],
    ['when-jira-gone: delete\nallow-delete: false', '4:17 `delete` would delete records'],
    ['allow-delete: true', '4:15 `allow-delete` has no meaning without `delete`.'],
    ['when-jira-gone: forget', '4:17 `forget` is not a value of `when-jira-gone`.'],
    ['when-jira-gone: { mark: { stagee: "Проиграна" } }', '4:27 `stagee` is not a field of the `crm` side.'],
    ['when-jira-gone: { mark: { stage: "Проигранна" } }', 'is not an option of'],
    ['when-jira-gone: { mark: { stage: "Проиграна", title: x } }', '`mark` sets one field only.'],
    ['when-jira-gone: { mark: { opportunity: 5 } }', 'a mark is a text, an option, a stage, yes/no'],
    ['when-jira-gone: { set: { title: x } }', '`mark` is missing in `gone`.'],
  ];
  test.each(cases)('%s', (lines, expected) => {
    const found = problems(lines);
    expect(found[0]).toContain(expected);
  });
});
