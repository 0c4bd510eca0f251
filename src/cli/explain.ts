// `explain`: who last wrote each field of a pair, and why it did not sync, from the state alone.
import { otherSide } from '../model.ts';
import type { JournalEntry, Link, RecordKey, Store } from '../state/store.ts';
import { readStatus } from '../work/status.ts';
import { conflictLines } from './conflicts.ts';
import { findRecord } from './find-record.ts';
import { ago, clean, print, printJson, styled } from './output.ts';
import { parkedLines } from './parked.ts';
import { type ConfigFlags, openState, readSetup } from './setup.ts';
import { shown } from './show-report.ts';

export async function explain(profile: string, record: string, flags: ConfigFlags & { json?: boolean }): Promise<void> {
  const setup = readSetup(flags);
  const store = await openState(setup);
  try {
    const key = await findRecord(store, profile, record);
    const facts = await factsOf(store, key);
    if (flags.json) printJson(facts);
    else for (const line of linesOf(facts, setup.ports.clock.now())) print(line);
  } finally {
    await store.close();
  }
}

async function factsOf(store: Store, key: RecordKey) {
  const link = await store.linkOf(key);
  const keys = link === null ? [key] : [key, { ...key, side: otherSide(key.side), id: link.ids[otherSide(key.side)] }];
  const parked = (await Promise.all(keys.map((one) => store.parked(one)))).flat();
  const dirty = (await Promise.all(keys.map((one) => store.dirtyRow(one)))).filter((row) => row !== null);
  const journal = link === null ? [] : await store.journal({ linkId: link.id, limit: 1_000 });
  const conflicts = link === null ? [] : await store.conflicts({ linkId: link.id });
  const apart = await store.isApart(key);
  const queue = (await readStatus(store)).queue;
  return { key, link, apart, parked, dirty, queue, conflicts, fields: link === null ? [] : fieldsOf(link, journal) };
}

type Facts = Awaited<ReturnType<typeof factsOf>>;

/** The journal is newest first: the first entry of a field is its last writer. */
function fieldsOf(link: Link, journal: readonly JournalEntry[]) {
  // What was done to the pair as a whole stands in its reason.
  const written = journal.map((entry) => entry.field).filter((field) => field !== '');
  const names = new Set([...Object.keys(link.base), ...written]);
  return [...names].map((field) => ({
    field,
    settled: settledIn(link, field),
    lastWrite: journal.find((entry) => entry.field === field) ?? null,
  }));
}

/** Null: the field has not settled yet, whatever both showed when they were compared. */
function settledIn({ base }: Link, field: string) {
  const known = base[field];
  return known === undefined || known.unsettled ? null : known;
}

function queued(queue: Facts['queue']): string {
  if (queue === null) return 'Queued in the process.';
  return queue.up ? `Queued in ${queue.address}.` : `Worked off from the state: ${queue.address} is away.`;
}

const YEAR_MS = 365 * 24 * 3_600_000;

/** What a limit held back has no time of its own. */
function dueIn(ms: number): string {
  return ms > YEAR_MS ? 'due when it is asked for' : `due in ${Math.ceil(ms / 1000)} s`;
}

function linesOf(facts: Facts, now: number): string[] {
  const { key, link, parked, dirty, conflicts } = facts;
  const lines: string[] = [];
  if (link === null) lines.push(`${styled('bold', `${key.side} ${key.id}`)} has no partner in profile ${key.profile}.`);
  if (facts.apart) lines.push('  Kept apart by a person: nothing is paired or created for it until you link it.');
  if (link !== null) {
    lines.push(
      `${styled('bold', `${link.keys.jira} <> ${link.keys.crm}`)} ${link.state}, paired by ${ORIGINS[link.origin]} ${ago(link.createdAt, now)}, last settled ${ago(link.settledAt, now)} under profile version ${link.profileVersion}.`,
    );
    if (link.reason !== null) lines.push(`  ${clean(link.reason)}`);
  }
  if (dirty.length > 0) lines.push(`  ${queued(facts.queue)}`);
  for (const row of dirty) {
    const why = row.reason === null ? '' : `: ${clean(row.reason)}`;
    const when = row.due > now ? dueIn(row.due - now) : 'due now';
    lines.push(
      `  Pending since ${ago(row.since, now)} because of a ${row.cause} (${row.side}), ${when}, ${row.attempts} failed attempts${why}`,
    );
  }
  for (const row of parked) lines.push(...parkedLines(row, `${row.side} ${row.id}`, now).map((line) => `  ${line}`));
  for (const row of conflicts) lines.push(...conflictLines(row, '', now).map((line) => `  ${line}`));
  for (const { field, settled, lastWrite } of facts.fields) {
    const value = settled === null ? oneWay(lastWrite) : `jira ${shown(settled.jira)}, crm ${shown(settled.crm)}`;
    lines.push(`  ${styled('bold', field)}: ${value}`);
    if (lastWrite === null) lines.push('      never written by us');
    else {
      const { side, action, before, after, at, cause, run, profileVersion } = lastWrite;
      lines.push(
        `      ${action} on ${side} ${ago(at, now)}: ${shown(before)} -> ${shown(after)}, because of a ${cause} on the other side (run ${run}, profile ${profileVersion})`,
      );
    }
  }
  return lines;
}

/** Stamps and computed fields are only written, never compared, so they have no base. */
function oneWay(lastWrite: JournalEntry | null): string {
  return lastWrite === null ? 'not settled yet' : `${lastWrite.side} ${shown(lastWrite.after)}`;
}

const ORIGINS = { stamp: 'its stamp', match: 'a match rule', created: 'creating it', command: 'a command' } as const;
