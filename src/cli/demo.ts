// `demo`: the two sandboxes, a daemon with the sample profile, people who edit on both sides, and each change shown as
// it arrives on the other one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type Daemon, startDaemon } from '../daemon.ts';
import { SyncError } from '../errors.ts';
import { systemClock } from '../ports.ts';
import { type RunningSandbox, startSandbox } from '../sandbox/index.ts';
import { makeCompany } from '../sandbox/sample-data.ts';
import type { Link } from '../state/store.ts';
import type { Report } from '../sync/report.ts';
import { compareSandboxes } from './demo-check.ts';
import { demoCompany } from './demo-company.ts';
import { play, scenesFor, waitFor } from './demo-story.ts';
import { EXIT, print, printJson, styled } from './output.ts';
import { setupOf } from './setup.ts';
import { reportLines } from './show-report.ts';
import { untilStopped } from './until-stopped.ts';

const PROFILE = 'procurement';
const REQUESTS = 60;
const DEALS = 80;
const FIRST_START_MS = 120_000;
const CONFIG_DIR = fileURLToPath(new URL('../../config/', import.meta.url));

const CONFIG = `
connections:
  jira:
    type: jira
    url: "\${JIRA_URL}"
    auth: { email: "\${JIRA_EMAIL}", token: "\${JIRA_TOKEN}" }
    webhook-secret: "\${JIRA_WEBHOOK_SECRET}"
    insecure-http: true
  bitrix24:
    type: bitrix24
    url: "\${B24_URL}"
    auth: { webhook: "\${B24_WEBHOOK}" }
    application-token: "\${B24_APPLICATION_TOKEN}"
    member-id: "\${B24_MEMBER_ID}"
    plan: enterprise
    insecure-http: true
server:
  webhooks: { listen: "127.0.0.1:0" }
  admin: { listen: "127.0.0.1:0" }
users:
  by: email
  map: [ { jira: i.ivanova@nordhafen.example, crm: ivanova@nordhafen.example } ]
  fallback: { jira: sync@nordhafen.example, crm: sync@nordhafen.example }
profiles: examples/procurement.yaml
`;

type Flags = { readonly once?: boolean; readonly json?: boolean };

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('sandbox Jira and Bitrix24, a daemon between them, and people who edit on both sides')
    .option('--once', 'stop when both sides agree')
    .option('--json', 'print only one line of JSON at the end')
    .addHelpText(
      'after',
      `
Without --once it goes on: edit a record through the sandbox and watch it arrive on the other side.
Exit code 0 only when both sides agree.

Example:
  jira-crm-sync demo --once`,
    )
    .action(demo);
}

async function demo(flags: Flags): Promise<void> {
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

function demoSetup(sandbox: RunningSandbox, folder: string) {
  const { jira, bitrix24 } = sandbox.ready;
  const env = {
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_TOKEN: jira.token,
    JIRA_WEBHOOK_SECRET: jira.webhookSecret,
    B24_URL: bitrix24.url,
    B24_WEBHOOK: bitrix24.webhook,
    B24_APPLICATION_TOKEN: bitrix24.applicationToken,
    B24_MEMBER_ID: bitrix24.memberId,
  };
  const setup = setupOf(CONFIG, 'the demo', resolve(CONFIG_DIR), env, 'error', process.stderr);
  return { ...setup, workDir: folder };
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

function tellResult(
  result: { pairs: number; elapsedMs: number; changesShown: number; requests: { jira: number; crm: number } },
  differences: readonly string[],
): void {
  const { pairs, elapsedMs, requests } = result;
  print(
    `${pairs} pairs, compared field by field in the sandboxes themselves, ${(elapsedMs / 1000).toFixed(1)} s after the start;`,
  );
  print(`${requests.jira} requests to Jira and ${requests.crm} to Bitrix24 in all.`);
  if (differences.length === 0) print(styled('green', 'Both sides agree.'));
  else {
    print(styled('red', `Both sides differ in ${differences.length} places:`));
    for (const difference of differences.slice(0, 10)) print(`  ${difference}`);
  }
}

function tellHowToGoOn(sandbox: RunningSandbox, daemon: Daemon, say: (line?: string) => void): void {
  const { jira, bitrix24, control } = sandbox.ready;
  say('\nIt goes on until Ctrl-C. Change something yourself and watch it arrive here, for example:\n');
  const body = '{"op":"update","user":"Anna Weber","in":"deal","id":"7001","fields":{"Сумма":777000}}';
  say(`  curl -X POST ${bitrix24.url}/__sandbox/edit -H 'Authorization: Bearer ${control.token}' -d '${body}'\n`);
  say(`  Jira      ${jira.url}   user ${jira.email}, token ${jira.token}`);
  say(`  Bitrix24  ${bitrix24.webhook}`);
  say(`  Daemon    ${daemon.adminUrl}/status  /metrics  /readyz\n`);
}

function tellReport(report: Report, say: (line?: string) => void): void {
  if (['echo', 'unchanged', 'in-step'].includes(report.outcome)) return;
  for (const line of reportLines(report)) if (!line.includes(' in-step')) say(line);
}
