// `link`, `unlink` and `forget`: a person says what belongs together, what does not, and what must not be known any more.
import type { RecordKey, Store } from '../state/store.ts';
import type { Report } from '../sync/report.ts';
import { withEngine } from './ask-engine.ts';
import { findRecord } from './find-record.ts';
import { EXIT, print, printJson, UsageError } from './output.ts';
import { type ConfigFlags, readSetup } from './setup.ts';
import { reportLines } from './show-report.ts';

type Flags = ConfigFlags & { readonly json?: boolean };

export async function link(profile: string, jira: string, crm: string, flags: Flags): Promise<void> {
  const setup = readSetup(flags);
  const report = await withEngine(
    setup,
    async (store, ask) => {
      const ids = { jira: await idOn(store, profile, 'jira', jira), crm: await idOn(store, profile, 'crm', crm) };
      return (await ask({ kind: 'link', args: { profile, ids } })) as Report;
    },
    true,
  );
  show(report, flags);
  const unsettled = report.fields.some((field) => field.what !== 'in-step' && field.what !== 'written');
  process.exitCode = report.outcome === 'retry' ? EXIT.failed : unsettled ? EXIT.differs : EXIT.fine;
}

export async function unlink(profile: string, record: string, flags: Flags): Promise<void> {
  const setup = readSetup(flags);
  const report = await withEngine(
    setup,
    async (store, ask) => {
      const key = await findRecord(store, profile, record);
      return (await ask({ kind: 'unlink', args: { key } })) as Report;
    },
    true,
  );
  show(report, flags);
  process.exitCode = EXIT.fine;
}

export async function forget(profile: string, record: string, flags: Flags): Promise<void> {
  const setup = readSetup(flags);
  const report = await withEngine(
    setup,
    async (store, ask) => {
      const key = await findRecord(store, profile, record);
      return (await ask({ kind: 'forget', args: { key } })) as Report;
    },
    true,
  );
  show(report, flags);
  process.exitCode = EXIT.fine;
}

function show(report: Report, flags: Flags): void {
  if (flags.json) printJson(report);
  else for (const line of reportLines(report)) print(line);
}

/** A number may name a record on either side; here the place tells which is meant. */
async function idOn(store: Store, profile: string, side: RecordKey['side'], name: string): Promise<string> {
  const found = await findRecord(store, profile, name);
  if (found.side === side) return found.id;
  if (/^\d+$/.test(name)) return (await findRecord(store, profile, `${side}:${name}`)).id;
  throw new UsageError(`"${name}" is not on the ${side} side`, 'Write: link <profile> <jira record> <crm record>');
}
