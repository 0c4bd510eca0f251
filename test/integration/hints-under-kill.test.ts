// G11: kill -9 while webhooks pour in. Whatever was answered with 2xx before is in the state that the kill left, and its
// change goes over without anybody telling of it again: no sweep is due, and the sandbox itself tells nothing.
import { createHmac, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import { openStore } from '../../src/state/open-store.ts';
import { type BusyDaemon, openBusyDaemon } from '../support/busy-daemon.ts';
import { byDepth, caseRange, chanceOf, reportGoal } from '../support/cases.ts';
import { type Playground, until } from '../support/real-processes.ts';
import { partners } from '../support/sandbox-control.ts';

const ISSUES = 60;
const EDITED = 12;
const CALLERS = 16;
const MOST_TOLD = 400;

let busy: BusyDaemon;
let playground: BusyDaemon['playground'];
let office: BusyDaemon['office'];
let port: BusyDaemon['port'];
beforeAll(async () => {
  busy = await openBusyDaemon({ issues: ISSUES, sweep: '6h' });
  ({ playground, office, port } = busy);
});
afterAll(() => busy?.close());

it('has on the disk what it has acknowledged', async () => {
  const began = performance.now();
  const { first, end } = caseRange(byDepth(20, 300));
  const pairs = await firstMatch();
  const titles = new Map<string, string>();
  let acknowledged = 0;
  const lost: string[] = [];
  for (let kill = first; kill < end; kill += 1) {
    const chance = chanceOf(kill);
    const edited = Array.from({ length: EDITED }, () => pairs[Math.floor(chance.next() * pairs.length)] as Pair);
    const life = await playground.daemon(office.env);
    for (const { key } of edited) {
      titles.set(key, `Told ${kill} of ${key}`);
      await edit(key, titles.get(key) as string);
    }
    // None of them is known yet, so that only these deliveries can bring it over.
    const told = await pourIn(edited, Math.ceil(chance.next() * MOST_TOLD), () => life.child.kill('SIGKILL'));
    await life.ended;
    acknowledged += told.size;
    const stored = storedDeliveries(playground);
    for (const id of told.keys()) if (!stored.has(`jira:${id}`)) lost.push(`kill ${kill}: delivery ${id}`);
    const heard = new Set(told.values());
    for (const { key, id } of edited) if (!heard.has(id)) titles.delete(key);
  }

  const last = await playground.daemon(office.env);
  const dealOf = new Map(pairs.map(({ key, deal }) => [key, deal]));
  const missing = async () => {
    const shown = new Map((await office.control.deals()).map(({ id, title }) => [String(id), title]));
    return [...titles].filter(([key, title]) => shown.get(dealOf.get(key) ?? '') !== title).map(([key]) => key);
  };
  await until('everything has arrived', async () => (await missing()).length === 0).catch(() => {});
  for (const key of await missing()) lost.push(`${key}: ${titles.get(key)}`);
  last.child.kill('SIGTERM');
  expect((await last.ended).code).toBe(0);
  reportGoal(
    {
      goal: 'G11',
      what: 'kill -9 while webhooks pour in: acknowledged, then lost',
      file: import.meta.url,
      reached: (cases) => `0 in ${cases} kills (${acknowledged} acknowledged)`,
    },
    {
      cases: end - first,
      ms: performance.now() - began,
      reached: lost.length === 0 ? null : `${lost.length}: ${lost[0]}`,
    },
  );
  expect(lost).toEqual([]);
  expect(acknowledged).toBeGreaterThan(end - first);
  expect(titles.size).toBeGreaterThan(0);
}, 1_800_000);

type Pair = { readonly key: string; readonly id: string; readonly deal: string };

/** Until all issues have their deals; afterwards the sandbox tells nothing any more. */
async function firstMatch(): Promise<readonly Pair[]> {
  const daemon = await playground.daemon(office.env);
  const store = await openStore('sqlite:data/state.db', playground.folder, { clock: systemClock });
  const settled = async () => {
    const { live, bulk } = (await store.counts('procurement')).dirty;
    return (await office.wrong(store)).problems.length === 0 && live + bulk === 0;
  };
  await until('all pairs are there', settled);
  await store.close();
  daemon.child.kill('SIGTERM');
  await daemon.ended;
  await office.control.settings('jira', { webhookMode: 'lost' });
  const issues = await office.control.issues();
  const idOf = new Map(issues.map(({ key, id }) => [key, id]));
  return [...partners(issues)].map(([deal, [key = '']]) => ({ key, id: idOf.get(key) ?? '', deal }));
}

async function edit(key: string, summary: string): Promise<void> {
  await office.control.edit('jira', { op: 'update', user: 'Oleg Petrov', in: 'BUY', id: key, fields: { summary } });
}

/** Signed deliveries about these issues, as fast as they are answered, until nobody answers: id -> issue where it got 2xx. */
async function pourIn(issues: readonly Pair[], enough: number, kill: () => void): Promise<ReadonlyMap<string, string>> {
  const told = new Map<string, string>();
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  let next = 0;
  const caller = async () => {
    for (;;) {
      const issue = issues[next % issues.length] as Pair;
      next += 1;
      const id = randomUUID();
      const status = await deliver(agent, issue.id, id);
      if (status === null) return;
      expect(status).toBe(200);
      told.set(id, issue.id);
      // The others are in the middle of theirs.
      if (told.size === enough) kill();
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  agent.destroy();
  return told;
}

/** The status; null when the daemon is gone. */
function deliver(agent: Agent, issue: string, id: string): Promise<number | null> {
  const body = JSON.stringify({ webhookEvent: 'jira:issue_updated', timestamp: Date.now(), issue: { id: issue } });
  const secret = office.env.JIRA_WEBHOOK_SECRET ?? '';
  const headers = {
    'content-type': 'application/json',
    'x-atlassian-webhook-identifier': id,
    'x-hub-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
  return new Promise((resolve) => {
    const target = { port, host: '127.0.0.1', path: '/webhooks/jira', method: 'POST', agent, headers };
    const sent = request(target, (answer) => {
      // The head has left the daemon: whatever becomes of it now, the vendor takes it as told.
      resolve(answer.statusCode ?? null);
      answer.resume();
      answer.once('error', () => {});
    });
    sent.once('error', () => resolve(null));
    sent.end(body);
  });
}

/** Read in a copy, so that the next start finds the files as the kill left them. */
function storedDeliveries({ folder }: Playground): ReadonlySet<string> {
  const copy = join(folder, 'copy');
  mkdirSync(copy, { recursive: true });
  for (const suffix of ['', '-wal']) {
    const file = join(folder, `data/state.db${suffix}`);
    if (existsSync(file)) copyFileSync(file, join(copy, `state.db${suffix}`));
  }
  const db = new DatabaseSync(join(copy, 'state.db'));
  try {
    return new Set(
      db
        .prepare('SELECT id FROM delivery')
        .all()
        .map(({ id }) => String(id)),
    );
  } finally {
    db.close();
  }
}
