// Sends signed webhooks at a given rate, from a process of its own, and tells how long each took to be answered.
import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { IntakeAsk, IntakeResult } from './measure-intake.ts';

const TURN_MS = 2;
const CONNECTIONS = 64;

function bodyOf({ id, key, updated }: IntakeAsk['issues'][number], bytes: number): Buffer {
  const event = {
    timestamp: Date.now(),
    webhookEvent: 'jira:issue_updated',
    issue_event_type_name: 'issue_generic',
    issue: { id, key, fields: { updated, summary: '' } },
  };
  const missing = bytes - Buffer.byteLength(JSON.stringify(event));
  event.issue.fields.summary = 'x'.repeat(Math.max(0, missing));
  return Buffer.from(JSON.stringify(event));
}

async function run(ask: IntakeAsk): Promise<IntakeResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const latencies: number[] = [];
  let refused = 0;

  function send(at: number, dueAt: number): Promise<void> {
    const issue = ask.issues[at % ask.issues.length];
    if (issue === undefined) throw new Error('no issues');
    const body = bodyOf(issue, ask.bytes);
    const signature = createHmac('sha256', ask.secret).update(body).digest('hex');
    return new Promise((resolve) => {
      const sent = request(ask.url, {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': body.length,
          'x-atlassian-webhook-identifier': randomUUID(),
          'x-hub-signature': `sha256=${signature}`,
        },
      });
      sent.on('response', (response) => {
        response.resume();
        response.once('end', () => {
          // Since it was due: what this process could not send in time is the receiver's doing.
          latencies.push(performance.now() - dueAt);
          if (response.statusCode === undefined || response.statusCode >= 300) refused += 1;
          resolve();
        });
      });
      sent.on('error', () => {
        refused += 1;
        resolve();
      });
      sent.end(body);
    });
  }

  const begunAt = performance.now();
  const total = Math.round(ask.perSecond * ask.seconds);
  const open: Promise<void>[] = [];
  while (open.length < total) {
    const due = Math.min(total, ((performance.now() - begunAt) * ask.perSecond) / 1000);
    while (open.length < due) open.push(send(open.length, begunAt + (open.length * 1000) / ask.perSecond));
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
  await Promise.all(open);
  agent.destroy();
  return { sent: total, seconds: (performance.now() - begunAt) / 1000, refused, latencies };
}

process.once('message', async (ask: IntakeAsk) => {
  process.send?.(await run(ask));
  process.disconnect?.();
});
