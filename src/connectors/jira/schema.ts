// Discovery: turns what a person wrote in a profile into ids, and lists the fields of that project and type.
import { RejectedError } from '../../errors.ts';
import type { Description, FieldSchema, ScopeProblem, ScopeSpec } from '../../model.ts';
import { nearest } from '../../nearest.ts';
import type { Ask } from '../connector.ts';
import type { Client, JiraCall } from './client.ts';
import { fieldSchemas } from './field-schemas.ts';
import {
  getAllStatuses,
  getCreateIssueMetaIssueTypeId,
  getCreateIssueMetaIssueTypes,
  getFields,
  searchJql,
  searchProjects,
} from './jira-js.ts';
import { ISSUE, scopeJql } from './scope.ts';
import {
  parseAnswer,
  type WireMetaField,
  wireFields,
  wireMetaFields,
  wireMetaTypes,
  wireProjects,
  wireTypeStatuses,
} from './wire.ts';

type Named = { readonly id: string; readonly name: string; readonly key?: string };

const PROJECT_PAGE = 100;
const META_PAGE = 200;

function reading(ask: Ask, budget: string, what: string): JiraCall {
  return { what, writes: false, budget, ask };
}

export async function describe(client: Client, connection: string, spec: ScopeSpec, ask: Ask): Promise<Description> {
  const wrong = (...problems: ScopeProblem[]): Description => ({ scope: null, fields: [], problems });
  const early = wrongShape(spec);
  if (early.length > 0) return wrong(...early);

  const projects = await allProjects(client, ask);
  const project = pick(projects, spec.project ?? '');
  if (!project) return wrong(unknown('project', spec.project ?? '', projects));

  const types = await allTypes(client, project.id, ask);
  const type = pick(types, spec.type ?? '');
  if (!type) return wrong(unknown('type', spec.type ?? '', types));

  const where = typeof spec.where === 'string' && spec.where.trim() !== '' ? spec.where.trim() : null;
  const refused =
    where === null ? null : await probe(client, scopeJql({ project: project.id, type: type.id, where }), ask);
  if (refused) return wrong(refused);

  const listed = await getFields(client.api(reading(ask, 'GET field', 'listing fields')));
  const statuses = await getAllStatuses(client.api(reading(ask, 'GET project/statuses', 'listing statuses')), {
    projectIdOrKey: project.id,
  });
  const { fields, kinds } = fieldSchemas({
    projectId: project.id,
    listed: parseAnswer(wireFields, listed, 'the list of fields'),
    onCreate: await createFields(client, project.id, type.id, ask),
    statuses:
      parseAnswer(wireTypeStatuses, statuses, 'the list of statuses').find((one) => one.id === type.id)?.statuses ?? [],
  });
  const query = { project: project.id, projectKey: project.key ?? '', type: type.id, where, kinds };
  return { scope: { connection, entity: ISSUE, query }, fields: fields satisfies readonly FieldSchema[], problems: [] };
}

