// `parked`: what was set aside, why, and how to go on.
import type { Parked, ParkedFilter, Store } from '../state/store.ts';
import { engineRuns } from './engine-runs.ts';
import { findRecord, requireProfile } from './find-record.ts';
import { grouped } from './group-lines.ts';
import { ago, clean, print, printJson, styled } from './output.ts';
import { type ConfigFlags, openState, readSetup } from './setup.ts';
import { tellEngine } from './tell-engine.ts';

export async function list(profile: string | undefined, flags: ConfigFlags & { json?: boolean }): Promise<void> {
  const setup = readSetup(flags);
  const store = await openState(setup);
  try {
    if (profile !== undefined) await requireProfile(store, profile);
    const rows = await store.parked(profile === undefined ? {} : { profile });
    if (flags.json) return printJson(rows);
    if (rows.length === 0) return print('Nothing is parked.');
    for (const line of parkedGroups(await named(store, rows), setup.ports.clock.now())) print(line);
  } finally {
    await store.close();
  }
}

/** One reason that holds many records back is told once. */
export function parkedGroups(named: readonly { row: Parked; key: string }[], now: number): string[] {
  const items = named.map(({ row, key }) => ({
    why: JSON.stringify([row.profile, row.field, row.kind, row.reason, row.cure]),
    who: key,
    row,
  }));
  return grouped(items).flatMap(({ why, who, count }) => {
    const row = items.find((item) => item.why === why)?.row as Parked;
    const when = count === 1 ? ago(row.at, now) : `${count} records`;
    return headed(row, count === 1 ? who : '', when).concat(count === 1 ? [] : [`    ${who}`]);
  });
}

export function parkedLines(row: Parked, key: string, now: number): string[] {
  return headed(row, key, ago(row.at, now));
}

function headed(row: Parked, key: string, when: string): string[] {
  const who = [row.profile, key, row.field].filter((part) => part !== '').join(' ');
  return [`${styled('bold', clean(who))}: ${row.kind}, ${when}`, `    ${clean(row.reason)}`, `    ${clean(row.cure)}`];
}

type RetryFlags = ConfigFlags & {
  readonly kind?: string;
  readonly field?: string;
  readonly plan?: boolean;
  readonly json?: boolean;
};

export async function retry(profile: string, record: string | undefined, flags: RetryFlags): Promise<void> {
  const setup = readSetup(flags);
  const store = await openState(setup);
  try {
    await requireProfile(store, profile);
    const now = setup.ports.clock.now();
    const records = record === undefined ? [{ profile }] : await bothSides(store, profile, record);
    const { kind, field } = flags;
    const which = { ...(kind === undefined ? {} : { kind }), ...(field === undefined ? {} : { field }) };
    const filters = records.map((one) => ({ ...one, ...which }));
    if (flags.plan) return await preview(store, filters, flags, now);
    let count = 0;
    for (const filter of filters) count += await store.retryParked(filter, now);
    if (count > 0) await tellEngine(setup, store);
    if (flags.json) return printJson({ retried: count });
    if (count === 0) return print('Nothing was parked there.');
    const next = (await engineRuns(setup, store)) ? 'by the daemon now' : 'when the daemon runs: jira-crm-sync run';
    print(`${count} parked ${count === 1 ? 'row is' : 'rows are'} tried again ${next}.`);
  } finally {
    await store.close();
  }
}

async function preview(store: Store, filters: readonly ParkedFilter[], flags: RetryFlags, now: number): Promise<void> {
  const rows = (await Promise.all(filters.map((filter) => store.parked(filter)))).flat();
  if (flags.json) return printJson(rows);
  if (rows.length === 0) return print('Nothing is parked there.');
  for (const line of parkedGroups(await named(store, rows), now)) print(line);
  print(`${rows.length} ${rows.length === 1 ? 'row' : 'rows'} would be tried again; without --plan they are.`);
}

async function named(store: Store, rows: readonly Parked[]): Promise<{ row: Parked; key: string }[]> {
  return Promise.all(
    rows.map(async (row) => {
      const link = await store.linkOf(row);
      return { row, key: link === null ? `${row.side} ${row.id}` : `${link.keys.jira} <> ${link.keys.crm}` };
    }),
  );
}

/** A pair's fields may be parked on either of its records. */
async function bothSides(store: Store, name: string, wanted: string): Promise<ParkedFilter[]> {
  const key = await findRecord(store, name, wanted);
  const link = await store.linkOf(key);
  if (link === null) return [key];
  return [
    { profile: name, side: 'jira', id: link.ids.jira },
    { profile: name, side: 'crm', id: link.ids.crm },
  ];
}
