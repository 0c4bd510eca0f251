// What a person meets when something is wrong: a message with the next step, the right exit code, no stack, no waiting
// for ever.
import { connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ready } from '../../src/sandbox/index.ts';
import { createPlayground, logged, until } from '../support/real-processes.ts';
import { createControl } from '../support/sandbox-control.ts';

const playground = createPlayground();
let ready: Ready;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  ready = await playground.sandbox(5, 5);
  env = playground.configure(ready);
});
afterAll(() => playground.close());

const TEN_MISTAKES = `name: Procurement
jira:
  connection: jira
  entity: issue
  project: BUI
  type: Purchase request
crm:
  connection: bitrix24
  entity: deal
  where: { category: Закупка }
conflict: hold it
comments: both
sweep: { every: 5 minutes }
sync-when: crm.stag != "Черновик"
create: { crm: true, jira: { when: 'crm.opportunity > 5' } }
fields:
  - { jira: summary, crm: Назвние }
  - { jira: Budget, crm: opportunity, as: mony }
  - { jira: duedate, crm: closedate, direction: to-crn }
  - { jira: status, crm: stage, vals: { To Do: Новая } }
`;

describe('check', () => {
  it('shows all ten mistakes of a profile with places and cures, and exits with 78', async () => {
    playground.write('mistakes.yaml', TEN_MISTAKES);
    const { code, out, err } = await playground.run(env, 'check', 'mistakes.yaml');
    expect([code, err]).toEqual([78, '']);
    const lines = out.split('\n');
    const problems = lines.flatMap((line, at) => (/^problem mistakes\.yaml:\d+:\d+ {2}\S/.test(line) ? [at] : []));
    expect(problems).toHaveLength(10);
    for (const at of problems) expect(lines[at + 1]).toMatch(/^ {12}\S/);
    expect(out).toContain('10 problems in the profiles.');
  });

  it('says what is wrong with a configuration, and exits with 78', async () => {
    const { JIRA_TOKEN: _, ...without } = env;
    const unset = await playground.run(without, 'check');
    expect(unset).toMatchObject({ code: 78, out: '' });
    expect(unset.err).toContain('config/sync.yaml:6:');
    expect(unset.err).toContain('export JIRA_TOKEN=');
    const missing = await playground.run(env, 'check', '--config', 'nowhere.yaml');
    expect(missing).toMatchObject({ code: 78, out: '' });
    expect(missing.err).toContain('config/sync.example.yaml');
  });
});

describe('a token that is not accepted', () => {
  const wrong = () => ({ ...env, JIRA_TOKEN: 'ATATTwrongwrongwrong' });

  it('is what plan and resync say, at once, with the next step', async () => {
    for (const args of [['plan'], ['resync', 'procurement']]) {
      const { code, out, err } = await playground.run(wrong(), ...args);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(/API token/);
      expect(err).toMatch(/Make a new API token/);
      expect(err).not.toMatch(/\n +at /);
    }
  });

  it('does not keep the daemon from starting: it says what it waits for', async () => {
    const daemon = await playground.daemon(wrong());
    const readiness = await fetch(`${daemon.admin}/readyz`);
    expect(readiness.status).toBe(503);
    expect(await readiness.text()).toMatch(/API token/);
    expect(logged(daemon, 'profiles wait for a connection')).toMatchObject({ reason: expect.stringMatching(/token/) });
    const { code, out } = await playground.run(wrong(), 'status');
    expect(code).toBe(1);
    expect(out).toMatch(/Profiles wait for a connection/);
    daemon.child.kill('SIGTERM');
    expect((await daemon.ended).code).toBe(0);
  });
});

describe('a Jira that does not answer when the daemon starts', () => {
  it('loses no event of the other side, and goes on by itself when Jira is there', async () => {
    const gate = createServer();
    const port = await listen(gate, 0);
    await new Promise((resolve) => gate.close(resolve));
    const control = createControl(ready);
    const cut = playground.configure(ready, { jiraUrl: `http://127.0.0.1:${port}`, state: 'data/late.db' });
    const daemon = await playground.daemon(cut);
    await control.sendWebhooksTo(daemon.webhooks);
    const fields = { title: 'While Jira was away', categoryId: 9, stageId: 'Новая' };
    const { id } = await control.edit('crm', { op: 'create', user: 'Anna Weber', in: 'deal', fields });

    const open = createServer((socket) => {
      const far = connect(Number(new URL(ready.jira.url).port), '127.0.0.1');
      socket.on('error', () => far.destroy()).pipe(far);
      far.on('error', () => socket.destroy()).pipe(socket);
    });
    await listen(open, port);
    await until('the deal has its issue', async () => {
      return (await control.issues()).some((issue) => issue.fields.summary === fields.title);
    });
    expect((await fetch(`${daemon.admin}/readyz`)).status).toBe(200);
    const explained = await playground.run(cut, 'explain', 'procurement', id, '--json');
    expect(JSON.parse(explained.out)).toMatchObject({ link: { ids: { crm: id } } });
    daemon.child.kill('SIGTERM');
    await daemon.ended;
    open.close();
  });
});

describe('a daemon that dies under a command', () => {
  it('ends the command with a message, and the next start does not carry it on', async () => {
    playground.configure(ready, { state: 'data/dies.db' });
    const daemon = await playground.daemon(env);
    await createControl(ready).faults('jira', [{ match: { path: '/rest/api/3/search' }, kind: 'delay', ms: 4_000 }]);
    const command = playground.start(['resync', 'procurement', '--force'], env);
    await until('the command is under way', () => logged(daemon, 'command begins'));
    daemon.child.kill('SIGKILL');
    const { code, out, err } = await command.ended;
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^The daemon was stopped while it worked on this\n {4}Run it again/);
    await createControl(ready).faults('jira', []);
  });
});

describe('places that cannot be used', () => {
  it('are named with what to do', async () => {
    const taken = createServer();
    const port = await listen(taken, 0);
    playground.configure(ready, { admin: `127.0.0.1:${port}`, state: 'data/taken.db' });
    const listening = await playground.run(env, 'run');
    expect(listening.code).toBe(1);
    expect(listening.err).toBe(
      `cannot listen on 127.0.0.1:${port}\n    Free the port, or choose another one in server: of the configuration.\n`,
    );
    taken.close();

    playground.configure(ready, { state: 'config/sync.yaml/state.db' });
    const { code, err } = await playground.run(env, 'run');
    expect(code).toBe(1);
    expect(err).toMatch(/sync\.yaml\/state\.db.*\n {4}Make .*writable/);
  });
});

/** Answers the port. */
async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}
