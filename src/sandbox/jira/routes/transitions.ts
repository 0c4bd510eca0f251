// The workflow as a client sees it.

import { general, invalid, noContent, ok } from '../answer.ts';
import {
  type Call,
  callerOf,
  conflictWhenAsked,
  forbidWhen,
  type Handler,
  issueOf,
  queryList,
  readObject,
} from '../call.ts';
import { readFieldInput } from '../field-input.ts';
import { type Json, statusJson } from '../render.ts';
import { byId, STATUSES, transitionsFrom } from '../schema.ts';
import { type Issue, projectOf } from '../world.ts';
import { changeIssue } from '../writes.ts';
import { storeComment } from './comments.ts';
import { metaOf } from './meta.ts';

export function transitionList(call: Call, issue: Issue, withFields: boolean): Json[] {
  const { world } = call;
  // No Transition permission: an empty list, not an error.
  if (world.settings.deny.includes('transition')) return [];
  return transitionsFrom(issue.data.typeId, issue.data.statusId).map((transition) => {
    const to = byId(STATUSES, transition.to);
    const screen = world.settings.transitionScreens[transition.id];
    const fields: Json = {};
    for (const id of screen?.fields ?? []) {
      const field = byId(world.fields, id);
      if (!field) continue;
      fields[id] = { ...metaOf(world, field, projectOf(issue.data)), required: screen?.required.includes(id) ?? false };
    }
    return {
      id: transition.id,
      name: transition.name,
      to: to ? statusJson(world, to) : null,
      hasScreen: screen !== undefined,
      isGlobal: transition.from === null,
      isInitial: false,
      isAvailable: true,
      isConditional: false,
      isLooped: transition.to === issue.data.statusId,
      ...(withFields ? { fields } : {}),
    };
  });
}

export const getTransitions: Handler = (call) => {
  const issue = issueOf(call);
  const withFields = queryList(call, 'expand').includes('transitions.fields');
  const id = call.request.query.get('transitionId');
  const transitions = transitionList(call, issue, withFields).filter((item) => id === null || item.id === id);
  return ok({ expand: 'transitions', transitions });
};

export const postTransition: Handler = (call) => {
  const { world, tell } = call;
  const issue = issueOf(call);
  const body = readObject(call, ['transition', 'fields', 'update', 'historyMetadata', 'properties', 'looped']);
  const id = (body.transition as { id?: unknown } | null | undefined)?.id;
  if (typeof id !== 'string' && typeof id !== 'number') throw general(400, "Missing 'transition' identifier");
  // Missing permission is a 400 here, as with the id of a transition that the status does not have.
  forbidWhen(call, 'transition', `Transition id '${id}' is not valid for this issue.`, 400);
  const transition = byId(transitionsFrom(issue.data.typeId, issue.data.statusId), String(id));
  if (!transition) throw general(400, `Transition id '${id}' is not valid for this issue.`);
  const screen = world.settings.transitionScreens[transition.id];
  const onScreen = screen?.fields ?? [];
  const { values, comments } = readFieldInput(world, issue, (field) => onScreen.includes(field.id), body, []);
  const errors: Record<string, string> = {};
  for (const required of screen?.required ?? []) {
    const value = values.has(required) ? values.get(required) : issue.data.values.get(required);
    if (value === undefined || value === null)
      errors[required] = `${byId(world.fields, required)?.name ?? required} is required.`;
  }
  if (Object.keys(errors).length > 0) throw invalid(errors);
  conflictWhenAsked(call);
  const by = callerOf(call).accountId;
  changeIssue(world, tell, issue, { by, values, statusId: transition.to, historyMetadata: body.historyMetadata });
  for (const comment of comments) storeComment(call, issue, comment, []);
  return noContent;
};
