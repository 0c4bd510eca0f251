// What JQL calls the fields, and how each kind reads its operands.

import { type AdfDocument, wikiOf } from '../adf.ts';
import { byId, CATEGORIES, type FieldDef, ISSUE_TYPES, PRIORITIES, PROJECTS, STATUSES } from '../schema.ts';
import { canSee, type IssueData, lookUpIssue, type Person, projectOf, type Value, type World } from '../world.ts';

export type JqlField = { readonly name: string } & (
  | {
      readonly kind: 'choice';
      /** Ids that an operand means; null = there is no such value. */
      readonly resolve: (text: string) => readonly string[] | null;
      readonly get: (data: IssueData) => readonly string[];
      readonly sort: (data: IssueData) => string | number | null;
      /** Ordered choices compare with < and >. */
      readonly ordered?: boolean;
    }
  | { readonly kind: 'text'; readonly get: (data: IssueData) => string | null }
  | { readonly kind: 'number'; readonly get: (data: IssueData) => number | null }
  | { readonly kind: 'date'; readonly get: (data: IssueData) => string | null }
  | { readonly kind: 'datetime'; readonly get: (data: IssueData) => number | null }
  | { readonly kind: 'issue' }
);

type Named = { readonly id: string; readonly name: string };

function fromList(list: readonly Named[]): (text: string) => readonly string[] | null {
  return (text) => {
    const wanted = text.toLowerCase();
    const ids = list.filter((item) => item.id === text || item.name.toLowerCase() === wanted).map((item) => item.id);
    return ids.length > 0 ? ids : null;
  };
}

function choice(
  name: string,
  list: readonly Named[],
  get: (data: IssueData) => string | null,
  ordered = false,
): JqlField {
  return {
    kind: 'choice',
    name,
    resolve: fromList(list),
    get: (data) => {
      const id = get(data);
      return id === null ? [] : [id];
    },
    // Priorities rank upwards: the first of the list is the highest.
    sort: (data) => {
      const at = list.findIndex((item) => item.id === get(data));
      return at < 0 ? null : ordered ? list.length - at : at;
    },
    ordered,
  };
}

const asText = (value: Value | undefined): string | null => (typeof value === 'string' ? value : null);

function people(world: World, name: string, get: (data: IssueData) => string | null): JqlField {
  return {
    kind: 'choice',
    name,
    resolve: (text) => {
      const wanted = text.toLowerCase();
      const found = world.people.filter(
        (person) =>
          person.accountId === text || person.name.toLowerCase() === wanted || person.email.toLowerCase() === wanted,
      );
      return found.length > 0 ? found.map((person) => person.accountId) : null;
    },
    get: (data) => {
      const id = get(data);
      return id === null ? [] : [id];
    },
    sort: (data) => world.people.find((person) => person.accountId === get(data))?.name ?? null,
  };
}

function writableField(world: World, field: FieldDef): JqlField {
  const { id, name } = field;
  const get = (data: IssueData) => data.values.get(id);
  switch (field.kind) {
    case 'text':
      return { kind: 'text', name, get: (data) => asText(get(data)) };
    case 'richtext':
      return {
        kind: 'text',
        name,
        get: (data) => {
          const value = get(data);
          return value === undefined ? null : wikiOf(value as AdfDocument);
        },
      };
    case 'number':
      return { kind: 'number', name, get: (data) => (get(data) as number | undefined) ?? null };
    case 'date':
      return { kind: 'date', name, get: (data) => asText(get(data)) };
    case 'datetime':
      return { kind: 'datetime', name, get: (data) => (get(data) as number | undefined) ?? null };
    case 'user':
      return people(world, name, (data) => asText(get(data)));
    case 'priority':
      return choice(name, PRIORITIES, (data) => asText(get(data)), true);
    case 'labels':
      return {
        kind: 'choice',
        name,
        // A label nobody used yet is no error.
        resolve: (text) => [text],
        get: (data) => (get(data) as readonly string[] | undefined) ?? [],
        sort: (data) => (get(data) as readonly string[] | undefined)?.join(' ') ?? null,
      };
    case 'option':
    case 'options': {
      const ids = (data: IssueData) => [get(data) ?? []].flat() as string[];
      const resolve = fromList(field.options.map((option) => ({ id: option.id, name: option.value })));
      const sort = (data: IssueData) => byId(field.options, ids(data)[0] ?? '')?.value ?? null;
      return { kind: 'choice', name, resolve, get: ids, sort };
    }
  }
}

/** The field of a clause name, or null when there is none of that name. */
export function jqlField(world: World, caller: Person | null, clauseName: string): JqlField | null {
  const name = clauseName.toLowerCase();
  switch (name) {
    case 'project': {
      const seen = PROJECTS.filter((project) => caller && !world.settings.hiddenProjects.includes(project.key));
      const byName = fromList(seen);
      const byKey = fromList(seen.map((project) => ({ id: project.id, name: project.key })));
      return {
        kind: 'choice',
        name: 'project',
        resolve: (text) => byKey(text) ?? byName(text),
        get: (data) => [data.projectId],
        sort: (data) => projectOf(data).key,
      };
    }
    case 'issuetype':
    case 'type':
      return choice('issuetype', ISSUE_TYPES, (data) => data.typeId);
    case 'status':
      return choice('status', STATUSES, (data) => data.statusId);
    case 'statuscategory': {
      const categories = CATEGORIES.flatMap((category) => [
        { id: String(category.id), name: category.name },
        { id: String(category.id), name: category.key },
      ]);
      return choice('statusCategory', categories, (data) => String(byId(STATUSES, data.statusId)?.category.id ?? ''));
    }
    case 'creator':
      return people(world, 'creator', (data) => data.creator);
    case 'key':
    case 'issuekey':
    case 'issue':
    case 'id':
      return { kind: 'issue', name: clauseName };
    case 'created':
    case 'createddate':
      return { kind: 'datetime', name: 'created', get: (data) => data.created };
    case 'updated':
    case 'updateddate':
      return { kind: 'datetime', name: 'updated', get: (data) => data.updated };
    case 'due':
    case 'duedate':
      return { kind: 'date', name: 'duedate', get: (data) => asText(data.values.get('duedate')) };
  }
  const number = /^cf\[(\d+)\]$/.exec(name)?.[1];
  const field = world.fields.find((candidate) => {
    if (world.settings.disabledFields.includes(candidate.id)) return false;
    if (number !== undefined) return candidate.id === `customfield_${number}`;
    return candidate.custom ? candidate.name.toLowerCase() === name : candidate.id === name;
  });
  if (!field) return null;
  return { ...writableField(world, field), name: clauseName };
}

/** The id behind an issue key or id in JQL, or null when the caller sees no such issue. */
export function issueIdOf(world: World, caller: Person | null, text: string): string | null {
  const issue = lookUpIssue(world, text);
  return issue && canSee(world, caller, issue.data) ? issue.id : null;
}
