// G18: whatever bytes arrive at the two listeners, the process stays, nothing is left unhandled, no answer is a 5xx but
// 503, and nobody waits. The handlers behind are the real ones, with a store and secrets that some senders know.
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receiveEvent } from '../../src/connectors/bitrix24/webhook.ts';
import { receive } from '../../src/connectors/jira/webhook.ts';
import { type Random, silentLog, systemClock } from '../../src/ports.ts';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import type { Store } from '../../src/state/store.ts';
import { createMetrics } from '../../src/triggers/metrics.ts';
import { type RunningServer, startAdminServer, startWebhookServer } from '../../src/triggers/server.ts';
import { createWebhookHandlers } from '../../src/triggers/webhooks.ts';
import { byDepth, caseRange, chanceOf, grouped, replayOf, reportGoal } from '../support/cases.ts';
import { below, damageBytes, damageJson, hostileText, maybe, pick, randomBytes } from '../support/hostile.ts';
import { slowness } from '../support/quick.ts';

const SECRET = 'nordhafen-webhook-secret-of-forty-letters';
const PROOF = { applicationToken: 'a70b9d3e5c1f4286bd90e4c7f1a2358b', memberId: '5d2f0c9a7be14c3f8a61d4e07b93c258' };
const ADMIN_TOKEN = 'a-long-admin-token';
const STALL_MS = 200;
/** What stalls once may be the machine, or a collection of garbage: a request that does is tried again alone, so often. */
const STALL_TRIES = 3;
/** Requests that are under way at once. */
const AT_ONCE = 48;
/** A connection on which nothing happens is given up; a good answer takes a hundredth of that. */
const GIVE_UP_MS = 120_000;

let store: Store;
let webhooks: RunningServer;
let admin: RunningServer;
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  store = openSqliteStore(':memory:');
  const shared = { clock: systemClock, log: silentLog, metrics: createMetrics() };
  const handlers = createWebhookHandlers({
    ...shared,
    connections: [
      { name: 'jira', side: 'jira', receive: (delivery) => receive(delivery, [SECRET]) },
      { name: 'bitrix24', side: 'crm', receive: (delivery) => receiveEvent(delivery, PROOF) },
    ],
    profilesFor: (connection) => [{ profile: 'procurement', side: connection === 'jira' ? 'jira' : 'crm' }],
    store,
    onHint: () => {},
  });
  // What never ends is cut off soon, so that it can be tried often.
  const limits = { headersMs: 400, requestMs: 600, checkMs: 50 };
  webhooks = await startWebhookServer({ listen: '127.0.0.1:0', handlers, limits });
  admin = await startAdminServer({
    ...shared,
    listen: '127.0.0.1:0',
    token: ADMIN_TOKEN,
    ready: async () => ({ ready: true, reasons: [] }),
    status: async () => ({ profiles: [] }),
    limits,
  });
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  await webhooks.close();
  await admin.close();
  await store.close();
});

const ISSUE = {
  timestamp: 1795179601000,
  webhookEvent: 'jira:issue_updated',
  issue: { id: '10401', key: 'BUY-1', fields: { summary: 'Насос', updated: '2026-11-20T14:03:21.417+0100' } },
  comment: { self: 'https://x/rest/api/2/issue/10401/comment/1' },
};

type Sent = { readonly body: Uint8Array; readonly headers: readonly string[] };

/** Signed by somebody who knows the secret, with a body that nobody would send. */
function signedBody(chance: Random): Sent {
  let json: unknown = ISSUE;
  for (let times = below(chance, 4); times > 0; times -= 1) json = damageJson(chance, json);
  let body: Uint8Array = Buffer.from(JSON.stringify(json) ?? '');
  if (maybe(chance, 0.2)) body = damageBytes(chance, body);
  const digest = createHmac('sha256', SECRET).update(body).digest('hex');
  const id = maybe(chance, 0.5) ? headerText(hostileText(chance)).slice(0, 300) : String(below(chance, 1_000));
  return {
    body,
    headers: [
      'Content-Type: application/json',
      `X-Hub-Signature: sha256=${digest}`,
      `X-Atlassian-Webhook-Identifier: ${id}`,
    ],
  };
}

