import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../support/sandbox-command.ts', import.meta.url));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(...args: string[]) {
  const child = spawn(process.execPath, [PROGRAM, 'sandbox', ...args], {
    env: { ...process.env, npm_lifecycle_event: '' },
  });
  children.push(child);
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return { child, ended, output };
}

async function firstLine(child: ChildProcess, output: { out: string; err: string }): Promise<string> {
  while (!output.out.includes('\n')) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${output.err}`);
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), once(child, 'close')]);
  }
  return output.out;
}

describe('the sandbox command', () => {
  it('prints one line of JSON, serves both products, and ends with 0 at a signal', async () => {
    const { child, ended, output } = start('--seed', '7', '--issues', '60', '--deals', '55');
    const ready = JSON.parse(await firstLine(child, output));
    expect(Object.keys(ready)).toEqual(['ready', 'jira', 'bitrix24', 'control']);
    expect(Object.keys(ready.jira)).toEqual(['url', 'email', 'token', 'webhookSecret']);
    expect(new Set(Object.keys(ready.bitrix24))).toEqual(
      new Set(['url', 'webhook', 'clientId', 'clientSecret', 'memberId', 'applicationToken']),
    );
    expect(ready.bitrix24.webhook.startsWith(`${ready.bitrix24.url}/rest/`)).toBe(true);
    expect(ready.bitrix24.webhook.endsWith('/')).toBe(true);

    const basic = Buffer.from(`${ready.jira.email}:${ready.jira.token}`).toString('base64');
    const jira = await fetch(`${ready.jira.url}/rest/api/3/myself`, { headers: { authorization: `Basic ${basic}` } });
    expect(jira.status).toBe(200);
    const crm = await fetch(`${ready.bitrix24.webhook}crm.item.list.json?entityTypeId=2&filter[categoryId]=9`);
    expect(await crm.json()).toMatchObject({ total: 55 });
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, out: `${JSON.stringify(ready)}\n`, err: '' });
  });
  it.each([
    [['--seed', 'x'], 'Give a whole number from 0 to 4294967295.'],
    [['--jira-port', '70000'], 'Give a whole number from 0 to 65535.'],
    [['--limits', 'some'], 'Allowed choices are real, off.'],
    [['--colour', 'red'], "unknown option '--colour'"],
  ])('answers %j with what to write, and exit code 64', async (args, text) => {
    const { code, err, out } = await start(...args).ended;
    expect([code, out]).toEqual([64, '']);
    expect(err).toContain(text);
  });
  it('says so when a port is taken', async () => {
    const first = start('--issues', '1', '--deals', '1');
    const ready = JSON.parse(await firstLine(first.child, first.output));
    const port = new URL(ready.jira.url).port;
    const { code, err } = await start('--jira-port', port, '--issues', '1', '--deals', '1').ended;
    expect([code, err]).toEqual([1, `Port ${port} is taken. Choose another one, or 0 for a free one.\n`]);
  });
  it('shows an example in its help', async () => {
    const { code, out } = await start('--help').ended;
    expect(code).toBe(0);
    expect(out).toContain('jira-crm-sync sandbox --jira-port 0');
  });
});
