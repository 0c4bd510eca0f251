// `demo`: the two sandboxes, a daemon with the sample profile, people who edit on both sides, and each change shown as
// it arrives on the other one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../daemon.ts';
import { SyncError } from '../errors.ts';
import { systemClock } from '../ports.ts';
import { type RunningSandbox, startSandbox } from '../sandbox/index.ts';
import { makeCompany } from '../sandbox/sample-data.ts';
import type { Link } from '../state/store.ts';
import type { Report } from '../sync/report.ts';
import { compareSandboxes } from './demo-check.ts';
import { demoCompany } from './demo-company.ts';
import { demoSetup } from './demo-setup.ts';
import { play, scenesFor, waitFor } from './demo-story.ts';
import { tellHowToGoOn, tellReport, tellResult } from './demo-tell.ts';
import { EXIT, print, printJson, styled } from './output.ts';
import { untilStopped } from './until-stopped.ts';

const PROFILE = 'procurement';
const REQUESTS = 60;
const DEALS = 80;
const FIRST_START_MS = 120_000;
type Flags = { readonly once?: boolean; readonly json?: boolean };

export async function demo(flags: Flags): Promise<void> {
  const say = flags.json ? () => {} : print;
  const clock = systemClock;
  const startedAt = clock.now();
  const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-demo-'));
  const stopped = untilStopped();
  const company = demoCompany(makeCompany({ seed: 1, issues: REQUESTS, deals: DEALS, now: clock.now() }));
  const sandbox = await startSandbox({ clock, company });
  const reports: Report[] = [];
  let onReport = (_report: Report): void => {};
  let daemon: Daemon | null = null;
  try {
    say(styled('bold', 'A Jira and a Bitrix24, both invented, both real HTTP:'));
    say(`  Jira      ${sandbox.jira.url}   ${REQUESTS} purchase requests in project BUY`);
    say(`  Bitrix24  ${sandbox.bitrix24.url}   ${DEALS} deals in pipeline "Закупки"`);
    say(`  Profile   config/examples/${PROFILE}.yaml says which field is which.\n`);
    daemon = await startDaemon({
      ...demoSetup(sandbox, folder),
      triggers: true,
      onReport: (report) => {
        reports.push(report);
        onReport(report);
      },
      onFatal: (error) => {
        throw error;
      },
    });
    tellWhereToSend(sandbox, daemon.webhooksUrl ?? '');
    await firstStart(daemon, sandbox, reports, say);
    const changesShown = await playScenes(daemon, sandbox, say);
    await quiet(daemon);
    const agreement = compareSandboxes(sandbox.jira.product.state(), sandbox.bitrix24.product.state());
    const elapsedMs = clock.now() - startedAt;
    const result = {
      pairs: agreement.pairs,
      created: count(reports, 'created'),
      updated: reports.filter((report) => report.outcome === 'written').length,
      changesShown,
      converged: agreement.differences.length === 0,
      elapsedMs,
      requests: { jira: sandbox.jira.log.list().length, crm: sandbox.bitrix24.log.list().length },
    };
    if (flags.json) printJson(result);
    else tellResult(result, agreement.differences);
    process.exitCode = result.converged ? EXIT.fine : EXIT.failed;
    if (flags.once) return;
    tellHowToGoOn(sandbox, daemon, say);
    onReport = (report) => tellReport(report, say);
    await stopped;
  } finally {
    await daemon?.stop();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What an admin does in the settings of both products. */
function tellWhereToSend(sandbox: RunningSandbox, webhooksUrl: string): void {
  const secret = sandbox.ready.jira.webhookSecret;
  sandbox.jira.product.configure({ webhooks: { url: `${webhooksUrl}/webhooks/jira`, secret } });
  sandbox.bitrix24.product.configure({ webhooks: { url: `${webhooksUrl}/webhooks/bitrix24` } });
}

async function firstStart(
  daemon: Daemon,
  sandbox: RunningSandbox,
  reports: readonly Report[],
  say: (line?: string) => void,
): Promise<void> {
  const { engine } = daemon;
  say('First both sides are read whole, so that nothing is created that exists already ...');
  const matched = await waitFor(systemClock, () => engine.sweeper.matched(PROFILE), FIRST_START_MS);
  if (matched === null)
    throw new SyncError('The first match pass did not end', 'Run again with the sandbox alone: sandbox');
  await quiet(daemon);
  const issues = reports.filter((one) => one.outcome === 'created' && one.why.startsWith('created BUY-')).length;
  say(
    `  ${count(reports, 'linked')} pairs found by equal titles, ${issues} issues and ${count(reports, 'created') - issues} deals created for what had no partner.`,
  );
  const waiting = await daemon.store.parked({ profile: PROFILE });
  const drafts = waiting.filter((row) => row.kind === 'waiting');
  if (drafts.length > 0)
    say(`  ${drafts.length} deals wait and say why, for example deal ${drafts[0]?.id}: ${drafts[0]?.reason}`);
  for (const row of waiting) if (row.kind !== 'waiting') say(`  ${row.side} ${row.id} ${row.field}: ${row.reason}`);
  say(
    `  So far ${sandbox.jira.log.list().length} requests to Jira, ${sandbox.bitrix24.log.list().length} to Bitrix24.\n`,
  );
}

async function playScenes(daemon: Daemon, sandbox: RunningSandbox, say: (line?: string) => void): Promise<number> {
  let changesShown = 0;
  for (const scene of scenesFor(sandbox, await openPairs(daemon, sandbox))) {
    for (const line of scene.says) say(line);
    const { shown, missing } = await play(scene, sandbox, systemClock);
    for (const { says, afterMs } of shown) say(styled('green', `  -> ${says}, ${(afterMs / 1000).toFixed(2)} s later`));
    for (const says of missing) say(styled('red', `  -> not seen: ${says}`));
    changesShown += shown.length;
    if (scene.arrives.length === 0) changesShown += await decideConflict(daemon, say);
    say();
  }
  return changesShown;
}

/** Pairs whose issue has not been started, so that every scene has something to change. */
async function openPairs(daemon: Daemon, sandbox: RunningSandbox): Promise<[Link, Link, Link]> {
  const { issues } = sandbox.jira.product.state() as { issues: { id: string; fields: { status: { name: string } } }[] };
  const open = new Set(issues.filter((issue) => issue.fields.status.name === 'To Do').map((issue) => issue.id));
  const links = await daemon.store.links(PROFILE, 0, 1_000);
  const [first, second, third] = links.filter((link) => link.state === 'active' && open.has(link.ids.jira));
  if (first === undefined || second === undefined || third === undefined) {
    throw new SyncError('The demo found no open pairs to edit', 'This is a bug: please report it');
  }
  return [first, second, third];
}

async function decideConflict(daemon: Daemon, say: (line?: string) => void): Promise<number> {
  const { store } = daemon;
  const held = await waitFor(systemClock, async () => (await store.conflicts({ status: 'open' })).length > 0);
  const conflict = (await store.conflicts({ status: 'open' }))[0];
  if (held === null || conflict === undefined) {
    say(styled('red', '  -> not seen: the conflict'));
    return 0;
  }
  say(
    styled(
      'yellow',
      `  -> conflict #${conflict.id} on "${conflict.field}" is held with both values, ${(held / 1000).toFixed(2)} s later`,
    ),
  );
  say(`Somebody decides: conflicts resolve ${conflict.id} --take crm`);
  await store.decideConflict(conflict.id, { side: 'crm' }, systemClock.now());
  daemon.engine.ring();
  const settled = await waitFor(systemClock, async () => (await store.conflict(conflict.id))?.status === 'settled');
  say(
    settled === null
      ? styled('red', '  -> not settled')
      : styled('green', '  -> Jira shows the name from Bitrix24, the conflict is settled'),
  );
  return settled === null ? 0 : 1;
}

/** Nothing is due and nothing runs, for half a second: webhooks of the last writes are in by then. */
async function quiet(daemon: Daemon): Promise<void> {
  let since = systemClock.now();
  await waitFor(
    systemClock,
    async () => {
      const { dirty } = await daemon.store.counts(PROFILE);
      if (dirty.live + dirty.bulk + daemon.engine.running() > 0) since = systemClock.now();
      return systemClock.now() - since > 500;
    },
    FIRST_START_MS,
  );
}

function count(reports: readonly Report[], outcome: Report['outcome']): number {
  return reports.filter((report) => report.outcome === outcome).length;
}
