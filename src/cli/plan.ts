// `plan`: what a sync would create, change and leave alone, per field; writes nothing.
import type { Command } from 'commander';
import { SyncError } from '../errors.ts';
import type { Report } from '../sync/report.ts';
import type { NotedWrite } from '../work/dry-connector.ts';
import { dryRun } from './dry-run.ts';
import { findRecord } from './find-record.ts';
import { clean, EXIT, print, printJson, styled } from './output.ts';
import { type ConfigFlags, readSetup, withConfig } from './setup.ts';
import { pairName, reportLines, shown } from './show-report.ts';

export function addPlanCommand(program: Command): void {
  withConfig(
    program.command('plan [profile] [record]').description('what a sync would do, field by field; writes nothing'),
  )
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Exit code 2 when something would be written.

Examples:
  jira-crm-sync plan
  jira-crm-sync plan procurement BUY-12`,
    )
    .action(plan);
}

async function plan(
  profile: string | undefined,
  record: string | undefined,
  flags: ConfigFlags & { json?: boolean },
): Promise<void> {
  const setup = readSetup(flags);
  await dryRun(setup, async ({ store, profiles, writes, reports, ask }) => {
    for (const name of chosen(profiles, profile)) {
      if (record === undefined) await ask({ kind: 'resync', args: { profile: name, force: false } });
      else {
        const key = await findRecord(store, name, record);
        const report = (await ask({ kind: 'sync', args: { profile: name, key } })) as Report;
        if (!flags.json) for (const line of reportLines(report)) print(line);
      }
    }
    const counts = countWrites(writes);
    if (flags.json) printJson({ writes, counts, reports: reports.filter(isTelling) });
    else printPlan(writes, reports, counts);
    process.exitCode = writes.length > 0 ? EXIT.differs : EXIT.fine;
  });
}

export function chosen(profiles: readonly string[], wanted: string | undefined): readonly string[] {
  if (wanted === undefined) return profiles;
  if (profiles.includes(wanted)) return [wanted];
  throw new SyncError(`no profile "${wanted}" is loaded`, `Loaded: ${profiles.join(', ') || 'none'}`);
}

function isTelling(report: Report): boolean {
  return !['echo', 'unchanged', 'in-step'].includes(report.outcome);
}

function countWrites(writes: readonly NotedWrite[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { connection, action } of writes) {
    const name = `${connection} ${action}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function printPlan(writes: readonly NotedWrite[], reports: readonly Report[], counts: Record<string, number>): void {
  for (const write of writes) {
    print(styled('bold', `${write.action} ${write.entity} ${clean(write.key)} (${write.connection})`));
    for (const [field, value] of Object.entries(write.patch)) {
      const before = write.action === 'create' ? '' : `${shown(write.before[field] ?? null)} -> `;
      print(`    ${field.padEnd(24)} ${before}${shown(value)}`);
    }
  }
  const held = reports.filter((report) => ['waiting', 'parked', 'unmatched'].includes(report.outcome));
  for (const report of held) print(`${report.outcome}: ${pairName(report.keys)}: ${clean(report.why)}`);
  const total = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  print(total.length === 0 ? 'Nothing would be written.' : `Would be written: ${total.join(', ')}.`);
}