function wrongShape(spec: ScopeSpec): ScopeProblem[] {
  const problems: ScopeProblem[] = [];
  if (spec.entity !== ISSUE) {
    problems.push({
      path: ['entity'],
      message: `Jira has no “${spec.entity}” to sync`,
      cure: 'Write `entity: issue`.',
    });
  }
  if (!spec.project) {
    problems.push({ path: ['project'], message: 'No project is named', cure: 'Write its key, like `project: BUY`.' });
  }
  if (!spec.type) {
    problems.push({
      path: ['type'],
      message: 'No issue type is named',
      cure: 'Write the type’s name as Jira shows it, like `type: Task`.',
    });
  }
  if (spec.where !== undefined && typeof spec.where !== 'string') {
    problems.push({
      path: ['where'],
      message: 'On the Jira side `where` is JQL, not a list of fields',
      cure: 'Write one line of JQL, like `where: labels = "crm"`.',
    });
  } else if (/\border\s+by\b/i.test((spec.where ?? '').replace(/"[^"]*"|'[^']*'/g, ''))) {
    problems.push({
      path: ['where'],
      message: '`where` cannot be ordered',
      cure: 'Leave `ORDER BY` out: sweeps have their own order.',
    });
  }
  return problems;
}

/** By id, key or name; a key or id wins over somebody else's name. */
function pick<Item extends Named>(items: readonly Item[], wanted: string): Item | null {
  const text = wanted.trim().toLowerCase();
  const exact = items.find((item) => item.id === text || item.key?.toLowerCase() === text);
  if (exact) return exact;
  const named = items.filter((item) => item.name.toLowerCase() === text);
  return named.length === 1 ? (named[0] ?? null) : null;
}

function unknown(what: 'project' | 'type', wanted: string, items: readonly Named[]): ScopeProblem {
  const same = items.filter((item) => item.name.toLowerCase() === wanted.trim().toLowerCase());
  const noun = what === 'project' ? 'project' : 'issue type';
  if (same.length > 1) {
    const ids = same.map((item) => item.key ?? item.id).join(', ');
    return { path: [what], message: `${same.length} ${noun}s are called “${wanted}”`, cure: `Write one of ${ids}.` };
  }
  const names = nearest(
    wanted,
    items.flatMap((item) => (item.key ? [item.key, item.name] : [item.name])),
  );
  return {
    path: [what],
    message: `The integration account sees no ${noun} “${wanted}”`,
    cure:
      names.length > 0
        ? `Did you mean ${names.map((name) => `“${name}”`).join(' or ')}?`
        : `Give the account access to the ${noun}, or correct the name.`,
  };
}

/** The only honest check of JQL is to run it: one hit at most, and Jira's own words where it refuses. */
async function probe(client: Client, jql: string, ask: Ask): Promise<ScopeProblem | null> {
  try {
    const call = reading(ask, 'POST search/jql', 'trying `where`');
    await searchJql(client.api(call), { jql, fields: ['id'], maxResults: 1 });
    return null;
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    return {
      path: ['where'],
      message: error.message,
      cure: 'Try the same line in Jira’s issue search and correct it there first.',
    };
  }
}

async function allProjects(client: Client, ask: Ask): Promise<readonly Named[]> {
  const found: Named[] = [];
  for (;;) {
    const data = await searchProjects(client.api(reading(ask, 'GET project/search', 'listing projects')), {
      startAt: found.length,
      maxResults: PROJECT_PAGE,
    });
    const page = parseAnswer(wireProjects, data, 'the list of projects');
    found.push(...page.values);
    if (page.isLast === true || page.values.length === 0) return found;
  }
}

async function allTypes(client: Client, project: string, ask: Ask): Promise<readonly Named[]> {
  const found: Named[] = [];
  for (;;) {
    const call = reading(ask, 'GET createmeta/issuetypes', 'listing issue types');
    const data = await getCreateIssueMetaIssueTypes(client.api(call), {
      projectIdOrKey: project,
      startAt: found.length,
      maxResults: META_PAGE,
    });
    const page = parseAnswer(wireMetaTypes, data, 'the list of issue types');
    found.push(...page.items);
    if (page.items.length === 0 || found.length >= (page.total ?? found.length)) return found;
  }
}

async function createFields(
  client: Client,
  project: string,
  type: string,
  ask: Ask,
): Promise<readonly WireMetaField[]> {
  const found: WireMetaField[] = [];
  for (;;) {
    const call = reading(ask, 'GET createmeta/fields', 'listing the fields of a create');
    const data = await getCreateIssueMetaIssueTypeId(client.api(call), {
      projectIdOrKey: project,
      issueTypeId: type,
      startAt: found.length,
      maxResults: META_PAGE,
    });
    const page = parseAnswer(wireMetaFields, data, 'the fields of a create');
    found.push(...page.items);
    if (page.items.length === 0 || found.length >= (page.total ?? found.length)) return found;
  }
}
