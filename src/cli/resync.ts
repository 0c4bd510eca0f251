// `resync`: everything of a profile, with progress.
import type { Command } from 'commander';
import type { ResyncProgress } from '../work/commands.ts';
import { type Asked, withEngine } from './ask-engine.ts';
import { EXIT, print, printJson } from './output.ts';
import { type ConfigFlags, readSetup, withConfig } from './setup.ts';

const FIRST_LINE_MS = 2_000;

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
Live edits go first: a resync never delays them.

Example:
  jira-crm-sync resync procurement`,
    )
    .action(resync);
}

async function resync(profile: string, flags: ConfigFlags & { force?: boolean; json?: boolean }): Promise<void> {
  const setup = readSetup(flags);
  const progress = progressLines(setup.ports.clock.now);
  const asked: Asked = { kind: 'resync', args: { profile, force: flags.force === true } };
  const done = await withEngine(setup, async (_store, ask) => {
    return (await ask(asked, (result) => flags.json || progress(result as ResyncProgress | null))) as ResyncProgress;
  });
  if (flags.json) printJson(done);
  else {
    const { jira, crm } = done.seen;
    print(`${jira} issues and ${crm} CRM records read, ${done.marked} looked at, ${done.left} left for later.`);
    if (done.left > 0) print('    What is left waits for a retry or a connection: jira-crm-sync status');
  }
  process.exitCode = done.left > 0 ? EXIT.differs : EXIT.fine;
}

/** A plain line at most every two seconds, with rate and time left once something can be said of them. */
export function progressLines(now: () => number): (progress: ResyncProgress | null) => void {
  const startedAt = now();
  let lastAt = startedAt;
  let workAt: { at: number; left: number } | null = null;
  return (progress) => {
    if (progress === null) return;
    if (progress.phase === 'working') workAt ??= { at: now(), left: progress.left };
    if (now() - lastAt < FIRST_LINE_MS) return;
    lastAt = now();
    if (progress.phase === 'reading') {
      const seen = progress.seen.jira + progress.seen.crm;
      print(`reading: ${seen} records, ${Math.round((seen * 1000) / (now() - startedAt))} a second`);
    } else if (workAt !== null) {
      const rate = (workAt.left - progress.left) / Math.max(1, now() - workAt.at);
      const eta = rate > 0 ? `, about ${Math.ceil(progress.left / rate / 1000)} s left` : '';
      print(`working: ${progress.left} of ${progress.marked || workAt.left} left${eta}`);
    }
  };
}
