// `conflicts`: what both sides changed, and a person's decision on it.
import { SyncError } from '../errors.ts';
import type { Conflict } from '../state/store.ts';
import type { Report } from '../sync/report.ts';
import { linkNumbered } from '../work/link-numbered.ts';
import { withEngine } from './ask-engine.ts';
import { requireProfile } from './find-record.ts';
import { ago, clean, EXIT, print, printJson, styled } from './output.ts';
import { type ConfigFlags, openState, readSetup } from './setup.ts';
import { reportLines, shown } from './show-report.ts';
import { typedValue } from './typed-value.ts';

export async function list(
  profile: string | undefined,
  flags: ConfigFlags & { all?: boolean; json?: boolean },
): Promise<void> {
  const setup = readSetup(flags);
  const store = await openState(setup);
  try {
    if (profile !== undefined) await requireProfile(store, profile);
    const filter = { ...(profile === undefined ? {} : { profile }), ...(flags.all ? {} : { status: 'open' as const }) };
    const rows = await store.conflicts(filter);
    if (flags.json) return printJson(rows);
    if (rows.length === 0) return print(flags.all ? 'There was no conflict yet.' : 'No conflict is open.');
    for (const row of rows) {
      const link = await linkNumbered(store, row.profile, row.linkId);
      const key = link === null ? '' : `${link.keys.jira} <> ${link.keys.crm}`;
      for (const line of conflictLines(row, key, setup.ports.clock.now())) print(line);
    }
  } finally {
    await store.close();
  }
}

export function conflictLines(row: Conflict, key: string, now: number): string[] {
  const by = (side: 'jira' | 'crm') =>
    `${ago(row.changedAt[side], now)}${row.changedBy[side] ? ` by user ${clean(row.changedBy[side])}` : ''}`;
  const base = row.base === null ? 'never settled before' : `jira ${shown(row.base.jira)}, crm ${shown(row.base.crm)}`;
  const lines = [
    `${styled('bold', `#${row.id} ${row.profile} ${key}`)} ${row.field}: ${row.status}, ${row.outcome} (policy ${row.policy})`,
    `    jira: ${shown(row.values.jira)}, record changed ${by('jira')}`,
    `    crm:  ${shown(row.values.crm)}, record changed ${by('crm')}`,
    `    before: ${base}`,
  ];
  if (row.status === 'open')
    lines.push(`    Decide: jira-crm-sync conflicts resolve ${row.id} --take jira|crm|<value>`);
  return lines;
}

export async function resolve(id: number, flags: ConfigFlags & { take: string; json?: boolean }): Promise<void> {
  const setup = readSetup(flags);
  const { report, conflict } = await withEngine(
    setup,
    async (store, ask) => {
      const conflict = await store.conflict(id);
      if (conflict === null) throw new SyncError(`There is no conflict #${id}`, 'See: jira-crm-sync conflicts list');
      if (conflict.status !== 'open') {
        throw new SyncError(
          `Conflict #${id} is ${conflict.status} already (${conflict.outcome})`,
          'Nothing is left to decide.',
        );
      }
      const take: NonNullable<Conflict['take']> =
        flags.take === 'jira' || flags.take === 'crm'
          ? { side: flags.take }
          : { value: typedValue(flags.take, conflict.values.crm ?? conflict.base?.crm ?? null) };
      await store.decideConflict(id, take, setup.ports.clock.now());
      const link = await linkNumbered(store, conflict.profile, conflict.linkId);
      const key = { profile: conflict.profile, side: 'crm', id: link?.ids.crm };
      // A daemon that runs may have carried the decision out before it takes this command: what counts is the conflict.
      const report = (await ask({ kind: 'sync', args: { profile: conflict.profile, key } })) as Report;
      return { report, conflict: (await store.conflict(id)) ?? conflict };
    },
    true,
  );
  if (flags.json) printJson({ ...report, conflict });
  else {
    print(`Conflict #${id} on "${conflict.field}" is ${conflict.status} (${conflict.outcome}).`);
    for (const line of reportLines(report)) print(line);
  }
  const open = report.fields.some((field) => field.what !== 'in-step' && field.what !== 'written');
  process.exitCode = conflict.status === 'open' ? EXIT.failed : open ? EXIT.differs : EXIT.fine;
}
