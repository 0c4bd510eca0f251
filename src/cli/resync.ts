// `resync`: everything of a profile, with progress.
import type { Command } from 'commander';
import type { ResyncProgress } from '../work/commands.ts';
import { readStatus } from '../work/status.ts';
import { type Asked, withEngine } from './ask-engine.ts';
import { requireProfile } from './find-record.ts';
import { clean, EXIT, print, printJson } from './output.ts';
import { progressLines } from './progress.ts';
import { type ConfigFlags, readSetup, withConfig } from './setup.ts';

export function addResyncCommand(program: Command): void {
  withConfig(
    program
      .command('resync <profile>')
      .description('full reconciliation: reads both sides whole and settles every difference'),
  )
    .option('--force', 'look at every record, also those that show what they last showed')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Live edits go first: a resync never delays them. Exit code 2 when something is left for later.

Example:
  jira-crm-sync resync procurement`,
    )
    .action(resync);
}

async function resync(profile: string, flags: ConfigFlags & { force?: boolean; json?: boolean }): Promise<void> {
  const setup = readSetup(flags);
  const progress = progressLines(setup.ports.clock.now);
  const asked: Asked = { kind: 'resync', args: { profile, force: flags.force === true } };
  const { done, waitsFor } = await withEngine(setup, async (store, ask) => {
    await requireProfile(store, profile);
    const last = await ask(asked, (result) => flags.json || progress(result as ResyncProgress | null));
    const { connections } = await readStatus(store);
    const paused = Object.entries(connections).flatMap(([connection, health]) =>
      health.state === 'paused' ? [{ connection, reason: health.reason, cure: health.cure }] : [],
    );
    return { done: last as ResyncProgress, waitsFor: paused };
  });
  if (flags.json) printJson({ ...done, waitsFor });
  else {
    const { jira, crm } = done.seen;
    print(`${jira} issues and ${crm} CRM records read, ${done.marked} looked at, ${done.left} left for later.`);
    for (const { connection, reason, cure } of waitsFor) {
      print(`    Connection ${connection} is paused: ${clean(reason)}`);
      print(`    ${clean(cure)}`);
    }
    if (done.left > 0) print('    What is left goes on by itself; see jira-crm-sync status');
  }
  process.exitCode = done.left > 0 ? EXIT.differs : EXIT.fine;
}
