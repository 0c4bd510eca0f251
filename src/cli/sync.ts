// `sync`: one record now, with the reasons for each field.
import type { Report } from '../sync/report.ts';
import { withEngine } from './ask-engine.ts';
import { findRecord } from './find-record.ts';
import { EXIT, print, printJson } from './output.ts';
import { type ConfigFlags, readSetup } from './setup.ts';
import { reportLines } from './show-report.ts';

export async function syncOne(profile: string, record: string, flags: ConfigFlags & { json?: boolean }): Promise<void> {
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
