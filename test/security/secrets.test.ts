// T7, T8, S23, G22: canaries in every slot that holds a secret, products that answer with whatever they were sent, and then
// a search through everything that leaves the daemon: errors, log lines, state file, status, reports.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog, describeError } from '../../src/log.ts';
import type { SandboxRequest, SandboxResponse } from '../../src/sandbox/http.ts';
import { readStatus } from '../../src/work/status.ts';
import { applicationBench } from '../contract/connector/application-bench.ts';
import { type Bench, BULK, LIVE, openBench, type ProductBench } from '../contract/connector/bench.ts';
import { bitrix24Bench } from '../contract/connector/bitrix24-bench.ts';
import { jiraBench } from '../contract/connector/jira-bench.ts';
import { reportGoal } from '../support/cases.ts';
import { createPair } from '../support/one-pair.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const folderOf = temporaryFolders();

/** Every spelling in which a secret could be read: as it is, encoded for addresses, for headers, backwards for luck. */
function spellings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64');
  return [secret, encodeURIComponent(secret), base64, base64.replace(/=+$/, ''), Buffer.from(secret).toString('hex')];
}

function found(text: string, secrets: readonly string[]): string[] {
  return secrets.flatMap(spellings).filter((form) => form.length >= 8 && text.includes(form));
}

/** Answers everything with the request itself, under a status, as a debugging proxy in between would. */
function echo(status: number, form: 'json' | 'html' | 'header'): (request: SandboxRequest) => Promise<SandboxResponse> {
  return async (request) => {
    const said = `${request.method} ${request.path}?${request.query} ${JSON.stringify(request.headers)} ${Buffer.from(request.body)}`;
    const json = {
      error: 'ECHO',
      error_description: said,
      errorMessages: [said],
      message: said,
      errors: { summary: said },
    };
    if (form === 'html') return { status, headers: { 'content-type': 'text/html' }, body: `<html>${said}</html>` };
    const headers = form === 'header' ? { location: `https://x.example/?${said}`, 'retry-after': said } : {};
    return { status, headers, body: JSON.stringify(json) };
  };
}

type Verb = (bench: Bench, connector: Bench['connector']) => Promise<unknown>;

const VERBS: Readonly<Record<string, Verb>> = {
  identify: (_, connector) => connector.identify(LIVE),
  people: (_, connector) => connector.people(LIVE),
  describe: (bench, connector) => connector.describe(bench.spec, LIVE),
  read: (bench, connector) => connector.read(bench.scope, bench.recordIds()[0] ?? '', bench.ids, LIVE),
  create: (bench, connector) =>
    connector.create(bench.scope, { [bench.id('text')]: 'New' }, bench.marker, bench.ids, LIVE),
  update: (bench, connector) =>
    connector.update(bench.scope, bench.recordIds()[0] ?? '', { [bench.id('text')]: 'New' }, {}, bench.ids, BULK),
  'find by key': (bench, connector) => connector.findByKey(bench.scope, bench.marker.key, bench.ids, LIVE),
};

const PRODUCTS: readonly [string, ProductBench][] = [
  ['Jira', jiraBench],
  ['Bitrix24', bitrix24Bench],
  ['a Bitrix24 application', applicationBench],
];

describe.each(PRODUCTS)('an answer of %s that repeats what it was sent', (name, product) => {
  it('shows no secret in any error or log line', async () => {
    const began = performance.now();
    const bench = await openBench(product, {}, { records: 2 });
    const { token, webhookSecret } = bench.sandbox.jira.product.credentials;
    const { webhook, clientSecret, applicationToken } = bench.sandbox.bitrix24.product.credentials;
    const code = new URL(webhook()).pathname.split('/')[3] ?? '';
    const secrets = [token, webhookSecret, code, clientSecret, applicationToken].filter((secret) => secret !== '');
    let cases = 0;
    for (const status of [200, 302, 400, 401, 403, 404, 409, 429, 500, 503]) {
      for (const form of ['json', 'html', 'header'] as const) {
        for (const [verb, run] of Object.entries(VERBS)) {
          const connector = bench.connect({}, echo(status, form));
          const outcome = await bench.until(run(bench, connector).catch((error: unknown) => error));
          const shown = JSON.stringify(describeError(outcome, false)) + String((outcome as Error)?.cause ?? '');
          const excerpt = JSON.stringify(
            outcome,
            Object.getOwnPropertyNames(Object(outcome)).filter((key) => key !== 'stack'),
          );
          expect(found(shown + excerpt, secrets), `${verb} ${status} ${form}`).toEqual([]);
          await connector.close();
          cases += 1;
        }
      }
    }
    expect(found(JSON.stringify(bench.logged), secrets)).toEqual([]);
    await bench.close();
    const proof = { goal: 'G22', what: `canaries in errors of ${name}`, file: import.meta.url };
    reportGoal(
      { ...proof, reached: (count) => `0 in ${count} errors` },
      { cases, ms: performance.now() - began, reached: null },
    );
  });
});

describe.each([
  ['two webhooks', false],
  ['a local application', true],
] as const)('a daemon with %s', (name, application) => {
  it('leaves no secret in its state, log, status or reports', async () => {
    const began = performance.now();
    const folder = folderOf();
    const stateFile = join(folder, 'state.db');
    let logged = '';
    // Without any secret to redact: what is written here is what would be written if redaction failed.
    const log = createLog({ level: 'debug', secrets: [], stream: { write: (line) => (logged += line) } });
    const pair = await createPair({ stateFile, log, application });
    const { world } = pair;
    const { token, webhookSecret } = world.sandbox.jira.product.credentials;
    const { webhook, clientSecret, applicationToken } = world.sandbox.bitrix24.product.credentials;
    const code = new URL(webhook()).pathname.split('/')[3] ?? '';
    const secrets = [token, webhookSecret, code, clientSecret, applicationToken];

    world.sandbox.jira.product.edit({ op: 'update', in: 'BUY', id: pair.issueId, fields: { Summary: 'One' } });
    await world.run(10_000);
    world.sandbox.jira.product.edit({ op: 'update', in: 'BUY', id: pair.issueId, fields: { Summary: 'Two' } });
    world.sandbox.bitrix24.product.edit({ op: 'update', in: 'deal', id: pair.dealId, fields: { Название: 'Three' } });
    for (const side of [world.sandbox.jira, world.sandbox.bitrix24]) {
      side.faults.replace([{ match: {}, kind: 'html' }]);
      await world.run(60_000);
      side.faults.replace([]);
      await world.run(600_000);
    }
    const told = JSON.stringify([
      await readStatus(world.store),
      await world.store.parked({}),
      await world.store.conflicts({}),
      await world.store.journal({ limit: 1_000 }),
      world.reports,
    ]);
    await pair.stop();
    const files = [stateFile, `${stateFile}-wal`, `${stateFile}-shm`].filter((file) => existsSync(file));
    const stored = files.map((file) => readFileSync(file, 'latin1')).join('');
    expect(stored.length).toBeGreaterThan(10_000);
    expect(logged).toContain('connection');
    for (const [where, text] of Object.entries({ stored, logged, told })) {
      expect([where, found(text, secrets)]).toEqual([where, []]);
      // An application's tokens are given at run time; none of them is known beforehand.
      expect(text).not.toMatch(/"(access|refresh)(_token)?":"[^"]{8,}/);
    }
    const proof = { goal: 'G22', what: `canaries left by a daemon with ${name}`, file: import.meta.url };
    const cases = secrets.length * 3;
    reportGoal({ ...proof, reached: () => '0 found' }, { cases, ms: performance.now() - began, reached: null });
  });
});
