// The site itself: server info, the caller, fields, projects, statuses.

import { general, ok } from '../answer.ts';
import { callerOf, type Handler, offsetPage } from '../call.ts';
import {
  fullUserJson,
  issueTypeJson,
  type Json,
  projectJson,
  restLink,
  siteTime,
  statusJson,
  userJson,
} from '../render.ts';
import { byId, type FieldDef, ISSUE_TYPES, PROJECTS, STATUSES } from '../schema.ts';
import { findProject, type World } from '../world.ts';

export const CUSTOM_TYPES = 'com.atlassian.jira.plugin.system.customfieldtypes:';

export const tenantInfo: Handler = () => ok({ cloudId: '5f2a8b1c-6d3e-4f70-9a1b-2c3d4e5f6071' });

export const serverInfo: Handler = ({ world }) =>
  ok({
    baseUrl: world.url(),
    version: '1001.0.0-SNAPSHOT',
    versionNumbers: [1001, 0, 0],
    deploymentType: 'Cloud',
    buildNumber: 100285,
    buildDate: siteTime(world, Date.UTC(2026, 10, 18, 8, 12, 44)),
    serverTime: siteTime(world, world.clock.now()),
    scmInfo: '5d0c1f0a7b52f3a1c0e4bb9d2f7a6c8e91d34f20',
    serverTitle: 'Jira',
    displayUrl: world.url(),
    serverTimeZone: world.settings.siteTimeZone,
    defaultLocale: { locale: 'en_US' },
  });

export const myself: Handler = (call) =>
  ok({
    ...fullUserJson(call.world, callerOf(call)),
    groups: { size: 2, items: [] },
    applicationRoles: { size: 1, items: [] },
    expand: 'groups,applicationRoles',
  });

export function fieldSchema(field: FieldDef): Json {
  const types: Record<FieldDef['kind'], Json> = {
    text: { type: 'string' },
    richtext: { type: 'string' },
    number: { type: 'number' },
    date: { type: 'date' },
    datetime: { type: 'datetime' },
    option: { type: 'option' },
    options: { type: 'array', items: 'option' },
    user: { type: 'user' },
    labels: { type: 'array', items: 'string' },
    priority: { type: 'priority' },
  };
  if (!field.custom) return { ...types[field.kind], system: field.id };
  return {
    ...types[field.kind],
    custom: `${CUSTOM_TYPES}${field.custom}`,
    customId: Number(field.id.slice('customfield_'.length)),
  };
}

function listed(field: FieldDef): Json {
  const clauses = field.custom ? [`cf[${field.id.slice('customfield_'.length)}]`, field.name] : [field.id];
  return {
    id: field.id,
    key: field.id,
    name: field.name,
    custom: field.custom !== undefined,
    orderable: true,
    navigable: true,
    searchable: true,
    clauseNames: field.id === 'duedate' ? ['due', 'duedate'] : clauses,
    schema: fieldSchema(field),
  };
}

/** Fields that are never written through `fields`: id, name, type of the schema. */
const READ_ONLY: readonly (readonly [string, string, string])[] = [
  ['status', 'Status', 'status'],
  ['issuetype', 'Issue Type', 'issuetype'],
  ['project', 'Project', 'project'],
  ['resolution', 'Resolution', 'resolution'],
  ['resolutiondate', 'Resolved', 'datetime'],
  ['created', 'Created', 'datetime'],
  ['updated', 'Updated', 'datetime'],
  ['creator', 'Creator', 'user'],
  ['statuscategorychangedate', 'Status Category Changed', 'datetime'],
  ['comment', 'Comment', 'comments-page'],
];

export const NAVIGABLE_NOT = ['comment', 'attachment', 'issuelinks', 'subtasks'];

export const fieldList: Handler = ({ world, caller }) => {
  // An anonymous caller sees the system fields only.
  const writable = world.fields.filter((field) => caller || !field.custom);
  const enabled = writable.filter((field) => !world.settings.disabledFields.includes(field.id));
  const key = { id: 'issuekey', key: 'issuekey', name: 'Key', custom: false, orderable: false, navigable: true };
  return ok([
    { ...key, searchable: false, clauseNames: ['id', 'issue', 'issuekey', 'key'] },
    ...enabled.map(listed),
    ...READ_ONLY.map(([id, name, type]) => ({
      id,
      key: id,
      name,
      custom: false,
      orderable: false,
      navigable: !NAVIGABLE_NOT.includes(id),
      searchable: true,
      clauseNames: id === 'issuetype' ? ['issuetype', 'type'] : [id],
      schema: { type, system: id },
    })),
  ]);
};

export const issueTypes: Handler = ({ world, caller }) =>
  ok(caller ? ISSUE_TYPES.map((type) => issueTypeJson(world, type)) : []);

function listedProject(world: World, project: (typeof PROJECTS)[number]): Json {
  return {
    expand: 'description,lead,issueTypes,url,projectKeys,permissions,insight',
    ...projectJson(world, project),
    style: 'classic',
    isPrivate: false,
    properties: {},
  };
}

export const projectSearch: Handler = (call) => {
  const { query } = call.request;
  const keys = query.getAll('keys');
  const ids = query.getAll('id');
  const text = (query.get('query') ?? '').toLowerCase();
  const found = PROJECTS.filter((project) => {
    if (!findProject(call.world, call.caller, project.key)) return false;
    if (keys.length > 0 && !keys.includes(project.key)) return false;
    if (ids.length > 0 && !ids.includes(project.id)) return false;
    return `${project.key} ${project.name}`.toLowerCase().includes(text);
  });
  return ok(
    offsetPage(
      call,
      found.map((project) => listedProject(call.world, project)),
      100,
      50,
    ),
  );
};

export const getProject: Handler = ({ world, caller, param }) => {
  const project = findProject(world, caller, param('project'));
  if (!project) throw general(404, `No project could be found with key '${param('project')}'.`);
  const admin = world.people[0] ?? world.syncAccount;
  return ok({
    ...listedProject(world, project),
    description: '',
    lead: userJson(world, admin.accountId),
    issueTypes: project.typeIds.flatMap((id) => byId(ISSUE_TYPES, id) ?? []).map((type) => issueTypeJson(world, type)),
    components: [],
    versions: [],
    assigneeType: 'UNASSIGNED',
    roles: { Administrators: restLink(world, `project/${project.id}/role/10002`) },
  });
};

export const projectStatuses: Handler = ({ world, caller, param }) => {
  const project = findProject(world, caller, param('project'));
  if (!project) throw general(404, `No project could be found with key '${param('project')}'.`);
  return ok(
    project.typeIds.flatMap((id) => {
      const type = byId(ISSUE_TYPES, id);
      if (!type) return [];
      const self = restLink(world, `issuetype/${id}`);
      return {
        self,
        id,
        name: type.name,
        subtask: false,
        statuses: STATUSES.map((status) => statusJson(world, status)),
      };
    }),
  );
};
