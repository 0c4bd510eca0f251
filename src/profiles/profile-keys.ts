// Every key of a profile: the strict reader, `schema` and docs/profiles.md follow this table.

import { DEFAULTS, FIELD } from './field-keys.ts';
import { DURATION, type JsonSchema, LABEL, oneOf, type Section, sectionRef, TEXT } from './key-table.ts';
import { CONFLICT, EXPRESSION, INITIAL, SIDE } from './policy-keys.ts';
import { CRM, JIRA } from './side-keys.ts';

const GONE: JsonSchema = { anyOf: [oneOf('unlink', 'delete'), sectionRef('gone')] };

export const PROFILE: Section = {
  name: 'profile',
  keys: [
    {
      key: 'name',
      required: true,
      values: 'small letters, digits, `-`',
      example: 'name: procurement',
      about: 'The stable name of the profile; links belong to it.',
      schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' },
    },
    {
      key: 'was',
      values: 'the old name',
      example: 'was: purchasing',
      about: 'The old name after a rename: links, conflicts, parked fields and history go on under the new one.',
      schema: TEXT,
    },
    {
      key: 'jira',
      required: true,
      values: 'see “The Jira side”',
      example: 'jira: { connection: jira, entity: issue, project: BUY }',
      about: 'Which issues.',
      schema: sectionRef('jira'),
    },
    {
      key: 'crm',
      required: true,
      values: 'see “The CRM side”',
      example: 'crm: { connection: bitrix24, entity: deal }',
      about: 'Which CRM records.',
      schema: sectionRef('crm'),
    },
    {
      key: 'match',
      values: 'list of `link` or `{ jira, crm, normalise }`',
      default: '`[link]`',
      example: 'match: [link, { jira: summary, crm: title, normalise: [trim, lowercase] }]',
      about:
        'How records that already exist on both sides find each other; tried in order, exactly one hit links the pair.',
      schema: { type: 'array', items: { anyOf: [{ const: 'link' }, sectionRef('match')] } },
    },
    {
      key: 'stamp',
      values: '`{ jira, crm }`, see “Stamps”',
      default: '`{ jira: label, crm: origin }`',
      example: 'stamp: { jira: { field: "Номер сделки" }, crm: origin }',
      about: 'How a pair is written into its records, so that it survives the loss of our state.',
      schema: sectionRef('stamp'),
    },
    {
      key: 'sync-when',
      values: 'expression',
      default: 'always',
      example: `sync-when: 'crm == null || crm.stage != "Черновик"'`,
      about: 'The moment of sync: until it holds, the record is waiting.',
      schema: EXPRESSION,
    },
    {
      key: 'create',
      values: '`{ jira, crm }`, see “Creating”',
      default: 'nothing is created',
      example: 'create: { crm: true, jira: false }',
      about: 'Whether a record that one side lacks is created there.',
      schema: sectionRef('create'),
    },
    {
      key: 'conflict',
      values: '`hold`, `jira`, `crm`, `newest` (with `tie`)',
      default: '`hold`',
      example: 'conflict: hold',
      about:
        'What decides when both sides changed a field to different values; `hold` keeps both until a person decides.',
      schema: CONFLICT,
    },
    {
      key: 'tie',
      values: '`jira`, `crm`',
      example: 'tie: crm',
      about: 'Who wins under `newest` when both changes are less than two minutes apart.',
      schema: SIDE,
    },
    {
      key: 'initial',
      values: '`fill-empty`, `jira`, `crm`',
      default: '`fill-empty`',
      example: 'initial: crm',
      about:
        'What happens to a field when a pair is linked for the first time; `fill-empty` fills what is empty and treats the rest as a conflict.',
      schema: INITIAL,
    },
    {
      key: 'when-jira-gone',
      values: '`unlink`, `{ mark: { field: value } }`, `delete`',
      default: '`unlink`',
      example: 'when-jira-gone: { mark: { stage: "Проиграна" } }',
      about:
        'What becomes of the CRM record when its issue is gone: it stays as it is, one field of it gets a value, or it is deleted too.',
      schema: GONE,
    },
    {
      key: 'when-crm-gone',
      values: '`unlink`, `{ mark: { field: value } }`, `delete`',
      default: '`unlink`',
      example: 'when-crm-gone: { mark: { labels: crm-gone } }',
      about: 'What becomes of the issue when its CRM record is gone.',
      schema: GONE,
    },
    {
      key: 'allow-delete',
      values: '`true`, `false`',
      default: '`false`',
      example: 'allow-delete: true',
      about: 'Must stand beside `delete`, so that nobody deletes records by one word.',
      schema: { type: 'boolean' },
    },
    {
      key: 'sweep',
      values: '`{ every, full }`, see “Sweeps”',
      default: '`{ every: 5m }`',
      example: 'sweep: { every: 5m, full: { cron: "0 3 * * *", zone: Europe/Moscow } }',
      about: 'How often changes are looked for besides webhooks.',
      schema: sectionRef('sweep'),
    },
    {
      key: 'fields',
      required: true,
      values: 'list of lines, see “Fields”',
      example: 'fields: [{ jira: summary, crm: title }]',
      about: 'Which field is which.',
      schema: { type: 'array', items: sectionRef('fields') },
    },
  ],
  later: {
    comments: 'Remove it; comments stay on their side.',
    attachments: 'Remove it; attachments stay on their side.',
    rules: 'Remove it; move what you can to `sync-when`, `direction`, `on` or a computed field.',
  },
};

