import { describe, expect, test } from 'vitest';
import type { SourceRecord, Value } from '../../../src/model.ts';
import type { GonePolicy, Profile } from '../../../src/profiles/profile.ts';
import type { Absence, Link } from '../../../src/state/store.ts';
import { actionOf, type GonePair, isSettledFor, markedValue, reasonOf } from '../../../src/sync/survivor.ts';
import { mustLoad, profileText } from '../../support/profile-fixture.ts';

const base: Profile = mustLoad(profileText(['{ jira: summary, crm: title }', '{ jira: labels, crm: "Метки" }']));
const UNLINK: GonePolicy = { kind: 'unlink' };
const DELETE: GonePolicy = { kind: 'delete' };
const MARK: GonePolicy = { kind: 'mark', id: 'stageId', name: 'Стадия', value: 'C9:LOSE', asMember: false };
const LABEL: GonePolicy = { kind: 'mark', id: 'ufCrm_1747309872', name: 'Метки', value: 'gone', asMember: true };

/** The issue is gone, the deal is left. */
function profile(policy: GonePolicy): Profile {
  return { ...base, gone: { jira: policy, crm: UNLINK } };
}

function deal(fields: Readonly<Record<string, Value>> = {}, more: Partial<SourceRecord> = {}): SourceRecord {
  return {
    ref: { side: 'crm', connection: 'bitrix24', entity: 'deal', id: '7001' },
    key: '7001',
    url: '',
    version: '1',
    createdAt: 0,
    updatedAt: 0,
    updatedBy: null,
    fields: { title: 'Seals', stageId: 'C9:NEW', ufCrm_1747309872: ['a'], ...fields },
    marker: null,
    inScope: true,
    ...more,
  };
}

const link = {
  id: 1,
  ids: { jira: '10401', crm: '7001' },
  keys: { jira: 'BUY-1', crm: '7001' },
  state: 'active',
  base: { Название: { jira: 'Seals', crm: 'Seals' }, Метки: { jira: ['a'], crm: ['a'] } },
} as unknown as Link;

const told: Absence = { toldAt: 5, missedAt: 6, hidden: false, done: null };
const silent: Absence = { ...told, toldAt: null };

function pair(more: Partial<GonePair> = {}): GonePair {
  return { link, side: 'jira', absence: told, survivor: deal(), ...more };
}

describe('what becomes of the record that is left', () => {
  const cases: [string, GonePolicy, Partial<GonePair>, ReturnType<typeof actionOf>][] = [
    ['unlink', UNLINK, {}, 'unlink'],
    ['mark', MARK, {}, 'mark'],
    ['mark needs no event', MARK, { absence: silent }, 'mark'],
    ['mark where the field cannot be read', { ...MARK, id: 'hidden' } as GonePolicy, {}, 'unlink'],
    ['mark outside the scope', MARK, { survivor: deal({}, { inScope: false }) }, 'unlink'],
    ['mark of nothing', MARK, { survivor: null }, 'unlink'],
    ['delete with an event', DELETE, {}, 'delete'],
    ['delete without an event', DELETE, { absence: silent }, 'unlink'],
    ['delete without any evidence', DELETE, { absence: null }, 'unlink'],
    ['delete outside the scope', DELETE, { survivor: deal({}, { inScope: false }) }, 'unlink'],
    ['delete of an edited record', DELETE, { survivor: deal({ title: 'Edited' }) }, 'keep'],
    ['delete of a record with another set', DELETE, { survivor: deal({ ufCrm_1747309872: ['a', 'b'] }) }, 'keep'],
    ['delete of a record edited elsewhere', DELETE, { survivor: deal({ stageId: 'C9:WON' }) }, 'delete'],
    [
      'delete of an edited record without an event',
      DELETE,
      { absence: silent, survivor: deal({ title: 'x' }) },
      'unlink',
    ],
  ];
  test.each(cases)('%s', (_name, policy, more, expected) => {
    expect(actionOf(pair(more), profile(policy))).toBe(expected);
  });
});

describe('whether something is left to do', () => {
  const gone = { ...link, state: 'gone' } as Link;
  const cases: [string, GonePolicy, Partial<GonePair>, boolean][] = [
    ['a pair that is not given up', UNLINK, {}, false],
    ['given up', UNLINK, { link: gone, absence: { ...told, done: 'unlink' } }, true],
    ['given up without evidence', UNLINK, { link: gone, absence: null }, false],
    ['unlinked, and the event came since', DELETE, { link: gone, absence: { ...told, done: 'unlink' } }, false],
    ['unlinked, and no event came', DELETE, { link: gone, absence: { ...silent, done: 'unlink' } }, true],
    ['deleted, and somebody restored it', DELETE, { link: gone, absence: { ...told, done: 'delete' } }, true],
    ['kept', DELETE, { link: gone, absence: { ...told, done: 'keep' } }, true],
    ['both gone', DELETE, { link: gone, survivor: null, absence: { ...told, done: 'delete' } }, true],
    ['merged away', UNLINK, { link: { ...link, state: 'merged-away' } }, true],
  ];
  test.each(cases)('%s', (_name, policy, more, expected) => {
    expect(isSettledFor(pair(more), profile(policy))).toBe(expected);
  });
});

test('a mark replaces a value and joins a set', () => {
  const value = (policy: GonePolicy, record = deal()) => (policy.kind === 'mark' ? markedValue(policy, record) : null);
  expect(value(MARK)).toBe('C9:LOSE');
  expect(value(LABEL)).toEqual(['a', 'gone']);
  expect(value(LABEL, deal({ ufCrm_1747309872: null }))).toEqual(['gone']);
  expect(value(LABEL, deal({ ufCrm_1747309872: ['gone'] }))).toEqual(['gone']);
});

test('reasons are sentences about both records', () => {
  const reason = (policy: GonePolicy, more: Partial<GonePair> = {}) =>
    reasonOf(actionOf(pair(more), profile(policy)), pair(more), profile(policy));
  expect(reason(UNLINK)).toBe('BUY-1 (jira) was deleted; 7001 stays as it is');
  expect(reason(UNLINK, { absence: silent })).toBe(
    'BUY-1 (jira) is gone or hidden from our account; 7001 stays as it is',
  );
  expect(reason(DELETE, { absence: silent })).toContain('stays as it is, because nobody told of a deletion');
  expect(reason(DELETE)).toContain('7001 was deleted too');
  expect(reason(DELETE, { survivor: deal({ title: 'x' }) })).toContain('7001 was edited since, so it is kept');
  expect(reason(MARK)).toContain('7001 was marked in "Стадия"');
  expect(reason(MARK, { survivor: null })).toContain('and so is 7001');
});
