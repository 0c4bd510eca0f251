// A connector on records in memory: what the real ones promise, with the oddities of their vendors, without HTTP.

import type { Ask, Connector } from '../../../src/connectors/connector.ts';
import { RejectedError, StaleError } from '../../../src/errors.ts';
import { type Fields, type Scope, type Side, type SourceRecord, sameValue, type Value } from '../../../src/model.ts';
import type { Clock } from '../../../src/ports.ts';
import { DAEMON_ACCOUNT, describe, isStep, peopleOf, TENANTS } from './company.ts';
import type { Revision, Row, Shelf } from './records.ts';
import type { Wire } from './wire.ts';

/** What a product does to values, and what it hides; changed while the daemon runs. */
export type Manners = {
  indexLagMs: number;
  readonly cut: Set<string>;
  readonly dropped: Set<string>;
  readonly hidden: Set<string>;
  readonly goneOptions: Set<string>;
};

const SITES = { jira: 'https://nordhafen.atlassian.example', crm: 'https://nordhafen.bitrix24.example' };
/** As an administrator sets `index-lag` who knows of a quarter of an hour. */
const OVERLAP_MS = 16 * 60_000;
const PAGE = 5;
/** As the real connectors reckon: so long after it was given up, a create cannot succeed any more. */
const CUT_MS = { arrived: 65_000, silent: 170_000 };
const ROTOR_TRADE = { jira: '10203', crm: '83' };

