// `plan`: what a sync would create, change and leave alone, per field; writes nothing.
import type { Report } from '../sync/report.ts';
import { dryRun } from './dry-run.ts';
import { findRecord } from './find-record.ts';
import { EXIT, print, printJson, UsageError } from './output.ts';
import { type ConfigFlags, readSetup } from './setup.ts';
import { billLine, billsOf } from './show-bill.ts';
import { heldLines, writeLines } from './show-plan.ts';
import { reportLines } from './show-report.ts';

type Flags = ConfigFlags & { readonly json?: boolean; readonly all?: boolean; readonly file?: string };

/** Enough to see what it is about; --all shows the rest. */
const SHOWN_WRITES = 40;

export async function plan(profile: string | undefined, record: string | undefined, flags: Flags): Promise<void> {
  if (flags.file !== undefined && profile !== undefined) {
    throw new UsageError('--file names its profile itself', 'Leave the name away: jira-crm-sync plan --file <draft>');
  }
  const setup = readSetup(flags);
  const { file: draft } = flags;
  await dryRun(setup, { wanted: profile, quiet: flags.json === true, draft }, async (run) => {
    for (const name of run.names) {
      if (record === undefined) await run.passOver(name, false);
      else {
        const key = await findRecord(run.store, name, record);
        const report = (await run.ask({ kind: 'sync', args: { profile: name, key } })) as Report;
        if (!flags.json) for (const line of reportLines(report)) print(line);
      }
    }
    const { writes, reports } = run;
    const bills = billsOf(writes, run.connectors);
    if (flags.json) printJson({ writes, bills, reports: reports.filter(isTelling) });
    else {
      const shown = flags.all ? writes : writes.slice(0, SHOWN_WRITES);
      const profiles = [...run.profiles.current().values()];
      for (const write of shown) for (const line of writeLines(write, profiles)) print(line);
      if (shown.length < writes.length) print(`... and ${writes.length - shown.length} more writes; --all shows them.`);
      if (record === undefined) for (const line of heldLines(reports)) print(line);
      print(bills.length === 0 ? 'Nothing would be written.' : 'Would be written:');
      for (const bill of bills) print(`    ${billLine(bill)}`);
    }
    process.exitCode = writes.length > 0 ? EXIT.differs : EXIT.fine;
  });
}

function isTelling(report: Report): boolean {
  return !['echo', 'unchanged', 'in-step'].includes(report.outcome);
}