/** With the right token, in PHP's brackets, and whatever else. */
function formBody(chance: Random): Sent {
  const form = new URLSearchParams({
    event: pick(chance, ['ONCRMDEALUPDATE', 'ONCRMDEALDELETE', hostileText(chance).slice(0, 100)]),
    'data[FIELDS][ID]': maybe(chance, 0.5) ? '742' : hostileText(chance).slice(0, 100),
    ts: maybe(chance, 0.5) ? '1794988951' : hostileText(chance).slice(0, 30),
    'auth[application_token]': PROOF.applicationToken,
    'auth[member_id]': PROOF.memberId,
  });
  const keys = ['__proto__', 'constructor', 'prototype', '', 'a', '0', '-1', '1e9', 'toString'];
  for (let more = below(chance, 12); more > 0; more -= 1) {
    let name = pick(chance, ['__proto__', 'constructor', 'data', 'auth', 'x', 'hasOwnProperty']);
    for (let depth = below(chance, 7); depth > 0; depth -= 1) name += `[${pick(chance, keys)}]`;
    form.append(name, hostileText(chance).slice(0, 50));
  }
  const body = Buffer.from(form.toString());
  return {
    body: maybe(chance, 0.2) ? damageBytes(chance, body) : body,
    headers: ['Content-Type: application/x-www-form-urlencoded'],
  };
}

/** What Node lets stand in a header; the rest is tried as raw bytes elsewhere. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

function lineBytes(lines: readonly string[], body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

const TARGETS = [
  '/webhooks/jira',
  '/webhooks/bitrix24',
  '/webhooks/none',
  '/status',
  '/metrics',
  '/',
  '*',
  '//',
  '/webhooks/',
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'CONNECT', 'PATCH', 'PRI', 'get', 'X', ''];

function whole(target: string, sent: Sent): Buffer {
  return lineBytes(
    [`POST ${target} HTTP/1.1`, 'Host: a', `Content-Length: ${sent.body.length}`, ...sent.headers],
    sent.body,
  );
}

/** One request as bytes; most are wrong in one way. */
function requestOf(chance: Random): Buffer {
  const target = pick(chance, TARGETS);
  const small = maybe(chance, 0.5) ? signedBody(chance) : formBody(chance);
  switch (below(chance, 14)) {
    case 0:
    case 1:
    case 2:
      return whole('/webhooks/jira', signedBody(chance));
    case 3:
    case 4:
      return whole('/webhooks/bitrix24', formBody(chance));
    case 5:
      return damageBytes(chance, whole(target, small));
    case 6: // A method, a target, a version of whatever kind.
      return lineBytes(
        [`${pick(chance, METHODS)} ${pick(chance, [target, hostileText(chance)])} HTTP/1.1`, 'Host: a'],
        Buffer.alloc(0),
      );
    case 7:
      return lineBytes(
        [`POST ${target} ${pick(chance, ['HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', 'http/1.1', ''])}`, 'Host: a'],
        small.body,
      );
    case 8: // Two opinions about where the body ends.
      return lineBytes(
        [
          `POST ${target} HTTP/1.1`,
          'Host: a',
          `Content-Length: ${pick(chance, ['0', '-1', '1e3', '99999999999999999999', '5, 6', ' 7', '0x10', '+2'])}`,
          ...(maybe(chance, 0.5)
            ? [`Transfer-Encoding: ${pick(chance, ['chunked', 'gzip, chunked', 'chunked, identity', 'x'])}`]
            : []),
          ...small.headers,
        ],
        small.body,
      );
    case 9: {
      const size = pick(chance, ['5', 'ffffffffffffffff', '-1', '0;x=1', 'g', '00000000000000005', '']);
      const body = Buffer.from(`${size}\r\nabcde\r\n${maybe(chance, 0.5) ? '0\r\n\r\n' : ''}`);
      return lineBytes([`POST ${target} HTTP/1.1`, 'Host: a', 'Transfer-Encoding: chunked', ...small.headers], body);
    }
    case 10: {
      const many = Array.from({ length: below(chance, 220) }, (_, at) => `x-${at}: ${'v'.repeat(below(chance, 120))}`);
      return lineBytes(
        [`POST ${target} HTTP/1.1`, 'Host: a', 'Content-Length: 2', ...many, ...small.headers],
        Buffer.from('{}'),
      );
    }
    case 11: {
      const odd = [
        `${hostileText(chance).slice(0, 200)}: x`,
        `x: ${hostileText(chance).slice(0, 200)}`,
        'Host: b',
        ' folded',
        ': x',
      ];
      return lineBytes(
        [`POST ${target} HTTP/1.1`, 'Host: a', 'Content-Length: 2', pick(chance, odd)],
        Buffer.from('{}'),
      );
    }
    case 12: {
      const token = pick(chance, [ADMIN_TOKEN, 'no', hostileText(chance).slice(0, 100)]);
      const wanted = pick(chance, ['/status', '/metrics', '/readyz', '/healthz', target]);
      return lineBytes(
        [`GET ${wanted} HTTP/1.1`, 'Host: a', `Authorization: Bearer ${headerText(token)}`],
        Buffer.alloc(0),
      );
    }
    default:
      return randomBytes(chance, 1 + below(chance, 300));
  }
}