export function createThinConnector(options: {
  readonly side: Side;
  readonly shelf: Shelf;
  readonly wire: Wire;
  readonly manners: Manners;
  /** Ours: what it says may be wrong. */
  readonly clock: Clock;
  readonly productClock: { now(): number };
  /** An update was planned on these values, and is to write those. */
  readonly onPlanned: (id: string, expected: Fields, patch: Fields) => void;
  readonly onRead: (id: string) => void;
}): Connector {
  const { side, shelf, wire, manners, clock, productClock, onPlanned, onRead } = options;
  const connection = side === 'jira' ? 'jira' : 'bitrix24';
  const entity = side === 'jira' ? 'issue' : 'deal';
  let highest: number | null = null;

  function toRecord(row: Row, revision: Revision, fields: readonly string[]): SourceRecord {
    const { at, values } = revision;
    const url = side === 'jira' ? `${SITES.jira}/browse/BUY-${row.number}` : `${SITES.crm}/crm/deal/details/${row.id}/`;
    const key = side === 'jira' ? `BUY-${row.number}` : row.id;
    const own: Record<string, Value> = { id: row.id, key, url };
    const shown: Record<string, Value> = {};
    for (const id of fields) {
      if (manners.hidden.has(id)) continue;
      shown[id] = own[id] ?? values[id] ?? null;
    }
    const seconds = Math.floor(at / 1000) * 1000;
    return {
      ref: { side, connection, entity, id: row.id },
      key,
      url,
      version: side === 'jira' ? new Date(at).toISOString() : `${seconds}#${JSON.stringify(shown)}`,
      createdAt: row.createdAt,
      updatedAt: side === 'jira' ? at : seconds,
      updatedBy: null,
      fields: shown,
      marker: revision.marker,
      inScope: revision.inScope,
    };
  }

  const live = (id: string) => {
    const row = shelf.rows.get(id);
    return row === undefined || row.deleted ? null : row;
  };

  function mustBe(id: string): Row {
    const row = live(id);
    if (row === null) throw new StaleError(`${id} is gone or hidden`, 'It is read again and planned anew by itself.');
    return row;
  }

  function refuse(field: string | null, why: string): RejectedError {
    return new RejectedError(`${side} refuses ${field ?? 'the record'}: ${why}`, 'Correct the value.', side, field);
  }

  /** What the product makes of written values. */
  function taken(values: Fields, before: Fields | null): Record<string, Value> {
    const result: Record<string, Value> = {};
    for (const [id, value] of Object.entries(values)) {
      if (manners.hidden.has(id)) throw refuse(id, 'there is no such field');
      const gone = value === ROTOR_TRADE[side] && manners.goneOptions.size > 0;
      if (gone && side === 'jira') throw refuse(id, 'there is no such option');
      if (manners.dropped.has(id) || gone) {
        result[id] = before?.[id] ?? null;
        continue;
      }
      const text = typeof value === 'string' && manners.cut.has(id) ? value.slice(0, 9).trim() : value;
      result[id] = text;
      if (id === 'assignedById' && text === null) result[id] = DAEMON_ACCOUNT.crm;
      if (id === 'ufCrm_1747309875' && text === null) result[id] = false;
    }
    return result;
  }

  /** In pages, as lists show them; each page is a request of its own. */
  async function* pages(pick: (revision: Revision) => boolean, fields: readonly string[], ask: Ask, after = '') {
    let last = after;
    for (;;) {
      const page = await wire.call('list', ask, () => {
        const listed: { row: Row; revision: Revision }[] = [];
        for (const row of shelf.rows.values()) {
          const revision = shelf.listed(row, side === 'jira' ? manners.indexLagMs : 0);
          if (revision !== null && pick(revision) && (last === '' || Number(row.id) > Number(last))) {
            listed.push({ row, revision });
          }
        }
        return { rows: listed.slice(0, PAGE), end: listed.length <= PAGE, at: productClock.now() };
      });
      last = page.rows.at(-1)?.row.id ?? last;
      yield { records: page.rows.map(({ row, revision }) => toRecord(row, revision, fields)), last, ...page };
      if (page.end) return;
    }
  }

  async function* changes(_scope: Scope, cursor: string | null, fields: readonly string[], ask: Ask) {
    const [from = '', after = '', next = ''] = (cursor ?? '').split('/');
    let ceiling = next;
    const since = from === '' ? null : Number(from);
    // Bitrix24's filter knows whole seconds; a deal that left the pipeline is listed by its change.
    const start = since === null ? null : side === 'crm' ? Math.floor(since / 1000) * 1000 : since;
    const pick = (revision: Revision) => (start === null ? revision.inScope : revision.at >= start);
    for await (const page of pages(pick, fields, ask, after)) {
      if (ceiling === '') ceiling = String(Math.max(since ?? 0, page.at - OVERLAP_MS));
      yield { records: page.records, cursor: page.end ? ceiling : `${from}/${page.last}/${ceiling}`, end: page.end };
    }
  }

  async function marked(key: string, fields: readonly string[], ask: Ask): Promise<SourceRecord[]> {
    return wire.call('list', ask, () => {
      const found: SourceRecord[] = [];
      for (const row of shelf.rows.values()) {
        const revision = shelf.listed(row, side === 'jira' ? manners.indexLagMs : 0);
        if (revision?.marker?.key === key) found.push(toRecord(row, shelf.now(row), fields));
      }
      return found;
    });
  }

  /** By numbers that follow, from the primary store. */
  function numbered(from: number, fields: readonly string[]): SourceRecord[] {
    const rows = [...shelf.rows.values()].filter((row) => !row.deleted && row.number > from);
    return rows.map((row) => toRecord(row, shelf.now(row), fields));
  }

  function highestListed(): number {
    let most = 0;
    for (const row of shelf.rows.values()) {
      if (shelf.listed(row, manners.indexLagMs) !== null) most = Math.max(most, row.number);
    }
    return most;
  }

  return {
    connection,
    identify: (ask) =>
      wire.call('other', ask, () => ({
        id: DAEMON_ACCOUNT[side],
        name: 'Sync Daemon',
        tenant: TENANTS[side],
        serverTime: productClock.now(),
        zone: null,
        missing: [],
      })),
    describe: (_spec, ask) => wire.call('other', ask, () => describe(side, manners.hidden, manners.goneOptions)),
    people: (ask) => wire.call('other', ask, () => peopleOf(side)),
    read: (_scope, id, fields, ask) =>
      wire.call('read', ask, () => {
        const row = live(id);
        onRead(id);
        return row === null ? null : toRecord(row, shelf.now(row), fields);
      }),
    create: (_scope, values, marker, fields, ask) =>
      wire.call('create', ask, () => {
        const filled = { ...(side === 'jira' ? FIRST_ISSUE : FIRST_DEAL), ...taken(values, null) };
        const row = shelf.add(filled, marker);
        highest = Math.max(highest ?? 0, row.number);
        return toRecord(row, shelf.now(row), fields);
      }),
    update: (_scope, id, patch, expected, fields, ask) =>
      wire.write(id, ask, () => {
        const row = mustBe(id);
        const before = shelf.now(row).values;
        const values = side === 'jira' ? withSets(patch, expected, before) : patch;
        if (side === 'jira' && 'status' in patch && !isStep(before.status ?? null, patch.status ?? null)) {
          if (!sameValue(before.status ?? null, patch.status ?? null))
            throw refuse('status', 'no transition leads there');
        }
        const lands = taken(values, before);
        onPlanned(id, expected, patch);
        const changed = shelf.change(row, lands);
        const told = side === 'jira' ? changed : Object.keys(patch);
        const was = Object.fromEntries(told.map((field) => [field, before[field] ?? null]));
        return { record: toRecord(row, shelf.now(row), fields), before: was };
      }),
    stamp: (_scope, id, marker, fields, ask) =>
      wire.write(id, ask, () => {
        const row = mustBe(id);
        const own = shelf.now(row).marker;
        if (own !== null && own.key !== marker.key) throw refuse(null, `it carries the mark ${own.key}`);
        if (own === null) shelf.change(row, {}, { marker });
        return toRecord(row, shelf.now(row), fields);
      }),
    remove: (_scope, id, ask) =>
      wire.write(id, ask, () => {
        const row = live(id);
        if (row !== null) shelf.drop(row);
      }),
    changes,
    cursorAt: (time) => String(time),
    findByKey: (_scope, key, fields, ask) => marked(key, fields, ask),
    async beforeCreate(_scope, ask) {
      if (side === 'crm') return null;
      highest ??= await wire.call('list', ask, highestListed);
      return String(highest);
    },
    async lookUp(_scope, key, sent, fields, ask) {
      const again = sent.endedAt + CUT_MS[sent.arrived ? 'arrived' : 'silent'];
      const certain = clock.now() >= again;
      if (side === 'crm') return { found: await marked(key, fields, ask), certain, again };
      const next = await wire.call('read', ask, () => numbered(Number(sent.before ?? 0), fields));
      const found = next.filter(({ marker }) => marker?.key === key);
      return { found: found.length > 0 ? found : await marked(key, fields, ask), certain, again };
    },
    ...(side === 'jira'
      ? {
          unlisted: (_scope: Scope, fields: readonly string[], ask: Ask) =>
            wire.call('read', ask, () => numbered(0, fields)),
        }
      : {}),
    receive({ headers, body }) {
      const { id, kind, version, at } = JSON.parse(Buffer.from(body).toString('utf8'));
      return { accepted: true, id: headers['x-id'] ?? null, at, hints: [{ entity, id, kind, version }] };
    },
    bill: (writes) => ({ calls: writes.length, seconds: 0 }),
    usage: () => UNUSED,
    close: async () => {},
  };
}

const LANES = { live: 0, bulk: 0 };
const UNUSED = {
  requests: 0,
  writes: 0,
  failures: 0,
  limited: 0,
  heldUntil: null,
  waitedMs: LANES,
  waiting: LANES,
  errors: {},
  anomalies: {},
  refreshes: {},
  operating: {},
  skewMs: null,
  indexLagMs: null,
};

const FIRST_ISSUE = { status: '10010' };
const FIRST_DEAL = {
  stageId: 'C9:NEW',
  assignedById: DAEMON_ACCOUNT.crm,
  ufCrm_1747309875: false,
  opportunity: null,
};

/** Jira takes labels as additions and removals against what was planned on. */
function withSets(patch: Fields, expected: Fields, before: Fields): Fields {
  if (!('labels' in patch)) return patch;
  const [want, have] = [new Set(setOf(patch.labels)), new Set(setOf(expected.labels))];
  const now = new Set(setOf(before.labels));
  for (const label of want) if (!have.has(label)) now.add(label);
  for (const label of have) if (!want.has(label)) now.delete(label);
  return { ...patch, labels: now.size === 0 ? null : [...now].sort() };
}

function setOf(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value : [];
}
