// People, fields and options of the company in the form that connectors give them, and how people type them.
import type { Description, FieldSchema, Person, Side, Value } from '../../../src/model.ts';
import { CRM_FIELDS, JIRA_FIELDS } from '../../support/sample-descriptions.ts';
import type { FieldName, Said, SaidFields } from '../script/script.ts';
import { labelsAfter } from '../script/values.ts';
import { CRM_DISTRIBUTORS, JIRA_DISTRIBUTORS, PERSON_NAMES, STAGE_NAMES, STATUS_NAMES } from '../stage/names.ts';

export const TENANTS: Readonly<Record<Side, string>> = { jira: 'site-1', crm: 'portal-1' };
const KEYS = ['ivanova', 'petrov', 'weber', 'smirnov', 'sync'] as const;
const EMAILS: Readonly<Record<string, string>> = {
  petrov: 'o.petrov',
  weber: 'a.weber',
  smirnov: 'p.smirnov',
  sync: 'sync',
};

export const ACCOUNTS: Readonly<Record<Side, ReadonlyMap<string, string>>> = {
  jira: new Map(KEYS.map((key) => [`account-${key}`, key])),
  crm: new Map(KEYS.map((key, at) => [String(at === 0 ? 1 : 10 + at * 2), key])),
};

function accountOf(side: Side, person: string): string | null {
  for (const [id, key] of ACCOUNTS[side]) if (key === person) return id;
  return null;
}

export const DAEMON_ACCOUNT = { jira: 'account-sync', crm: accountOf('crm', 'sync') as string };

export function peopleOf(side: Side): Person[] {
  return [...ACCOUNTS[side]].map(([id, key]) => {
    const local = EMAILS[key] ?? (side === 'jira' ? 'i.ivanova' : 'ivanova');
    return { id, email: `${local}@nordhafen.example`, name: PERSON_NAMES[key] ?? key, active: true };
  });
}

export const IDS: Readonly<Record<Side, Readonly<Record<FieldName, string>>>> = {
  jira: {
    title: 'summary',
    amount: 'customfield_10031',
    due: 'duedate',
    assignee: 'assignee',
    labels: 'labels',
    distributor: 'customfield_10032',
    note: 'customfield_10038',
    urgent: 'customfield_10036',
    status: 'status',
  },
  crm: {
    title: 'title',
    amount: 'opportunity',
    due: 'closedate',
    assignee: 'assignedById',
    labels: 'ufCrm_1747309872',
    distributor: 'ufCrm_1747309871',
    note: 'ufCrm_1747309878',
    urgent: 'ufCrm_1747309875',
    status: 'stageId',
  },
};

/** What the connector discovers now. */
export function describe(side: Side, hidden: ReadonlySet<string>, goneOptions: ReadonlySet<string>): Description {
  const all = side === 'jira' ? JIRA_FIELDS : CRM_FIELDS;
  const fields = all.filter(({ id }) => !hidden.has(id)).map((field) => seenField(field, goneOptions));
  const query = side === 'jira' ? { project: '10000' } : { categoryId: '9' };
  const scope =
    side === 'jira'
      ? { connection: 'jira', entity: 'issue', query }
      : { connection: 'bitrix24', entity: 'deal', query };
  return { scope, fields, problems: [] };
}

function seenField(field: FieldSchema, gone: ReadonlySet<string>): FieldSchema {
  // The reporter is whoever creates.
  if (field.id === 'reporter') return { ...field, requiredOnCreate: false };
  if (field.options === undefined || gone.size === 0) return field;
  return { ...field, options: field.options.filter(({ label }) => !gone.has(label)) };
}

function idNamed(names: Readonly<Record<string, string>>, name: Said): string | null {
  return Object.keys(names).find((id) => names[id] === name) ?? null;
}

/** Words into the canonical values of a side. */
export function valuesOf(side: Side, said: SaidFields, now: Readonly<Record<string, Value>>): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [name, word] of Object.entries(said) as [FieldName, Said][]) {
    values[IDS[side][name]] = wordToValue(side, name, word, now);
  }
  return values;
}

function wordToValue(side: Side, name: FieldName, word: Said, now: Readonly<Record<string, Value>>): Value {
  if (name === 'labels') {
    const before = (now[IDS[side].labels] ?? []) as readonly string[];
    const after = [...labelsAfter(before, String(word))].sort();
    return after.length === 0 ? null : after;
  }
  if (word === null) return null;
  switch (name) {
    case 'amount':
      return side === 'jira' ? String(word) : { amount: String(word), currency: 'RUB' };
    case 'assignee':
      return accountOf(side, String(word));
    case 'distributor':
      return idNamed(side === 'jira' ? JIRA_DISTRIBUTORS : CRM_DISTRIBUTORS, word);
    case 'urgent':
      return side === 'jira' ? (word ? '10301' : '10302') : word === true;
    case 'status':
      return idNamed(side === 'jira' ? STATUS_NAMES : STAGE_NAMES, word);
    default:
      return String(word);
  }
}

const STEPS: Readonly<Record<string, readonly string[]>> = {
  10010: ['10011', '10013'],
  10011: ['10012', '10010', '10013'],
  10012: ['10011'],
  10013: ['10010'],
};

export function isStep(from: Value, to: Value): boolean {
  return STEPS[String(from)]?.includes(String(to)) ?? false;
}