type Outcome = { readonly statuses: readonly number[]; readonly broken: boolean; readonly sent: string };

/** Sends the bytes, says that no more come, and waits until the other end has closed. */
function exchange(port: number, bytes: Buffer): Promise<Outcome> {
  return new Promise((resolve) => {
    let answer = '';
    let broken = false;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(bytes));
    const timer = setTimeout(() => {
      broken = true;
      socket.destroy();
    }, GIVE_UP_MS);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    // A refusal may close before all bytes were sent: that is an answer too.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
      resolve({ statuses, broken, sent: bytes.toString('latin1').slice(0, 500) });
    });
  });
}

/** Tells of each time in which this thread worked for long without a look around; waiting for the processor is not work. */
function watchStalls(onStall: (ms: number) => void): { longest: () => number; stop: () => void } {
  let longest = 0;
  let [wall, cpu] = [performance.now(), process.threadCpuUsage()];
  const look = () => {
    const used = process.threadCpuUsage(cpu);
    const worked = Math.min(performance.now() - wall - 10, (used.user + used.system) / 1_000);
    longest = Math.max(longest, worked);
    if (worked > STALL_MS) onStall(worked);
    [wall, cpu] = [performance.now(), process.threadCpuUsage()];
  };
  const timer = setInterval(look, 10);
  return {
    longest: () => longest,
    stop() {
      look();
      clearInterval(timer);
    },
  };
}

function send(at: number): Promise<Outcome> {
  const chance = chanceOf(at);
  const server = maybe(chance, 0.85) ? webhooks : admin;
  return exchange(Number(new URL(server.url).port), requestOf(chance));
}

/** Whether a request stalls the thread each time, also when it is alone, and longer than a slow machine explains. */
async function stallsAlone(at: number): Promise<boolean> {
  for (let tries = 0; tries < STALL_TRIES; tries += 1) {
    const watch = watchStalls(() => {});
    await send(at);
    watch.stop();
    if (watch.longest() <= STALL_MS * slowness()) return false;
  }
  return true;
}

it('bad requests are answered with less than 500 or 503, at once, and leave the listeners as they were', async () => {
  const { first, end } = caseRange(byDepth(100_000, 1_000_000));
  const cases = end - first;
  const underWay = new Set<number>();
  /** Those that were under way when the thread stalled, or had just ended. */
  const suspects = new Set<number>();
  let ended: number[] = [];
  const stalls = watchStalls(() => {
    for (const at of [...underWay, ...ended]) suspects.add(at);
  });
  const forget = setInterval(() => {
    ended = [];
  }, 10);
  const began = performance.now();
  const bad: string[] = [];
  const seen = new Map<number, number>();
  let next = first;

  async function worker(): Promise<void> {
    while (next < end && bad.length === 0) {
      const at = next;
      next += 1;
      underWay.add(at);
      const outcome = await send(at);
      underWay.delete(at);
      ended.push(at);
      for (const status of outcome.statuses) seen.set(status, (seen.get(status) ?? 0) + 1);
      const wrong = outcome.statuses.some((status) => status >= 500 && status !== 503);
      if (!wrong && !outcome.broken) continue;
      bad.push(`case ${at} (${outcome.statuses.join(' ')}): ${outcome.sent}\n${replayOf(import.meta.url, at)}`);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  stalls.stop();
  clearInterval(forget);
  for (const at of suspects) {
    if (await stallsAlone(at)) bad.push(`case ${at} stalls the process each time\n${replayOf(import.meta.url, at)}`);
  }
  if (unhandled.length > 0) bad.push(`left unhandled: ${String(unhandled[0])}`);

  reportGoal(
    {
      goal: 'G18',
      what: 'bad HTTP requests',
      file: import.meta.url,
      reached: (count) => `0 of ${grouped(count)}; longest stall ${Math.round(stalls.longest())} ms`,
    },
    { cases, ms: performance.now() - began, reached: bad[0]?.split('\n')[0] ?? null },
  );
  expect(bad).toEqual([]);
  if (cases < 1_000) return;
  // Both ends of the range were met: what is right was taken, what is wrong was refused.
  for (const status of [200, 400, 401, 404, 415, 431])
    expect(seen.get(status), `answers ${status}`).toBeGreaterThan(20);
  expect(Object.keys(Object.prototype)).toEqual([]);

  const body = Buffer.from(JSON.stringify(ISSUE));
  const headers = {
    'content-type': 'application/json',
    'x-hub-signature': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
  };
  expect((await fetch(`${webhooks.url}/webhooks/jira`, { method: 'POST', body, headers })).status).toBe(200);
}, 1_800_000);
