// The keys of the two side blocks of a profile.
import { LABEL, oneOf, type Section, TEXT } from './key-table.ts';

export const JIRA: Section = {
  name: 'jira',
  keys: [
    {
      key: 'connection',
      required: true,
      values: 'a connection from `sync.yaml`',
      example: 'connection: jira',
      about: 'The Jira account.',
      schema: TEXT,
    },
    {
      key: 'entity',
      required: true,
      values: '`issue`',
      example: 'entity: issue',
      about: 'What is synced.',
      schema: oneOf('issue'),
    },
    {
      key: 'project',
      required: true,
      values: 'project key',
      example: 'project: BUY',
      about: 'The project of the issues.',
      schema: LABEL,
    },
    {
      key: 'type',
      values: 'issue type, name or id',
      default: 'every type',
      example: 'type: Purchase request',
      about: 'The issue type; needed where issues are created.',
      schema: LABEL,
    },
    {
      key: 'where',
      values: 'JQL',
      default: 'all',
      example: 'where: labels is EMPTY or labels not in ("no-crm")',
      about: 'Narrows the issues further.',
      schema: TEXT,
    },
  ],
};

export const CRM: Section = {
  name: 'crm',
  keys: [
    {
      key: 'connection',
      required: true,
      values: 'a connection from `sync.yaml`',
      example: 'connection: bitrix24',
      about: 'The CRM account.',
      schema: TEXT,
    },
    {
      key: 'entity',
      required: true,
      values: '`lead`, `deal`, `contact`, `company`',
      example: 'entity: deal',
      about: 'What is synced.',
      schema: oneOf('lead', 'deal', 'contact', 'company'),
    },
    {
      key: 'where',
      values: '`{ field: value or list of values }`',
      default: 'all',
      example: 'where: { category: Закупки }',
      about: 'Narrows the records further.',
      schema: { type: 'object', additionalProperties: { anyOf: [LABEL, { type: 'array', items: LABEL }] } },
    },
  ],
  later: {
    project: 'Remove it; a project belongs to the `jira` side.',
    type: 'Remove it; use `where`.',
  },
};

/** Values that a later version takes: what they belong to -> value -> what to do until then. */
export const LATER_ENTITIES: Readonly<Record<'jira' | 'crm', readonly string[]>> = {
  jira: ['project', 'version', 'component', 'user'],
  crm: ['quote', 'invoice', 'product', 'task', 'project', 'list'],
};
