// `connect` as a person runs it: before a daemon and beside one, against both products over real HTTP.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ready } from '../../src/sandbox/index.ts';
import { freePort } from '../support/free-port.ts';
import { createPlayground, until } from '../support/real-processes.ts';
import { type Control, createControl } from '../support/sandbox-control.ts';

type App = { readonly clientId: string; readonly clientSecret: string };

const playground = createPlayground();
let env: Readonly<Record<string, string>>;
let ready: Ready;
let control: Control;
let handler: string;

const SECRETS_KEY = 'f00d'.repeat(16);

beforeAll(async () => {
  ready = await playground.sandbox(6, 8);
  control = createControl(ready);
  const { clientId, clientSecret } = ready.bitrix24 as Ready['bitrix24'] & App;
  env = { ...playground.configure(ready), B24_CLIENT_SECRET: clientSecret, SECRETS_KEY };
  const port = await freePort();
  handler = `http://127.0.0.1:${port}/webhooks/bitrix24`;
  const text = readFileSync(join(playground.folder, 'config/sync.yaml'), 'utf8')
    .replace(/auth: \{ webhook: .*/, () => application(clientId))
    .replace(/ *application-token:.*\n/, '')
    .replace(
      'webhooks: { listen: "127.0.0.1:0" }',
      () => `webhooks: { listen: "127.0.0.1:${port}", public-url: "http://127.0.0.1:${port}" }`,
    );
  playground.write('config/sync.yaml', `${text}secrets-key: "\${SECRETS_KEY}"\n`);
  await control.settings('crm', { plan: 'enterprise' });
});
afterAll(() => playground.close());

function application(clientId: string): string {
  return `auth: { client-id: ${clientId}, client-secret: "\${B24_CLIENT_SECRET}", server: "\${B24_URL}" }`;
}

async function title(id: string): Promise<unknown> {
  return (await control.deals()).find((deal) => String(deal.id) === id)?.title;
}

describe('connect', () => {
  it('refuses an application without a key to encrypt its tokens with', async () => {
    const file = join(playground.folder, 'config/sync.yaml');
    const text = readFileSync(file, 'utf8');
    playground.write('config/sync.yaml', text.replace(/secrets-key.*\n/, ''));
    const { code, err } = await playground.run(env, 'connect', 'bitrix24');
    playground.write('config/sync.yaml', text);
    expect(code).toBe(78);
    expect(err).toContain('Add `secrets-key:');
  });

  it('names the connections there are', async () => {
    const { code, err } = await playground.run(env, 'connect', 'bitrix');
    expect(code).toBe(64);
    expect(err).toContain('jira, bitrix24');
  });

  it('waits for the installation, binds events and the queue, and sees a test event come back', async () => {
    const running = playground.start(['connect', 'bitrix24', '--wait', '20'], env);
    await until('it says what to enter', () => running.output.out.includes('Waiting for Bitrix24'));
    expect(running.output.out).toContain(`Path for the initial installation: ${handler}`);
    await control.settings('crm', { app: { installUrl: handler } });
    const { code, out, err } = await running.ended;
    expect(err).toBe('');
    expect(out).toContain('The application is installed');
    expect(out).toContain('made: ONCRMDEALUPDATE in the queue of jira-crm-sync');
    expect(out).toContain('A test event came back');
    expect(code).toBe(0);
  });

  it('keeps everything the second time', async () => {
    const { code, out } = await playground.run(env, 'connect', 'bitrix24', '--json');
    const { connected, steps } = JSON.parse(out) as { connected: boolean; steps: { what: string }[] };
    expect([code, connected]).toEqual([0, true]);
    expect(steps.filter(({ what }) => /^(made|repaired|removed):/.test(what))).toEqual([]);
    expect(steps.filter(({ what }) => what.startsWith('kept:')).length).toBeGreaterThan(5);
  });

  it('gives the daemon both ways of hearing, and repairs Jira’s webhook beside it', async () => {
    const daemon = await playground.daemon(env);
    const first = await playground.run(env, 'connect', 'jira');
    expect(first.out).toContain('made: webhook jira-crm-sync');
    expect(first.code).toBe(0);
    const pair = await until('a pair is there', async () => {
      const issue = (await control.issues()).find(({ fields }) => fields.customfield_10033);
      return issue && { key: issue.key, deal: String(issue.fields.customfield_10033) };
    });
    const edit = (summary: string) =>
      control.edit('jira', { op: 'update', user: 'Oleg Petrov', in: 'BUY', id: pair.key, fields: { summary } });
    await edit('Heard by webhook');
    await until('the deal has it', async () => (await title(pair.deal)) === 'Heard by webhook');
    await control.edit('crm', {
      op: 'update',
      user: 'Anna Weber',
      in: 'deal',
      id: pair.deal,
      fields: { title: 'Heard by event' },
    });
    await until(
      'the issue has it',
      async () => (await control.issues()).find(({ key }) => key === pair.key)?.fields.summary === 'Heard by event',
    );
    // Beside the daemon, with its tokens and on a copy of its state.
    const checked = await playground.run(env, 'check');
    expect([checked.code, checked.out.includes('Connection bitrix24 works as')]).toEqual([0, true]);
    for (const name of ['jira', 'bitrix24']) expect(checked.out).toContain(`Connection ${name} delivers to `);
    expect(checked.out).toMatch(/warning Connection jira has rights that no profile needs: .*\(DELETE_ISSUES\) in BUY/);
    const planned = await playground.run(env, 'plan');
    expect([planned.code, planned.err]).toEqual([0, '']);
    const { clientSecret } = ready.bitrix24 as Ready['bitrix24'] & App;
    for (const secret of [clientSecret, SECRETS_KEY, ready.bitrix24.applicationToken]) {
      expect(daemon.output.out.includes(secret) || daemon.output.err.includes(secret)).toBe(false);
      for (const file of readdirSync(join(playground.folder, 'data'))) {
        expect(readFileSync(join(playground.folder, 'data', file)).includes(secret), file).toBe(false);
      }
    }
  });
});
