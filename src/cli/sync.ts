// `sync`: one record now, with the reasons for each field.
import type { Command } from 'commander';
import type { Report } from '../sync/report.ts';
import { withEngine } from './ask-engine.ts';
import { findRecord } from './find-record.ts';
import { EXIT, print, printJson } from './output.ts';
import { type ConfigFlags, readSetup, withConfig } from './setup.ts';
import { reportLines } from './show-report.ts';

export function addSyncCommand(program: Command): void {
  withConfig(program.command('sync <profile> <record>').description('one record now, with the reasons for each field'))
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Exit code 2 when a field is in conflict or parked, 1 when it is tried again later.

Example:
  jira-crm-sync sync procurement BUY-12`,
    )
    .action(syncOne);
}

async function syncOne(profile: string, record: string, flags: ConfigFlags & { json?: boolean }): Promise<void> {
  const setup = readSetup(flags);
  const report = await withEngine(
    setup,
    async (store, ask) => {
      const key = await findRecord(store, profile, record);
      return (await ask({ kind: 'sync', args: { profile, key } })) as Report;
    },
    true,
  );
  if (flags.json) printJson(report);
  else for (const line of reportLines(report)) print(line);
  const unsettled = report.fields.some((field) => field.what !== 'in-step' && field.what !== 'written');
  process.exitCode = report.outcome === 'retry' ? EXIT.failed : unsettled ? EXIT.differs : EXIT.fine;
}
