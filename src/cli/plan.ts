// `plan`: what a sync would create, change and leave alone, per field; writes nothing.
import type { Command } from 'commander';
import type { Report } from '../sync/report.ts';
import type { NotedWrite } from '../work/dry-connector.ts';
import { dryRun } from './dry-run.ts';
import { findRecord } from './find-record.ts';
import { EXIT, print, printJson } from './output.ts';
import { type ConfigFlags, readSetup, withConfig } from './setup.ts';
import { heldLines, writeLines } from './show-plan.ts';
import { reportLines } from './show-report.ts';

type Flags = ConfigFlags & { readonly json?: boolean; readonly all?: boolean };

/** Enough to see what it is about; --all shows the rest. */
const SHOWN_WRITES = 40;

export function addPlanCommand(program: Command): void {
  withConfig(
    program.command('plan [profile] [record]').description('what a sync would do, field by field; writes nothing'),
  )
    .option('--all', `every write, not only the first ${SHOWN_WRITES}`)
    .option('--json', 'for machines, always all of it')
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

async function plan(profile: string | undefined, record: string | undefined, flags: Flags): Promise<void> {
  const setup = readSetup(flags);
  await dryRun(setup, { wanted: profile, quiet: flags.json === true }, async (run) => {
    for (const name of run.names) {
      if (record === undefined) await run.passOver(name, false);
      else {
        const key = await findRecord(run.store, name, record);
        const report = (await run.ask({ kind: 'sync', args: { profile: name, key } })) as Report;
        if (!flags.json) for (const line of reportLines(report)) print(line);
      }
    }
    const { writes, reports } = run;
    const counts = countWrites(writes);
    if (flags.json) printJson({ writes, counts, reports: reports.filter(isTelling) });
    else {
      const shown = flags.all ? writes : writes.slice(0, SHOWN_WRITES);
      const profiles = [...run.profiles.current().values()];
      for (const write of shown) for (const line of writeLines(write, profiles)) print(line);
      if (shown.length < writes.length) print(`... and ${writes.length - shown.length} more writes; --all shows them.`);
      if (record === undefined) for (const line of heldLines(reports)) print(line);
      const total = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
      print(total.length === 0 ? 'Nothing would be written.' : `Would be written: ${total.join(', ')}.`);
    }
    process.exitCode = writes.length > 0 ? EXIT.differs : EXIT.fine;
  });
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
