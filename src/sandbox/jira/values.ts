// From what a request says about one field to the stored value, with Jira's refusals.

import { type AdfDocument, isAdfDocument, wikiOf } from './adf.ts';
import { byId, type FieldDef, type Option, PRIORITIES } from './schema.ts';
import { isDate, parseDateTime } from './time.ts';
import type { Value, World } from './world.ts';

/** The text that stands under the field's id in `errors`. */
export class ValueRefused extends Error {}

const LONG_TEXT = 32_767;

function tooLong(limit: number): ValueRefused {
  return new ValueRefused(
    `The entered text is too long. It exceeds the allowed limit of ${limit.toLocaleString('en-US')} characters.`,
  );
}

function member(value: unknown, ...names: string[]): string | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const name of names) {
    const found = (value as Record<string, unknown>)[name];
    if (typeof found === 'string' || typeof found === 'number') return String(found);
  }
  return null;
}

function textValue(world: World, field: FieldDef, raw: unknown): string {
  if (typeof raw !== 'string') throw new ValueRefused('Operation value must be a string');
  if (field.id === 'summary') {
    if (raw.trim() === '') throw new ValueRefused('You must specify a summary of the issue.');
    if (raw.length > 255) throw new ValueRefused('Summary must be less than 255 characters.');
    if (/[\r\n]/.test(raw)) {
      throw new ValueRefused('The summary is invalid because it contains newline characters.');
    }
    return raw;
  }
  if (raw.length > world.settings.shortTextLimit) throw tooLong(world.settings.shortTextLimit);
  if (/[\r\n]/.test(raw)) throw new ValueRefused('Operation value must not contain newline characters.');
  return raw;
}

function richText(raw: unknown): AdfDocument {
  if (!isAdfDocument(raw)) {
    throw new ValueRefused('Operation value must be an Atlassian Document (see the Atlassian Document Format)');
  }
  // The limit counts the converted text, not the JSON.
  if (wikiOf(raw).length > LONG_TEXT) throw tooLong(LONG_TEXT);
  return raw;
}

function optionId(field: FieldDef, raw: unknown): string {
  const id = member(raw, 'id');
  if (id !== null) {
    if (!byId(field.options, id)) throw new ValueRefused(`Option id '${id}' is not valid`);
    return id;
  }
  const value = member(raw, 'value');
  if (value === null) throw new ValueRefused("Could not find valid 'id' or 'value' in the Parent Option object.");
  const option = field.options.find((candidate: Option) => candidate.value === value);
  if (!option) throw new ValueRefused(`Option value '${value}' is not valid`);
  return option.id;
}

function userId(world: World, raw: unknown): string | null {
  const id = member(raw, 'accountId', 'id');
  if (id === null) throw new ValueRefused('data was not an object with an accountId');
  // "-1" is the automatic assignee; this site leaves issues unassigned.
  if (id === '-1') return null;
  const person = world.people.find((candidate) => candidate.accountId === id);
  if (!person) throw new ValueRefused(`User '${id}' does not exist.`);
  return person.accountId;
}

function labelList(raw: unknown): string[] {
  if (!Array.isArray(raw)) throw new ValueRefused('data was not an array');
  const labels: string[] = [];
  for (const label of raw) {
    if (typeof label !== 'string' || label === '') throw new ValueRefused('Operation value must be a string');
    if (/\s/.test(label)) throw new ValueRefused(`The label '${label}' contains spaces which is invalid.`);
    if (label.length > 255)
      throw new ValueRefused(`The label '${label}' exceeds the maximum length of 255 characters.`);
    if (!labels.includes(label)) labels.push(label);
  }
  return labels;
}

function priorityId(raw: unknown): string {
  const id = member(raw, 'id');
  if (id !== null) {
    if (!byId(PRIORITIES, id)) throw new ValueRefused(`Priority id '${id}' is not valid`);
    return id;
  }
  const name = member(raw, 'name');
  if (name === null) throw new ValueRefused("Could not find valid 'id' or 'name' in priority object.");
  const priority = PRIORITIES.find((candidate) => candidate.name === name);
  if (!priority) throw new ValueRefused(`Priority name '${name}' is not valid`);
  return priority.id;
}

/** null = the field is emptied. Throws ValueRefused. */
export function readValue(world: World, field: FieldDef, raw: unknown): Value | null {
  const value = raw === null || raw === undefined ? null : present(world, field, raw);
  const empty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
  if (!empty) return value;
  if (field.id === 'summary') throw new ValueRefused('You must specify a summary of the issue.');
  if (field.required || world.settings.requiredFields.includes(field.id)) {
    throw new ValueRefused(`${field.name} is required.`);
  }
  if (field.id === 'priority') throw new ValueRefused('Priority is required.');
  return null;
}

function present(world: World, field: FieldDef, raw: unknown): Value | null {
  switch (field.kind) {
    case 'text':
      return textValue(world, field, raw);
    case 'richtext':
      return richText(raw);
    case 'number':
      if (typeof raw !== 'number' || !Number.isFinite(raw)) throw new ValueRefused('Operation value must be a number');
      return raw;
    case 'date':
      if (typeof raw !== 'string') throw new ValueRefused('Operation value must be a string');
      if (!isDate(raw)) throw new ValueRefused(`Error parsing date string: ${raw}`);
      return raw;
    case 'datetime': {
      if (typeof raw !== 'string') throw new ValueRefused('Operation value must be a string');
      const ms = parseDateTime(raw);
      if (ms === null) throw new ValueRefused(`Error parsing time: ${raw}`);
      return ms;
    }
    case 'option':
      return optionId(field, raw);
    case 'options': {
      if (!Array.isArray(raw)) throw new ValueRefused('data was not an array');
      return [...new Set(raw.map((item) => optionId(field, item)))].sort();
    }
    case 'user':
      return userId(world, raw);
    case 'labels':
      return labelList(raw).sort();
    case 'priority':
      return priorityId(raw);
  }
}

/** Whether two stored values are the same to Jira. */
export function sameValue(a: Value | null, b: Value | null): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return JSON.stringify(a) === JSON.stringify(b);
}
