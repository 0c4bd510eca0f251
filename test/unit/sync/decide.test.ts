// The decision about a whole pair: every field by its name, each on its own.
import { expect, test } from 'vitest';
import type { Fields, Side, SourceRecord } from '../../../src/model.ts';
import type { ProfileField } from '../../../src/profiles/profile.ts';
import type { Base, Conflict } from '../../../src/state/store.ts';
import { decide, type Known } from '../../../src/sync/decide.ts';
import { noteField, statusField, titleField } from '../../support/merge-fields.ts';
import { mustLoad, profileText } from '../../support/profile-fixture.ts';

const NOW = 1_795_000_000_000;

function record(side: Side, fields: Fields): SourceRecord {
  return {
    ref: { side, connection: side, entity: 'x', id: '1' },
    key: '1',
    url: '',
    version: 'v1',
    createdAt: NOW,
    updatedAt: NOW,
    updatedBy: null,
    fields,
    marker: null,
    inScope: true,
  };
}

function decided(
  fields: readonly ProfileField[],
  shown: Readonly<Record<Side, Fields>>,
  base: Base,
  openConflicts: readonly Conflict[] = [],
) {
  const known: Known = { link: null, base, openConflicts, parked: [], recentWrites: [] };
  const records = { jira: record('jira', shown.jira), crm: record('crm', shown.crm) };
  return decide({ ...mustLoad(profileText()), fields }, records, known, NOW);
}

test('answers for every field by name, each on its own', () => {
  const { outcomes, writes, park } = decided(
    [noteField(), titleField(), statusField()],
    {
      jira: { remark: 'b', summary: 'same', status: '10013' },
      crm: { note: 'a', title: 'same', stage: 'C9:0' },
    },
    { Note: { jira: 'a', crm: 'a' }, Stage: { jira: '10010', crm: 'C9:0' } },
  );
  expect(outcomes).toMatchObject({ Note: { kind: 'write' }, Title: { kind: 'agreed' }, Stage: { kind: 'failed' } });
  expect(writes).toEqual([{ field: 'Note', side: 'crm', id: 'note', from: 'a', value: 'b' }]);
  expect(park.map(({ field }) => field)).toEqual(['Stage']);
});

test('knows a field named like a part of every object', () => {
  const field = noteField({ name: 'constructor', ids: { jira: 'toString', crm: 'valueOf' } });
  expect(decided([field], { jira: {}, crm: {} }, {}).outcomes).toEqual({
    constructor: { kind: 'unknown', side: 'jira' },
  });
  const both = decided([field], { jira: { toString: 'a' }, crm: { valueOf: 'a' } }, {});
  expect(both.outcomes.constructor).toEqual({ kind: 'agreed', base: { jira: 'a', crm: 'a' } });
});

test('carries a decision out for its field only', () => {
  const fields = [noteField(), noteField({ name: 'Other', ids: { jira: 'j', crm: 'c' } })];
  const open: Conflict = {
    id: 1,
    linkId: 1,
    profile: 'procurement',
    field: 'Other',
    base: null,
    values: { jira: 'b', crm: 'c' },
    changedAt: { jira: NOW, crm: NOW },
    changedBy: { jira: null, crm: null },
    policy: 'hold',
    outcome: 'held',
    status: 'open',
    take: { side: 'jira' },
    at: NOW,
    closedAt: null,
  };
  const shown = { jira: { remark: 'b', j: 'b' }, crm: { note: 'c', c: 'c' } };
  const { outcomes, writes } = decided(fields, shown, {}, [open]);
  expect(outcomes).toMatchObject({ Note: { kind: 'held' }, Other: { kind: 'write' } });
  expect(writes).toEqual([{ field: 'Other', side: 'crm', id: 'c', from: 'c', value: 'b' }]);
});
