// T12: two thousand callers who send a byte now and then, while others work. The daemon is a process of its own; the good
// callers keep their pace, and the slow ones are cut off by the clock.
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Ready } from '../../src/sandbox/index.ts';
import { reportGoal } from '../support/cases.ts';
import { createPlayground, type Daemon } from '../support/real-processes.ts';

const SLOW = 2_000;
const PER_SECOND = 200;
const SECONDS = 6;
const P99_MS = 250;
/** Another program on the same machine may take the processor; a daemon that is slow is slow each time. */
const TRIES = 3;

const playground = createPlayground();
let ready: Ready;
let daemon: Daemon;
beforeAll(async () => {
  ready = await playground.sandbox(2, 2);
  daemon = await playground.daemon(playground.configure(ready));
}, 180_000);
afterAll(() => playground.close());

const BODY = Buffer.from(JSON.stringify({ webhookEvent: 'jira:version_released', version: { id: '1' } }));

/** Says the beginning of a request, and then a byte a second for ever. */
function slowCaller(port: number, at: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const beginning = [
    'POST /webhooks/jira HTTP/1.1\r\nHost: a\r\nX-A: ',
    'POST /webhooks/jira HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    'POST /webhooks/jira HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n{',
    '',
  ][at % 4] as string;
  socket.once('connect', () => socket.write(beginning === '' ? 'P' : beginning));
  const timer = setInterval(() => socket.writable && socket.write('a'), 1_000 + (at % 500));
  socket.once('close', () => clearInterval(timer));
  return socket;
}

function post(port: number, agent: Agent): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    'content-length': BODY.length,
    'x-hub-signature': `sha256=${createHmac('sha256', ready.jira.webhookSecret).update(BODY).digest('hex')}`,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      { port, host: '127.0.0.1', path: '/webhooks/jira', method: 'POST', agent, headers },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.once('error', reject);
    sent.end(BODY);
  });
}

/** Sends at an even pace, whatever the answers do, and answers how long each took. */
async function goodTraffic(port: number): Promise<{ p99: number; statuses: Map<number, number> }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const times: number[] = [];
  const statuses = new Map<number, number>();
  const pending: Promise<void>[] = [];
  const began = performance.now();
  for (let sent = 0; sent < PER_SECOND * SECONDS; ) {
    const due = Math.min(PER_SECOND * SECONDS, Math.ceil(((performance.now() - began) / 1_000) * PER_SECOND));
    for (; sent < due; sent += 1) {
      const from = performance.now();
      const one = post(port, agent).then((status) => {
        times.push(performance.now() - from);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      });
      pending.push(one);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(pending);
  agent.destroy();
  times.sort((a, b) => a - b);
  return { p99: times[Math.floor(times.length * 0.99)] ?? Number.POSITIVE_INFINITY, statuses };
}

it('2,000 slow callers take nothing from 200 good requests a second, and are cut off', async () => {
  const began = performance.now();
  const port = Number(new URL(daemon.webhooks).port);
  const slow = Array.from({ length: SLOW }, (_, at) => slowCaller(port, at));
  const cutOff = Promise.all(
    slow.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
  );
  await Promise.all(
    slow.map((socket) => socket.connecting && new Promise<void>((resolve) => socket.once('connect', () => resolve()))),
  );
  const measured: number[] = [];
  for (let tried = 0; tried < TRIES && !measured.some((p99) => p99 < P99_MS); tried += 1) {
    const { p99, statuses } = await goodTraffic(port);
    expect([...statuses]).toEqual([[200, PER_SECOND * SECONDS]]);
    measured.push(p99);
  }
  const best = Math.min(...measured);
  // Headers have 10 seconds, a request 15, and connections are looked at every second.
  await cutOff;
  expect(performance.now() - began).toBeLessThan(90_000);
  expect(daemon.child.exitCode).toBeNull();
  reportGoal(
    {
      goal: 'T12',
      what: '200 rps beside 2,000 slow sockets',
      file: import.meta.url,
      reached: () => `p99 ${Math.round(best)} ms`,
    },
    {
      cases: PER_SECOND * SECONDS * measured.length,
      ms: performance.now() - began,
      reached: best < P99_MS ? null : `p99 ${Math.round(best)} ms`,
    },
  );
  expect(best).toBeLessThan(P99_MS);
}, 300_000);
