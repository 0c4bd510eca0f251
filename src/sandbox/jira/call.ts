// One request inside the emulator: who calls, what the path and query say, what the body holds.

import type { SandboxRequest } from '../http.ts';
import { type Answer, general, malformed, problem } from './answer.ts';
import type { Json } from './render.ts';
import type { WebhookRegistry } from './webhooks.ts';
import { type Issue, type Person, visibleIssue, type World } from './world.ts';
import type { Tell } from './writes.ts';

export type Call = {
  readonly world: World;
  readonly tell: Tell;
  readonly hooks: WebhookRegistry;
  readonly request: SandboxRequest;
  /** null: anonymous. */
  readonly caller: Person | null;
  readonly param: (name: string) => string;
};
export type Handler = (call: Call) => Answer;

/** The caller of a route that refuses anonymous ones. */
export function callerOf(call: Call): Person {
  if (!call.caller) throw new Error('route lets anonymous callers in');
  return call.caller;
}

export function issueOf(call: Call): Issue {
  return visibleIssue(call.world, call.caller, call.param('issue'));
}

export function forbidWhen(call: Call, act: World['settings']['deny'][number], message: string, status = 403): void {
  if (call.world.settings.deny.includes(act)) throw general(status, message);
}

/** Answers 409 while the setting asks for conflicts. */
export function conflictWhenAsked(call: Call): void {
  const { settings } = call.world;
  const left = Number(settings.conflictOnce);
  if (left < 1) return;
  settings.conflictOnce = left - 1;
  throw general(409, 'The issue was changed by another request. Reload it and try again.');
}

export function readJson(call: Call): unknown {
  const text = new TextDecoder().decode(call.request.body);
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('Invalid request payload. Refer to the REST API documentation and try again.');
  }
}

/** An object body; members outside `closed` are refused as Jira's closed schemas do. */
export function readObject(call: Call, closed?: readonly string[]): Json {
  const value = readJson(call);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('Invalid request payload. Refer to the REST API documentation and try again.');
  }
  const unknown = closed && Object.keys(value).find((key) => !closed.includes(key));
  if (unknown !== undefined) throw malformed(`Unrecognized field "${unknown}"`);
  return value as Json;
}

export function queryNumber(call: Call, name: string, byDefault: number): number {
  const text = call.request.query.get(name);
  if (text === null || text === '') return byDefault;
  if (!/^-?\d{1,15}$/.test(text))
    throw problem(400, `Failed to convert '${name}' with value: '${text}'`, call.request.path);
  return Number(text);
}

export function queryFlag(call: Call, name: string): boolean {
  return call.request.query.get(name) === 'true';
}

/** A list given as repeated parameters, comma separated, or both. */
export function queryList(call: Call, name: string): string[] {
  return call.request.query.getAll(name).flatMap((text) => splitList(text));
}

export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

export function stringList(value: unknown, name: string): string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string' || typeof item === 'number')) {
    throw malformed(`${name} must be an array of strings`);
  }
  return value.map(String);
}

/** `{startAt, maxResults, total, isLast, values}` with the used page size. */
export function offsetPage<T>(call: Call, all: readonly T[], cap: number, byDefault: number): Json & { values: T[] } {
  const startAt = Math.max(0, queryNumber(call, 'startAt', 0));
  const maxResults = Math.min(cap, Math.max(0, queryNumber(call, 'maxResults', byDefault)));
  const values = all.slice(startAt, startAt + maxResults);
  return {
    self: `${call.world.url()}${call.request.path}?maxResults=${maxResults}&startAt=${startAt}`,
    maxResults,
    startAt,
    total: all.length,
    isLast: startAt + values.length >= all.length,
    values,
  };
}
