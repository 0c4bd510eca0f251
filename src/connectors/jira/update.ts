// Writes to existing issues. Jira has no compare-and-set: the history entry of our own write is asked for along with it
// and tells whether somebody was overwritten.
import { RejectedError, StaleError } from '../../errors.ts';
import { type Fields, type Marker, type Scope, type SourceRecord, type Value, valueText } from '../../model.ts';
import type { Clock } from '../../ports.ts';
import type { Ask, Connector, WriteAsk, Written } from '../connector.ts';
import { asWeLeftIt, valuesAfter, valuesBefore } from './changelog.ts';
import type { Client } from './client.ts';
import { encode, encodeItem, isSetKind, type Kind } from './fields.ts';
import { editIssue, getIssue } from './jira-js.ts';
import { MARKER_PROPERTY, markerProperty } from './marker.ts';
import { isIssueId, type Reader } from './read.ts';
import { toRecord, wireFields } from './records.ts';
import { jiraScope } from './scope.ts';
import { findTransition, STATUS, transition } from './transitions.ts';
import { parseAnswer, type WireIssue, wireIssue } from './wire.ts';

export type Updater = Pick<Connector, 'update' | 'stamp'>;

export type UpdaterOptions = {
  readonly client: Client;
  readonly reader: Reader;
  readonly site: string;
  readonly clock: Clock;
  /** The account that our history entries bear. */
  readonly accountId: (ask: Ask) => Promise<string>;
};

type Edit = { fields?: Record<string, unknown>; update?: Record<string, unknown>; properties?: unknown[] };
type Edited = { readonly issue: WireIssue | null; readonly notBefore: number };

/** Clocks of the vendor's own machines differ, and a Date header has whole seconds. */
const CLOCK_SPREAD_MS = 2000;

export function createUpdater({ client, reader, site, clock, accountId }: UpdaterOptions): Updater {
  async function update(
    scope: Scope,
    id: string,
    patch: Fields,
    expected: Fields,
    fields: readonly string[],
    ask: WriteAsk,
  ): Promise<Written> {
    if (!isIssueId(id)) throw gone(id);
    const { kinds } = jiraScope(scope);
    const edit = editOf(patch, expected, kinds);
    const status = patch[STATUS];
    // Asked before anything is written, so that an unreachable status leaves the issue untouched.
    const step = typeof status === 'string' ? await findTransition(client, id, status, ask) : null;
    const edited = edit.fields || edit.update ? await put(id, edit, step === null, ask) : null;
    let notBefore = edited?.notBefore ?? Number.POSITIVE_INFINITY;
    if (step !== null) {
      const started = clock.now();
      const date = await transition(client, id, step, ask, edited ? undefined : ask.onSend);
      notBefore = Math.min(notBefore, earliest(date, clock.now() - started));
    }
    const wanted = wireFields(fields);
    const issue =
      edited?.issue && step === null && isWhole(edited.issue, wanted) ? edited.issue : await get(id, wanted, ask);
    const own = { accountId: await accountId(ask), notBefore, patched: Object.keys(patch), kinds };
    const histories = issue.changelog?.histories ?? [];
    return {
      record: asWeLeftIt(toRecord(issue, { scope, fields, site }), valuesAfter(histories, own)),
      before: valuesBefore(histories, own),
    };
  }

  /** Whether the answer carries the issue is not confirmed by the vendor's documents; both are taken. */
  async function put(id: string, edit: Edit, returnIssue: boolean, ask: WriteAsk): Promise<Edited> {
    const started = clock.now();
    let date: string | undefined;
    const api = client.api({
      what: 'changing an issue',
      writes: true,
      budget: 'PUT issue',
      issue: id,
      ask,
      onSend: ask.onSend,
      onAnswer: (response) => {
        date = response.headers.date;
      },
    });
    const data: unknown = await editIssue(api, {
      issueIdOrKey: id,
      ...(returnIssue ? { returnIssue: true, expand: 'changelog' } : {}),
      ...(edit as Omit<Parameters<typeof editIssue>[1], 'issueIdOrKey'>),
    });
    const parsed = wireIssue.safeParse(data);
    // What shows another issue shows nothing of this one.
    return {
      issue: parsed.success && parsed.data.id === id ? parsed.data : null,
      notBefore: earliest(date, clock.now() - started),
    };
  }

  async function get(id: string, wanted: readonly string[], ask: Ask): Promise<WireIssue> {
    const call = { what: 'reading an issue back', writes: false, budget: 'GET issue', ask: { lane: ask.lane } };
    const data = await getIssue(client.api(call), {
      issueIdOrKey: id,
      fields: [...wanted],
      properties: [MARKER_PROPERTY],
      expand: 'changelog',
    });
    return parseAnswer(
      wireIssue.refine((issue) => issue.id === id, 'is another issue'),
      data,
      'reading an issue back',
    );
  }

  async function stamp(
    scope: Scope,
    id: string,
    marker: Marker,
    fields: readonly string[],
    ask: WriteAsk,
  ): Promise<SourceRecord> {
    const current = await reader.readDirect(scope, id, fields, ask);
    if (!current) throw gone(id);
    if (current.marker && current.marker.key !== marker.key) {
      throw new RejectedError(
        `${current.key} already carries the mark ${current.marker.key}`,
        'Remove the label if the issue was cloned or is no longer synced, or link the two records by hand.',
        'jira',
        null,
      );
    }
    // A label alone is a claim without proof: the property is still to be written.
    if (current.marker && current.marker.tenant !== '') return current;
    const edit = { update: { labels: [{ add: marker.key }] }, properties: [markerProperty(marker, id)] };
    const { issue } = await put(id, edit, true, ask);
    if (issue && isWhole(issue, wireFields(fields))) {
      // The edit was accepted as one, so the property stands although this answer never shows properties.
      return { ...toRecord(issue, { scope, fields, site }), marker };
    }
    const record = await reader.readDirect(scope, id, fields, { lane: ask.lane });
    if (!record) throw gone(id);
    return record;
  }

  return { update, stamp };
}

