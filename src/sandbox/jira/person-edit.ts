// A change by a person of the company: fields by label or id, values as people write them.

import { type SandboxEdit, SandboxEditError, type SandboxEdited } from '../http.ts';
import { adfOf, isAdfDocument } from './adf.ts';
import { storeComment } from './routes/comments.ts';
import { isRequired } from './routes/meta.ts';
import { byId, type FieldDef, ISSUE_TYPES, PRIORITIES, PROJECTS, STATUSES } from './schema.ts';
import { readValue, ValueRefused } from './values.ts';
import { type Issue, lookUpIssue, type Person, type Value, type World } from './world.ts';
import { addIssue, changeIssue, removeIssue, type Tell } from './writes.ts';

/** By display name, e-mail or account id. */
export function personNamed(world: World, name: string): Person {
  const wanted = name.toLowerCase();
  const person = world.people.find(
    (candidate) =>
      candidate.accountId === name ||
      candidate.name.toLowerCase() === wanted ||
      candidate.email.toLowerCase() === wanted ||
      candidate.email.toLowerCase().split('@')[0] === wanted,
  );
  if (!person) throw new SandboxEditError(`Jira knows no person "${name}"`);
  return person;
}

export function fieldNamed(world: World, name: string): FieldDef {
  const wanted = name.toLowerCase();
  const field = byId(world.fields, name) ?? world.fields.find((candidate) => candidate.name.toLowerCase() === wanted);
  if (!field) throw new SandboxEditError(`Jira has no field "${name}" that can be written`);
  return field;
}

function optionByLabel(field: FieldDef, raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  const option = field.options.find(({ value, id }) => value === raw || id === raw);
  if (!option) throw new SandboxEditError(`"${raw}" is not an option of "${field.name}"`);
  return { id: option.id };
}

/** From what a person types to what the API takes. */
function asApiValue(world: World, field: FieldDef, raw: unknown): unknown {
  if (raw === null || raw === '') return null;
  switch (field.kind) {
    case 'richtext':
      return isAdfDocument(raw) ? raw : adfOf(String(raw));
    case 'number':
      return typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
    case 'option':
      return optionByLabel(field, raw);
    case 'options':
      return (Array.isArray(raw) ? raw : [raw]).map((item) => optionByLabel(field, item));
    case 'labels':
      return Array.isArray(raw)
        ? raw
        : String(raw)
            .split(/[\s,]+/)
            .filter((label) => label !== '');
    case 'user':
      return typeof raw === 'string' ? { accountId: personNamed(world, raw).accountId } : raw;
    case 'priority': {
      if (typeof raw !== 'string') return raw;
      const priority = PRIORITIES.find(({ name, id }) => name.toLowerCase() === raw.toLowerCase() || id === raw);
      if (!priority) throw new SandboxEditError(`"${raw}" is not a priority`);
      return { id: priority.id };
    }
    case 'datetime':
      return typeof raw === 'number' ? new Date(raw).toISOString() : raw;
    default:
      return raw;
  }
}

type Typed = { values: Map<string, Value | null>; statusId?: string; comment?: string };

function readTyped(world: World, fields: Readonly<Record<string, unknown>>): Typed {
  const typed: Typed = { values: new Map() };
  for (const [name, raw] of Object.entries(fields)) {
    const wanted = name.toLowerCase();
    if (wanted === 'status') {
      const status = STATUSES.find(
        ({ id, name: label }) => id === raw || label.toLowerCase() === String(raw).toLowerCase(),
      );
      if (!status) throw new SandboxEditError(`"${String(raw)}" is not a status`);
      typed.statusId = status.id;
      continue;
    }
    if (wanted === 'comment') {
      typed.comment = String(raw);
      continue;
    }
    const field = fieldNamed(world, name);
    try {
      typed.values.set(field.id, readValue(world, field, asApiValue(world, field, raw)));
    } catch (error) {
      if (!(error instanceof ValueRefused)) throw error;
      throw new SandboxEditError(`${field.name}: ${error.message}`);
    }
  }
  return typed;
}

function issueNamed(world: World, edit: SandboxEdit): Issue {
  if (!edit.id) throw new SandboxEditError(`a Jira ${edit.op} needs the issue's key or id`);
  const issue = lookUpIssue(world, edit.id);
  if (!issue) throw new SandboxEditError(`Jira has no issue "${edit.id}"`);
  return issue;
}

function create(world: World, tell: Tell, edit: SandboxEdit, by: Person, typed: Typed): Issue {
  const project = PROJECTS.find(({ key, id }) => key === edit.in.toUpperCase() || id === edit.in);
  if (!project) throw new SandboxEditError(`Jira has no project "${edit.in}"`);
  const wanted = edit.type ?? byId(ISSUE_TYPES, project.typeIds[0] ?? '')?.name ?? '';
  const type = ISSUE_TYPES.find(({ name, id }) => name.toLowerCase() === wanted.toLowerCase() || id === wanted);
  if (!type || !project.typeIds.includes(type.id)) {
    throw new SandboxEditError(`project ${project.key} has no issue type "${wanted}"`);
  }
  for (const field of world.fields) {
    if (isRequired(world, field) && field.typeIds.includes(type.id) && (typed.values.get(field.id) ?? null) === null) {
      throw new SandboxEditError(`${field.name} is required`);
    }
  }
  const status = typed.statusId === undefined ? {} : { statusId: typed.statusId };
  return addIssue(world, tell, { project, typeId: type.id, by: by.accountId, values: typed.values, ...status });
}

export function editAsPerson(world: World, tell: Tell, edit: SandboxEdit): SandboxEdited {
  const admin = world.people[0] ?? world.syncAccount;
  const by = edit.user === undefined ? admin : personNamed(world, edit.user);
  if (edit.op === 'delete') {
    const issue = issueNamed(world, edit);
    removeIssue(world, tell, issue, by.accountId);
    return { id: issue.id, key: issue.data.key };
  }
  const existing = edit.op === 'update' ? issueNamed(world, edit) : null;
  const typed = readTyped(world, edit.fields ?? {});
  const issue = existing ?? create(world, tell, edit, by, typed);
  if (existing) {
    // An admin's hand: any status, no transition needed.
    const status = typed.statusId === undefined ? {} : { statusId: typed.statusId };
    changeIssue(world, tell, existing, { by: by.accountId, values: typed.values, ...status });
  }
  if (typed.comment !== undefined) storeComment({ world, tell, caller: by }, issue, adfOf(typed.comment), []);
  return { id: issue.id, key: issue.data.key };
}
