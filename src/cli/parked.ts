// `parked`: what was set aside, why, and how to go on.
import type { Command } from 'commander';
import type { Parked } from '../state/store.ts';
import { findRecord } from './find-record.ts';
import { ago, clean, print, printJson, styled } from './output.ts';
import { type ConfigFlags, openState, readSetup, withConfig } from './setup.ts';

export function addParkedCommand(program: Command): void {
  const parked = program.command('parked').description('what was set aside, why, and what to do');
  withConfig(parked.command('list [profile]').description('everything that is parked or waits'))
    .option('--json', 'for machines')
    .action(list);
  withConfig(parked.command('retry <profile> [record]').description('try again: one record, or all of a profile'))
    .option('--json', 'for machines')
    .addHelpText('after', '\nExample:\n  jira-crm-sync parked retry procurement BUY-12')
    .action(retry);
}

async function list(profile: string | undefined, flags: ConfigFlags & { json?: boolean }): Promise<void> {
  const setup = readSetup(flags);
  const store = openState(setup);
  try {
    const rows = await store.parked(profile === undefined ? {} : { profile });
    if (flags.json) return printJson(rows);
    if (rows.length === 0) return print('Nothing is parked.');
    for (const row of rows)
      for (const line of await parkedLines(row, await keyOf(row), setup.ports.clock.now())) print(line);
  } finally {
    await store.close();
  }
  async function keyOf(row: Parked): Promise<string> {
    const link = await store.linkOf(row);
    return link === null ? `${row.side} ${row.id}` : `${link.keys.jira} <> ${link.keys.crm}`;
  }
}

export function parkedLines(row: Parked, key: string, now: number): string[] {
  const field = row.field === '' ? '' : ` ${row.field}`;
  return [
    `${styled('bold', `${row.profile} ${key}`)}${field}: ${row.kind}, ${ago(row.at, now)}`,
    `    ${clean(row.reason)}`,
    `    ${clean(row.cure)}`,
  ];
}

async function retry(
  profile: string,
  record: string | undefined,
  flags: ConfigFlags & { json?: boolean },
): Promise<void> {
  const setup = readSetup(flags);
  const store = openState(setup);
  try {
    const now = setup.ports.clock.now();
    const filters = record === undefined ? [{ profile }] : await bothSides(profile, record);
    let count = 0;
    for (const filter of filters) count += await store.retryParked(filter, now);
    if (flags.json) return printJson({ retried: count });
    print(count === 0 ? 'Nothing was parked there.' : `${count} parked rows are tried again by the daemon.`);
  } finally {
    await store.close();
  }
  /** A pair's fields may be parked on either of its records. */
  async function bothSides(name: string, wanted: string) {
    const key = await findRecord(store, name, wanted);
    const link = await store.linkOf(key);
    if (link === null) return [key];
    return [
      { profile: name, side: 'jira' as const, id: link.ids.jira },
      { profile: name, side: 'crm' as const, id: link.ids.crm },
    ];
  }
}
