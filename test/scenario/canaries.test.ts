// A secret stands in every place where the configuration has one, and the products repeat all of them in everything that
// they say about a failure. Whatever leaves the daemon is searched: the log, the figures, /status, `status`, the state.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InternalAxiosRequestConfig } from 'axios';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import { buildConnectors } from '../../src/daemon.ts';
import { createLog } from '../../src/log.ts';
import { silentLog, systemClock, systemRandom } from '../../src/ports.ts';
import { readinessOf, readStatus } from '../../src/work/status.ts';
import { type OpsDesk, openDesk } from '../support/ops-desk.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const folder = temporaryFolders();
const MINUTE = 60_000;
/** So much of a secret is enough to recognise it, also where a text was cut. */
const RECOGNISED = 10;

const SLOTS = {
  adminToken: 'canary-admin-5b1f0c9d7e42a836',
  secretsKey: 'canary-secrets-key-93d5e0b7c214f68a',
  oldWebhookSecret: 'canary-old-webhook-secret-7a61d9f0b3e8c524',
  database: 'postgres://sync:canary-database-1c7e4b@db.example/sync',
  redis: 'redis://:canary-redis-64f0b9d2@redis.example:6379/0',
};

let desk: OpsDesk | null = null;
afterEach(async () => {
  await desk?.world.stop();
  desk = null;
});

function secretsOf({ world }: OpsDesk): string[] {
  const { jira, bitrix24 } = world.sandbox;
  const { token, email, webhookSecret } = jira.product.credentials;
  const { applicationToken, webhook, clientSecret } = bitrix24.product.credentials;
  const code = new URL(webhook()).pathname.split('/').filter(Boolean).at(-1) ?? '';
  const basic = Buffer.from(`${email}:${token}`).toString('base64');
  // What is sent to Jira is known to Jira's connection alone, and to nobody else.
  return [basic, token, webhookSecret, applicationToken, code, clientSecret, ...Object.values(SLOTS)];
}

/** Everything that a person, a scraper or a thief of the state can read. */
async function outputsOf(open: OpsDesk, lines: readonly string[], state: string): Promise<Record<string, string>> {
  const { world } = open;
  const { store } = world;
  await open.figure('up');
  const status = await readStatus(store);
  const files = existsSync(state) ? readdirSync(state).map((name) => readFileSync(join(state, name), 'latin1')) : [];
  const rows = [await store.parked({}), await store.conflicts({}), await store.journal({ limit: 1_000 })];
  return {
    log: lines.join(''),
    figures: await world.metrics.text(),
    '/status': JSON.stringify(status),
    '/readyz': JSON.stringify(readinessOf(status)),
    status: await open.status(),
    rows: JSON.stringify([rows, await store.notes(), await store.links('procurement', 0, 100)]),
    reports: JSON.stringify(world.reports),
    state: files.join('\n'),
  };
}

function leaksIn(outputs: Readonly<Record<string, string>>, secrets: readonly string[]): string[] {
  return Object.entries(outputs).flatMap(([where, text]) =>
    secrets
      .filter((secret) =>
        [secret.slice(0, RECOGNISED + 8), secret.slice(-RECOGNISED)].some((part) => text.includes(part)),
      )
      .map((secret) => `${where} shows ${secret}`),
  );
}

async function begin() {
  const lines: string[] = [];
  const state = folder();
  const secrets: string[] = [];
  // The list is filled below: the secrets of the sandbox are known once it runs.
  const stream = { write: (line: string) => lines.push(createRedacted(secrets, line)) };
  const log = createLog({ level: 'debug', secrets: Object.values(SLOTS), stream });
  const open = await openDesk({ pairs: 3, stateFile: join(state, 'state.db'), secrets: Object.values(SLOTS), log });
  desk = open;
  secrets.push(...secretsOf(open));
  return { open, lines, state, secrets };
}

/** As `createLog` of the whole configuration does it. */
function createRedacted(secrets: readonly string[], line: string): string {
  const written: string[] = [];
  const log = createLog({ level: 'debug', secrets, stream: { write: (text: string) => written.push(text) } });
  log.info('line', { line });
  return written.join('');
}

const said = (secrets: readonly string[]) =>
  `the request carried ${secrets.join(' and ')}, Authorization: Bearer ${secrets[0]}, and that is refused`;

/** Long enough to be cut in the middle of a secret, at whatever place a cut is made. */
const cutSaid = (secrets: readonly string[]) => secrets.flatMap((secret) => Array(12).fill(secret)).join(' ');

