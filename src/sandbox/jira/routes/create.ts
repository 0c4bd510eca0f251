// POST /issue and /issue/bulk.

import { created, general, invalid, JiraRefusal, malformed } from '../answer.ts';
import { type Call, callerOf, forbidWhen, type Handler, readObject } from '../call.ts';
import { readFieldInput, readProperties } from '../field-input.ts';
import { type Json, restLink } from '../render.ts';
import { byId, ISSUE_TYPES, type IssueType, type Project } from '../schema.ts';
import { findProject, type Issue } from '../world.ts';
import { addIssue } from '../writes.ts';
import { storeComment } from './comments.ts';
import { isRequired, offered } from './meta.ts';

const MEMBERS = ['fields', 'update', 'properties', 'transition', 'historyMetadata', 'watchers'];

function text(value: unknown, name: string): string | null {
  const found = typeof value === 'object' && value !== null ? (value as Json)[name] : undefined;
  return typeof found === 'string' || typeof found === 'number' ? String(found) : null;
}

function placeOf(call: Call, fields: Json): { project: Project; type: IssueType } {
  const wanted = text(fields.project, 'id') ?? text(fields.project, 'key');
  if (wanted === null) throw invalid({ project: 'Specify a valid project ID or key' });
  const project = findProject(call.world, call.caller, wanted);
  if (!project) throw invalid({ project: 'valid project is required' });
  const typeId = text(fields.issuetype, 'id');
  const typeName = text(fields.issuetype, 'name');
  if (typeId === null && typeName === null) throw invalid({ issuetype: 'Specify an issue type' });
  const type = typeId === null ? ISSUE_TYPES.find(({ name }) => name === typeName) : byId(ISSUE_TYPES, typeId);
  if (!type || !project.typeIds.includes(type.id)) {
    throw invalid({ issuetype: 'The issue type selected is invalid.' });
  }
  return { project, type };
}

function createFrom(call: Call, body: Json): Issue {
  const { world, tell } = call;
  const raw = body.fields;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw malformed("The 'fields' member is required");
  const fields = raw as Json;
  const { project, type } = placeOf(call, fields);
  forbidWhen(call, 'create', 'You do not have permission to create issues in this project.');
  const properties = readProperties(body.properties);

  let refusal: JiraRefusal | null = null;
  let input: ReturnType<typeof readFieldInput> = { values: new Map(), comments: [] };
  try {
    input = readFieldInput(world, null, (field) => field.typeIds.includes(type.id), body, ['project', 'issuetype']);
  } catch (error) {
    if (!(error instanceof JiraRefusal)) throw error;
    refusal = error;
  }
  const update = (body.update ?? {}) as Json;
  const missing: Record<string, string> = {};
  for (const field of world.fields) {
    if (!field.typeIds.includes(type.id) || !offered(world, field) || !isRequired(world, field)) continue;
    if (Object.hasOwn(fields, field.id) || Object.hasOwn(update, field.id)) continue;
    missing[field.id] =
      field.id === 'summary' ? 'You must specify a summary of the issue.' : `${field.name} is required.`;
  }
  const already = (refusal?.answer.body as { errors?: Record<string, string> } | undefined)?.errors ?? {};
  if (refusal && Object.keys(already).length === 0) throw refusal;
  const errors = { ...missing, ...already };
  if (Object.keys(errors).length > 0) throw invalid(errors);

  const by = callerOf(call).accountId;
  const issue = addIssue(world, tell, { project, typeId: type.id, by, values: input.values, properties });
  for (const comment of input.comments) storeComment(call, issue, comment, []);
  return issue;
}

function createdJson(call: Call, issue: Issue): Json {
  return { id: issue.id, key: issue.data.key, self: restLink(call.world, `issue/${issue.id}`) };
}

export const createIssue: Handler = (call) => created(createdJson(call, createFrom(call, readObject(call, MEMBERS))));

export const bulkCreate: Handler = (call) => {
  const updates = readObject(call, ['issueUpdates']).issueUpdates;
  if (!Array.isArray(updates) || updates.length === 0) throw general(400, 'No issues were specified.');
  if (updates.length > 50) throw general(400, 'The number of issues to create exceeds the limit of 50.');
  const issues: Json[] = [];
  const errors: Json[] = [];
  for (const [failedElementNumber, update] of updates.entries()) {
    try {
      if (typeof update !== 'object' || update === null) throw malformed('issueUpdates must hold objects');
      issues.push(createdJson(call, createFrom(call, update as Json)));
    } catch (error) {
      if (!(error instanceof JiraRefusal)) throw error;
      const body = error.answer.body as { errorMessages?: string[]; errors?: Json };
      const elementErrors = { errorMessages: body.errorMessages ?? [], errors: body.errors ?? {} };
      errors.push({ status: error.answer.status, elementErrors, failedElementNumber });
    }
  }
  return { status: issues.length > 0 ? 201 : 400, body: { issues, errors } };
};