export const MATCH: Section = {
  name: 'match',
  keys: [
    {
      key: 'jira',
      required: true,
      values: 'field',
      example: 'jira: summary',
      about: 'The Jira field to compare.',
      schema: LABEL,
    },
    {
      key: 'crm',
      required: true,
      values: 'field, or `id`',
      example: 'crm: title',
      about: 'The CRM field to compare.',
      schema: LABEL,
    },
    {
      key: 'normalise',
      values: 'list of `trim`, `lowercase`, `digits`',
      default: 'compared as they are',
      example: 'normalise: [trim, lowercase]',
      about: 'What is done to both values before they are compared; `digits` keeps digits only.',
      schema: { type: 'array', items: oneOf('trim', 'lowercase', 'digits') },
    },
  ],
};

export const STAMP: Section = {
  name: 'stamp',
  keys: [
    {
      key: 'jira',
      values: '`label`, `{ field: name }`',
      default: '`label`',
      example: 'jira: { field: "Номер сделки" }',
      about: 'A label and an issue property, or a text field that gets the CRM record’s id.',
      schema: { anyOf: [oneOf('label'), sectionRef('stamp-field')] },
    },
    {
      key: 'crm',
      values: '`origin`, `{ field: name }`',
      default: '`origin`',
      example: 'crm: origin',
      about: 'The record’s origin fields, or a text field that gets the issue’s id.',
      schema: { anyOf: [oneOf('origin'), sectionRef('stamp-field')] },
    },
  ],
};

export const STAMP_FIELD: Section = {
  name: 'stamp-field',
  keys: [
    {
      key: 'field',
      required: true,
      values: 'text field',
      example: 'field: "Номер сделки"',
      about: 'The field that gets the partner’s id.',
      schema: LABEL,
    },
  ],
};

const CREATE_SIDE: JsonSchema = { anyOf: [{ type: 'boolean' }, sectionRef('create-when')] };

export const CREATE: Section = {
  name: 'create',
  keys: [
    {
      key: 'jira',
      values: '`true`, `false`, `{ when: expression }`',
      default: '`false`',
      example: `jira: { when: 'crm.stage != "Черновик"' }`,
      about: 'Whether an issue is created for a CRM record that has none.',
      schema: CREATE_SIDE,
    },
    {
      key: 'crm',
      values: '`true`, `false`, `{ when: expression }`',
      default: '`false`',
      example: 'crm: true',
      about: 'Whether a CRM record is created for an issue that has none.',
      schema: CREATE_SIDE,
    },
  ],
};

export const CREATE_WHEN: Section = {
  name: 'create-when',
  keys: [
    {
      key: 'when',
      required: true,
      values: 'expression',
      example: `when: 'crm.stage == "Согласование"'`,
      about: 'The record is created once this holds.',
      schema: EXPRESSION,
    },
  ],
};

export const GONE_MARK: Section = {
  name: 'gone',
  keys: [
    {
      key: 'mark',
      required: true,
      values: '`{ field: value }`, one pair',
      example: 'mark: { stage: "Проиграна" }',
      about: 'The field of the surviving record, and the value it gets once; a set gets it as one more member.',
      schema: { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: LABEL },
    },
  ],
};

export const SWEEP: Section = {
  name: 'sweep',
  keys: [
    {
      key: 'every',
      values: 'duration, 10s to 7d',
      default: '`5m`',
      example: 'every: 5m',
      about: 'How often each side is asked for changes.',
      schema: DURATION,
    },
    {
      key: 'full',
      values: '`{ cron, zone }`',
      default: 'never',
      example: 'full: { cron: "0 3 * * *", zone: Europe/Moscow }',
      about: 'When everything is compared.',
      schema: sectionRef('full'),
    },
  ],
};

export const FULL: Section = {
  name: 'full',
  keys: [
    {
      key: 'cron',
      required: true,
      values: 'cron pattern of five fields',
      example: 'cron: "0 3 * * *"',
      about: 'When the full reconciliation starts.',
      schema: TEXT,
    },
    {
      key: 'zone',
      values: 'IANA time zone',
      default: '`UTC`',
      example: 'zone: Europe/Moscow',
      about: 'The zone of `cron`, and of `today` in expressions.',
      schema: TEXT,
    },
  ],
};

/** In the order of the reference. */
export const PROFILE_SECTIONS: readonly Section[] = [
  PROFILE,
  JIRA,
  CRM,
  MATCH,
  STAMP,
  STAMP_FIELD,
  CREATE,
  CREATE_WHEN,
  GONE_MARK,
  SWEEP,
  FULL,
  FIELD,
  DEFAULTS,
];