describe('no secret shows when the products repeat them all', () => {
  it.each([
    ['400 with a reason', 400],
    ['401', 401],
    ['403', 403],
    ['404', 404],
    ['409', 409],
    ['422', 422],
    ['429', 429],
    ['500', 500],
    ['200 that is no JSON', 200],
    ['302', 302],
  ] as const)('in answers of status %s', async (_what, status) => {
    const { open, lines, state, secrets } = await begin();
    const { jira, bitrix24 } = open.world.sandbox;
    for (const tell of [said, cutSaid]) {
      const [text, theirs] = [tell(secrets), tell(secrets.slice(1))];
      const page = (shown: string) => `<html>${shown}</html>`;
      const body = status === 200 ? page(text) : { errorMessages: [text], errors: { summary: text } };
      const refusal = status === 200 ? page(theirs) : { error: `CODE ${theirs}`, error_description: theirs };
      const headers = status === 302 ? { Location: `https://elsewhere.example/?token=${secrets[0]}` } : {};
      jira.faults.replace([{ match: {}, kind: 'status', status, body, headers }]);
      bitrix24.faults.replace([{ match: {}, kind: 'status', status, body: refusal, headers }]);
      for (const [at, pair] of open.office.pairs.entries()) {
        open.office.editIssue(pair.jira, { duedate: `2027-01-1${at}` });
        open.office.editDeal(pair.crm, { opportunity: 9_000 + at });
      }
      // Not until it is quiet: what is refused by a limit is never done.
      await open.world.clock.runFor(5 * MINUTE);
    }
    const outputs = await outputsOf(open, lines, state);
    for (const [where, text] of Object.entries(outputs)) {
      if (where !== 'state') expect(text.length, where).toBeGreaterThan(2);
    }
    expect(leaksIn(outputs, secrets)).toEqual([]);
  });

  it('in refusals of single writes, inside answers that are good as a whole', async () => {
    const { open, lines, state, secrets } = await begin();
    const { bitrix24, jira } = open.world.sandbox;
    const method = 'crm.item.update';
    for (const text of [said(secrets.slice(1)), cutSaid(secrets.slice(1))]) {
      bitrix24.product.configure({ failures: [{ method, status: 400, error: 'BAD', description: text }] });
      for (const [at, pair] of open.office.pairs.entries()) {
        open.office.editIssue(pair.jira, { 'Customer note': `note ${at} ${text.length}` });
      }
      await open.world.run(MINUTE);
    }
    expect(await open.world.store.parked({})).not.toEqual([]);
    const failed = {
      status: 400,
      failedElementNumber: 0,
      elementErrors: { errorMessages: [said(secrets)], errors: {} },
    };
    const body = { issues: [], errors: [failed, { ...failed, failedElementNumber: 1 }] };
    jira.faults.replace([{ match: { path: '/issue/bulk' }, kind: 'status', status: 201, body, times: 1 }]);
    for (const title of ['Filters', 'Gaskets']) open.office.newDeal({ title, stage: 'Новая', opportunity: 5 });
    await open.world.run(MINUTE);
    const outputs = await outputsOf(open, lines, state);
    expect(outputs.rows).toContain('[secret]');
    expect(leaksIn(outputs, secrets)).toEqual([]);
  });

  it('because every connection is told of all secrets there are, also of those of others', async () => {
    const secret = 'canary-of-another-connection-52d0';
    const adapter = async (config: InternalAxiosRequestConfig) => {
      const data = JSON.stringify({ errorMessages: [`you sent ${secret}`] });
      return { status: 403, statusText: '', headers: {}, config, data };
    };
    const auth = { email: 'sync@nordhafen.example', token: 'canary-token-9b1c' };
    const jira = { type: 'jira', url: 'https://nordhafen.atlassian.example', auth };
    const config = { connections: { jira }, secrets: [secret], secretsKey: null } as unknown as Config;
    const ports = { clock: systemClock, random: systemRandom, log: silentLog, adapters: { jira: adapter } };
    const connector = buildConnectors(config, ports, null).get('jira');
    const failure = await connector?.identify({ lane: 'live' }).catch((error: unknown) => error);
    await connector?.close();
    expect(String(failure)).toContain('you sent [secret]');
  });

  it('would be found if one did', async () => {
    const { secrets } = await begin();
    const [secret = ''] = secrets;
    expect(leaksIn({ somewhere: `x${secret.slice(0, 18)}y` }, secrets)).toHaveLength(1);
    expect(leaksIn({ somewhere: 'nothing of that kind' }, secrets)).toEqual([]);
  });
});