function earliest(date: string | undefined, elapsed: number): number {
  const answered = Date.parse(date ?? '');
  return Number.isNaN(answered) ? 0 : answered - elapsed - CLOCK_SPREAD_MS;
}

/** Exactly the patched fields. Sets as add and remove against what was planned on, so that others' additions survive. */
export function editOf(patch: Fields, expected: Fields, kinds: Readonly<Record<string, Kind>>): Edit {
  const fields: Record<string, unknown> = {};
  const update: Record<string, unknown> = {};
  for (const [id, value] of Object.entries(patch)) {
    if (id === STATUS) continue;
    const kind = kinds[id] ?? 'other';
    const known = id === 'labels' || expected[id] !== undefined;
    if (isSetKind(kind) && known) {
      const changes = setChanges(kind, value, expected[id] ?? null);
      if (changes.length > 0) update[id] = changes;
    } else {
      fields[id] = encode(kind, value, id);
    }
  }
  return {
    ...(Object.keys(fields).length > 0 ? { fields } : {}),
    ...(Object.keys(update).length > 0 ? { update } : {}),
  };
}

function setChanges(kind: Kind, wanted: Value, expected: Value): unknown[] {
  const [have, want] = [new Set(itemsOf(expected)), new Set(itemsOf(wanted))];
  return [
    ...[...want].filter((item) => !have.has(item)).map((item) => ({ add: encodeItem(kind, item) })),
    ...[...have].filter((item) => !want.has(item)).map((item) => ({ remove: encodeItem(kind, item) })),
  ];
}

function itemsOf(value: Value): readonly string[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  throw new TypeError(`not a set: ${valueText(value)}`);
}

function isWhole(issue: WireIssue, wanted: readonly string[]): boolean {
  return wanted.every((field) => Object.hasOwn(issue.fields, field)) && (issue.changelog ?? null) !== null;
}

function gone(id: string): StaleError {
  return new StaleError(`Issue ${id} is gone or hidden`, 'It is read again and planned anew by itself.');
}
