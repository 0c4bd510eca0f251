// The keys of a line of `fields`.
import { type JsonSchema, LABEL, oneOf, type Section } from './key-table.ts';
import { CONFLICT, EXPRESSION, INITIAL, SIDE } from './policy-keys.ts';

const PER_SIDE = (schema: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { jira: schema, crm: schema },
  additionalProperties: false,
});

export const FIELD: Section = {
  name: 'fields',
  keys: [
    {
      key: 'jira',
      values: 'field: label or id',
      example: 'jira: Budget',
      about: 'The field on the Jira side.',
      schema: LABEL,
    },
    {
      key: 'crm',
      values: 'field: label or id',
      example: 'crm: opportunity',
      about: 'The field on the CRM side.',
      schema: LABEL,
    },
    {
      key: 'from',
      values: 'expression over the other side',
      example: '{ crm: "Ссылка на задачу", from: jira.url }',
      about: 'Computes the field of the one side that the line names; one way.',
      schema: EXPRESSION,
    },
    {
      key: 'as',
      values: '`text`, `number`, `money`, `date`, `datetime`, `boolean`, `enum`, `set`, `user`, `status`, `stage`',
      default: 'found from the fields',
      example: 'as: money',
      about: 'What the value is; an error when the fields are something else.',
      schema: oneOf('text', 'number', 'money', 'date', 'datetime', 'boolean', 'enum', 'set', 'user', 'status', 'stage'),
    },
    {
      key: 'currency',
      values: 'ISO 4217 code',
      example: 'currency: RUB',
      about: 'The currency of a plain number that is paired with money.',
      schema: { type: 'string', pattern: '^[A-Z]{3}$' },
    },
    {
      key: 'direction',
      values: '`both`, `to-crm`, `to-jira`',
      default: '`both`',
      example: 'direction: to-crm',
      about: 'Which way changes go.',
      schema: oneOf('both', 'to-crm', 'to-jira'),
    },
    {
      key: 'on',
      values: '`always`, `create`, `update`',
      default: '`always`',
      example: 'on: create',
      about: 'Only when the record is created, or only once it is linked.',
      schema: oneOf('always', 'create', 'update'),
    },
    {
      key: 'conflict',
      values: '`hold`, `jira`, `crm`, `newest` (with `tie`), `merge` (sets)',
      default: 'as the profile says',
      example: 'conflict: merge',
      about: 'Overrides the policy of the profile; `merge` adds and removes what each side added and removed.',
      schema: CONFLICT,
    },
    {
      key: 'tie',
      values: '`jira`, `crm`',
      default: 'as the profile says',
      example: 'tie: crm',
      about: 'Who wins under `newest` when both changes are less than two minutes apart.',
      schema: SIDE,
    },
    {
      key: 'initial',
      values: '`fill-empty`, `jira`, `crm`',
      default: 'as the profile says',
      example: 'initial: jira',
      about: 'Overrides `initial` of the profile.',
      schema: INITIAL,
    },
    {
      key: 'values',
      values: '`{ Jira value: CRM value, or a list of them }`',
      default: 'options with equal labels',
      example: 'values: { To Do: [Новая, Согласование], Done: Выиграна }',
      about: 'Translates values; the first of a list is the one that is written.',
      schema: {
        type: 'object',
        additionalProperties: { anyOf: [LABEL, { type: 'array', items: LABEL, minItems: 1 }] },
      },
    },
    {
      key: 'default',
      values: '`{ jira: value, crm: value }`',
      default: 'the field is parked and reported',
      example: 'default: { jira: To Do }',
      about: 'What is written for a value without translation.',
      schema: PER_SIDE(LABEL),
    },
  ],
  later: {
    profile: 'Remove the line; relations (`as: link`) are not synced yet.',
    rules: 'Remove it.',
    template: 'Use a computed line: `{ crm: field, from: expression }`.',
  },
};

export const DEFAULTS: Section = {
  name: 'default',
  keys: [
    {
      key: 'jira',
      values: 'value of the Jira field',
      example: 'jira: To Do',
      about: 'Written to Jira for a CRM value without translation.',
      schema: LABEL,
    },
    {
      key: 'crm',
      values: 'value of the CRM field',
      example: 'crm: Новая',
      about: 'Written to the CRM for a Jira value without translation.',
      schema: LABEL,
    },
  ],
};

export const LATER_TYPES: readonly string[] = ['rich-text', 'link', 'file'];
