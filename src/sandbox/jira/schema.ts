// The fixed part of the Nordhafen site: projects, issue types, statuses, workflows, priorities, fields.

export type StatusCategory = { id: number; key: string; colorName: string; name: string };
export type Status = { id: string; name: string; category: StatusCategory };
export type IssueType = { id: string; name: string };
export type Project = { id: string; key: string; name: string; typeIds: readonly string[] };
export type Option = { id: string; value: string };
export type Transition = { id: string; name: string; from: string | null; to: string };

export type FieldKind =
  | 'text'
  | 'richtext'
  | 'number'
  | 'date'
  | 'datetime'
  | 'option'
  | 'options'
  | 'user'
  | 'labels'
  | 'priority';

/** A field that can be written through `fields`. Mutable: configure() renames, disables, takes options away. */
export type FieldDef = {
  readonly id: string;
  name: string;
  readonly kind: FieldKind;
  /** Custom fields: the part of the type URI after the colon. */
  readonly custom?: string;
  readonly typeIds: readonly string[];
  readonly required: boolean;
  disabled: boolean;
  options: Option[];
};

const CATEGORY = {
  todo: { id: 2, key: 'new', colorName: 'blue-gray', name: 'To Do' },
  doing: { id: 4, key: 'indeterminate', colorName: 'yellow', name: 'In Progress' },
  done: { id: 3, key: 'done', colorName: 'green', name: 'Done' },
};
export const CATEGORIES: readonly StatusCategory[] = [CATEGORY.todo, CATEGORY.doing, CATEGORY.done];

export const STATUSES: readonly Status[] = [
  { id: '10010', name: 'To Do', category: CATEGORY.todo },
  { id: '10011', name: 'In Progress', category: CATEGORY.doing },
  { id: '10012', name: 'Done', category: CATEGORY.done },
  { id: '10013', name: "Won't do", category: CATEGORY.done },
];
export const INITIAL_STATUS = '10010';

const REQUEST = '10001';
const TASK = '10002';
export const ISSUE_TYPES: readonly IssueType[] = [
  { id: REQUEST, name: 'Purchase request' },
  { id: TASK, name: 'Task' },
];

export const PROJECTS: readonly Project[] = [
  { id: '10000', key: 'BUY', name: 'Purchasing', typeIds: [REQUEST, TASK] },
  { id: '10001', key: 'OPS', name: 'Operations', typeIds: [TASK] },
];

/** Most important first: the order of comparisons in JQL. */
export const PRIORITIES: readonly { id: string; name: string }[] = [
  { id: '2', name: 'High' },
  { id: '3', name: 'Medium' },
  { id: '4', name: 'Low' },
];
export const DEFAULT_PRIORITY = '3';

export const RESOLUTIONS: readonly { id: string; name: string }[] = [
  { id: '10000', name: 'Done' },
  { id: '10001', name: "Won't do" },
];

const REQUEST_TRANSITIONS: readonly Transition[] = [
  { id: '11', name: 'Start', from: '10010', to: '10011' },
  { id: '21', name: 'Decline', from: '10010', to: '10013' },
  { id: '31', name: 'Complete', from: '10011', to: '10012' },
  { id: '41', name: 'Stop', from: '10011', to: '10010' },
  { id: '51', name: 'Decline', from: '10011', to: '10013' },
  { id: '61', name: 'Reopen', from: '10012', to: '10011' },
  { id: '71', name: 'Reopen', from: '10013', to: '10010' },
];
const TASK_TRANSITIONS: readonly Transition[] = STATUSES.map((status, i) => ({
  id: `${i + 1}1`,
  name: status.name,
  from: null,
  to: status.id,
}));

/** A `from` of null is a global transition: reachable from every status, its own included. */
export function transitionsFrom(typeId: string, statusId: string): readonly Transition[] {
  const all = typeId === REQUEST ? REQUEST_TRANSITIONS : TASK_TRANSITIONS;
  return all.filter((transition) => transition.from === null || transition.from === statusId);
}

const BOTH = [REQUEST, TASK];

function system(id: string, name: string, kind: FieldKind, required = false): FieldDef {
  return { id, name, kind, typeIds: BOTH, required, disabled: false, options: [] };
}

function custom(number: number, name: string, kind: FieldKind, type: string, options: Option[] = []): FieldDef {
  const id = `customfield_${number}`;
  return { id, name, kind, custom: type, typeIds: [REQUEST], required: false, disabled: false, options };
}

function optionsFrom(firstId: number, values: readonly string[]): Option[] {
  return values.map((value, i) => ({ id: String(firstId + i), value }));
}

/** New objects on every call, because settings change them. */
export function siteFields(distributors: readonly string[]): FieldDef[] {
  return [
    system('summary', 'Summary', 'text', true),
    system('description', 'Description', 'richtext'),
    system('priority', 'Priority', 'priority'),
    system('assignee', 'Assignee', 'user'),
    system('reporter', 'Reporter', 'user'),
    system('duedate', 'Due date', 'date'),
    system('labels', 'Labels', 'labels'),
    custom(10031, 'Budget', 'number', 'float'),
    custom(10032, 'Distributor', 'option', 'select', optionsFrom(10201, distributors)),
    custom(10033, 'Номер сделки', 'text', 'textfield'),
    custom(10034, 'Delivery date', 'date', 'datepicker'),
    custom(10035, 'Approved at', 'datetime', 'datetime'),
    custom(10036, 'Urgent', 'option', 'radiobuttons', optionsFrom(10231, ['Yes', 'No'])),
    custom(10037, 'Countries', 'options', 'multiselect', optionsFrom(10241, ['Germany', 'Россия', 'Kazakhstan'])),
    custom(10038, 'Customer note', 'text', 'textfield'),
    custom(10039, 'Buyer', 'user', 'userpicker'),
  ];
}

export const byId = <T extends { id: string }>(list: readonly T[], id: string): T | undefined =>
  list.find((item) => item.id === id);
