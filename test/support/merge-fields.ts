// Profile fields for tests of the merge: real mappers, schemas with only what the case is about.
import { createMapper, type MapperSpec } from '../../src/mapping/create-mapper.ts';
import type { FieldSchema, FieldType, Side } from '../../src/model.ts';
import type { ConflictPolicy, ProfileField } from '../../src/profiles/profile.ts';
import type { Evidence } from '../../src/sync/merge.ts';

export const POLICIES: readonly ConflictPolicy[] = [
  { kind: 'hold' },
  { kind: 'jira' },
  { kind: 'crm' },
  { kind: 'newest', tie: 'jira' },
  { kind: 'newest', tie: 'crm' },
  { kind: 'merge' },
];

export function schema(label: string, type: FieldType, more: Partial<FieldSchema> = {}): FieldSchema {
  return {
    id: label.toLowerCase(),
    label,
    aliases: [],
    type,
    requiredOnCreate: false,
    writableOnCreate: true,
    writableOnUpdate: true,
    ...more,
  };
}

export function fieldFor(spec: MapperSpec, more: Partial<ProfileField> = {}): ProfileField {
  return {
    name: spec.crm.label,
    ids: { jira: spec.jira.id, crm: spec.crm.id },
    schemas: { jira: spec.jira, crm: spec.crm },
    direction: 'both',
    on: 'always',
    conflict: { kind: 'hold' },
    initial: 'fill-empty',
    mapper: createMapper(spec),
    ...more,
  };
}

/** Jira's summary carries 10 characters in one line here, the CRM's title everything: lossy towards Jira. */
export function titleField(more: Partial<ProfileField> = {}): ProfileField {
  const jira = schema('Summary', 'text', { maxLength: 10, singleLine: true });
  return fieldFor({ kind: 'plain', type: 'text', jira, crm: schema('Title', 'text') }, more);
}

const JIRA_STATUSES = ['To Do', 'In Progress', 'Done', "Won't do"].map((label, i) => ({ id: `${10010 + i}`, label }));
const CRM_STAGES = ['Новая', 'В работе', 'Выиграна', 'Проиграна'].map((label, i) => ({ id: `C9:${i}`, label }));

/** To Do and In Progress both lead to stage C9:0; stage C9:3 has no translation. */
export function statusField(more: Partial<ProfileField> = {}): ProfileField {
  return fieldFor(
    {
      kind: 'table',
      type: 'status',
      jira: schema('Status', 'status', { options: JIRA_STATUSES }),
      crm: schema('Stage', 'status', { options: CRM_STAGES }),
      table: [
        { jira: '10010', crm: 'C9:0' },
        { jira: '10011', crm: 'C9:0' },
        { jira: '10012', crm: 'C9:2' },
      ],
    },
    more,
  );
}

export function tagsField(more: Partial<ProfileField> = {}): ProfileField {
  const jira = schema('Labels', 'set', { items: 'text' });
  const crm = schema('Tags', 'set', { items: 'text' });
  return fieldFor({ kind: 'set', type: 'set', jira, crm }, { conflict: { kind: 'merge' }, ...more });
}

/** Carries everything both ways. */
export function noteField(more: Partial<ProfileField> = {}): ProfileField {
  const ends = { jira: schema('Remark', 'text'), crm: schema('Note', 'text') };
  return fieldFor({ kind: 'plain', type: 'text', ...ends }, more);
}

export const NOON = Date.UTC(2026, 10, 17, 12);
export const SAME_TIME: Evidence = { changedAt: { jira: NOON, crm: NOON } };

export function newerBy(ms: number, side: Side): Evidence {
  return { changedAt: { jira: NOON, crm: NOON, [side]: NOON + ms } };
}

/** Options 1 and 81, 2 and 82 belong together; whatever else there is has no partner. */
export function countriesField(more: Partial<ProfileField> = {}): ProfileField {
  const options = (ids: readonly string[]) => ids.map((id) => ({ id, label: id }));
  return fieldFor(
    {
      kind: 'set',
      type: 'set',
      jira: schema('Countries', 'set', { items: 'enum', options: options(['1', '2', '9']) }),
      crm: schema('Страны', 'set', { items: 'enum', options: options(['81', '82', '99']) }),
      table: [
        { jira: '1', crm: '81' },
        { jira: '2', crm: '82' },
      ],
    },
    { conflict: { kind: 'merge' }, ...more },
  );
}

/** A mapper with a bug in it. */
export function brokenField(more: Partial<ProfileField> = {}): ProfileField {
  const translate = () => {
    throw new TypeError('a bug');
  };
  return noteField({ mapper: { translate, show: () => '' }, ...more });
}
