// Create and edit metadata.

import { general, JiraRefusal, ok } from '../answer.ts';
import { type Call, type Handler, issueOf, queryNumber } from '../call.ts';
import { issueTypeJson, type Json, optionJson, priorityJson, projectJson } from '../render.ts';
import { byId, type FieldDef, ISSUE_TYPES, PRIORITIES, type Project } from '../schema.ts';
import { findProject, type World } from '../world.ts';
import { fieldSchema } from './site.ts';

export function offered(world: World, field: FieldDef): boolean {
  const { disabledFields, readOnlyFields } = world.settings;
  return !field.disabled && !disabledFields.includes(field.id) && !readOnlyFields.includes(field.id);
}

export function isRequired(world: World, field: FieldDef): boolean {
  return field.required || world.settings.requiredFields.includes(field.id);
}

function allowed(world: World, field: FieldDef): Json {
  if (field.kind === 'priority') return { allowedValues: PRIORITIES.map(({ id }) => priorityJson(world, id)) };
  if (field.kind !== 'option' && field.kind !== 'options') return {};
  return { allowedValues: field.options.map((option) => optionJson(world, field, option.id)) };
}

/** The part that create, edit and transition metadata share. */
export function metaOf(world: World, field: FieldDef, project: Project): Json {
  const users = `${world.url()}/rest/api/3/user/assignable/search?project=${project.key}&query=`;
  const labels = `${world.url()}/rest/api/1.0/labels/suggest?query=`;
  const several = field.kind === 'labels' || field.kind === 'options';
  return {
    required: isRequired(world, field),
    schema: fieldSchema(field),
    name: field.name,
    key: field.id,
    ...(field.kind === 'user' ? { autoCompleteUrl: users } : {}),
    ...(field.kind === 'labels' ? { autoCompleteUrl: labels } : {}),
    hasDefaultValue: field.kind === 'priority',
    operations: several ? ['add', 'set', 'remove'] : ['set'],
    ...allowed(world, field),
  };
}

function projectOfCreate(call: Call): Project {
  const project = findProject(call.world, call.caller, call.param('project'));
  if (!project) throw general(400, 'No project could be found with given key or id.');
  return project;
}

function metaPage(call: Call): { startAt: number; maxResults: number } {
  const startAt = Math.max(0, queryNumber(call, 'startAt', 0));
  const maxResults = queryNumber(call, 'maxResults', 50);
  if (maxResults > 200) {
    throw new JiraRefusal({
      status: 400,
      body: {
        errorMessages: ["Parameter 'maxResults' must not exceed the limit '200'"],
        errors: {},
        httpStatusCode: { empty: false, present: true },
      },
    });
  }
  return { startAt, maxResults: Math.max(1, maxResults) };
}

export const createIssueTypes: Handler = (call) => {
  const project = projectOfCreate(call);
  const { startAt, maxResults } = metaPage(call);
  const types = project.typeIds.flatMap((id) => byId(ISSUE_TYPES, id) ?? []);
  const page = types.slice(startAt, startAt + maxResults).map((type) => issueTypeJson(call.world, type));
  return ok({ maxResults, startAt, total: types.length, issueTypes: page });
};

export const createFields: Handler = (call) => {
  const { world } = call;
  const project = projectOfCreate(call);
  const type = byId(ISSUE_TYPES, call.param('type'));
  if (!type || !project.typeIds.includes(type.id)) throw general(400, 'No issue type could be found with given id.');
  const { startAt, maxResults } = metaPage(call);
  const fixed: Json[] = [
    {
      required: true,
      schema: { type: 'project', system: 'project' },
      name: 'Project',
      key: 'project',
      fieldId: 'project',
      hasDefaultValue: false,
      operations: ['set'],
      allowedValues: [projectJson(world, project)],
    },
    {
      required: true,
      schema: { type: 'issuetype', system: 'issuetype' },
      name: 'Issue Type',
      key: 'issuetype',
      fieldId: 'issuetype',
      hasDefaultValue: false,
      operations: [],
      allowedValues: [issueTypeJson(world, type)],
    },
  ];
  const screen = world.fields.filter((field) => field.typeIds.includes(type.id) && offered(world, field));
  const fields = [...fixed, ...screen.map((field) => ({ ...metaOf(world, field, project), fieldId: field.id }))];
  return ok({ maxResults, startAt, total: fields.length, fields: fields.slice(startAt, startAt + maxResults) });
};

export const editMeta: Handler = (call) => {
  const { world } = call;
  const issue = issueOf(call);
  const project = findProject(world, call.caller, issue.data.projectId);
  if (!project) throw general(404, 'Issue does not exist or you do not have permission to see it.');
  const fields: Json = {};
  if (!world.settings.deny.includes('edit')) {
    for (const field of world.fields) {
      if (!offered(world, field) || !field.typeIds.includes(issue.data.typeId)) continue;
      fields[field.id] = metaOf(world, field, project);
    }
  }
  fields.comment = {
    required: false,
    schema: { type: 'comments-page', system: 'comment' },
    name: 'Comment',
    key: 'comment',
    operations: ['add', 'edit', 'remove'],
  };
  return ok({ fields });
};
