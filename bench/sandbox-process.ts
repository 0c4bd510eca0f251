// The sandbox as a process of its own, with its records paired before anybody asks, and people who edit at a given rate.
import { type Clock, systemClock } from '../src/ports.ts';
import type { OutgoingWebhook, WebhookPort } from '../src/sandbox/http.ts';
import { type RunningSandbox, startSandbox } from '../src/sandbox/index.ts';
import { createHttpWebhookPort } from '../src/sandbox/webhook-port.ts';
import { FIRST_DEAL, FIRST_ISSUE, pairedCompany } from './paired-company.ts';
import type { Asked, DriveAsk, Driven, SandboxVerbs } from './sandbox-client.ts';
import { firstWrites } from './writes-in-log.ts';

const DAY = 24 * 3_600_000;
const TURN_MS = 4;
/** An edit that has not arrived so long after the last one is lost, and not late. */
const PATIENCE_MS = 120_000;
/** Seldom, so that the looking does not take the time of what is looked at. */
const LOOK_EVERY_MS = 500;

/** Records are older than any overlap of a sweep when the clock catches up with the present. */
let behind = DAY;
const clock: Clock = { ...systemClock, now: () => systemClock.now() - behind };

/** When the first webhook about a record left, by side and id. */
const left = new Map<string, number>();
const refused: number[] = [];

function recordIn({ body, headers }: OutgoingWebhook): string | null {
  if (Object.values(headers).some((value) => value.includes('json'))) {
    const id = (JSON.parse(body) as { issue?: { id?: string } }).issue?.id;
    return id === undefined ? null : `jira/${id}`;
  }
  const id = new URLSearchParams(body).get('data[FIELDS][ID]');
  return id === null ? null : `crm/${id}`;
}

function watched(port: WebhookPort): WebhookPort {
  return async (webhook) => {
    const record = recordIn(webhook);
    if (record !== null && !left.has(record)) left.set(record, clock.now());
    const status = await port(webhook);
    if (status >= 300) refused.push(status);
    return status;
  };
}

let sandbox: RunningSandbox;
let pairs = 0;
/** Edits never repeat a value. */
let edits = 0;

async function start(ask: Asked<'start'>) {
  pairs = ask.pairs;
  sandbox = await startSandbox({
    clock,
    limits: ask.limits,
    company: pairedCompany(pairs, clock.now() - DAY),
    webhooks: watched(createHttpWebhookPort(clock)),
    indexLagMs: 0,
  });
  const { jira, bitrix24 } = sandbox;
  const answer = await fetch(`${jira.url}/_edge/tenant_info`);
  const { cloudId } = (await answer.json()) as { cloudId: string };
  for (let at = 0; at < pairs; at += 1) {
    const [issue, deal] = [String(FIRST_ISSUE + at), String(FIRST_DEAL + at)];
    jira.product.edit({ op: 'update', in: 'BUY', id: issue, fields: { Urgent: 'No', 'Номер сделки': deal } });
    const fields = {
      'Ссылка на задачу': `${jira.url}/browse/BUY-${at + 1}`,
      originId: `issue-${issue}`,
      originatorId: `jira:${cloudId}`,
    };
    bitrix24.product.edit({ op: 'update', in: 'deal', id: deal, fields });
  }
  behind = 0;
  return sandbox.ready;
}

function editOne(at: number, side: 'jira' | 'crm'): string {
  edits += 1;
  const text = `Lot ${at} of the spring order, edit ${edits}`;
  if (side === 'jira') {
    const id = String(FIRST_ISSUE + at);
    sandbox.jira.product.edit({ op: 'update', in: 'BUY', id, user: 'Oleg Petrov', fields: { summary: text } });
    return `jira/${id}`;
  }
  const id = String(FIRST_DEAL + at);
  sandbox.bitrix24.product.edit({ op: 'update', in: 'deal', id, user: 'Anna Weber', fields: { title: text } });
  return `crm/${id}`;
}

/** Edits one pair after the other, by turns on both sides, and waits until all of their writes have come. */
async function drive({ perSecond, seconds, from, sides }: DriveAsk): Promise<Driven> {
  const begunAt = clock.now();
  const total = Math.round(perSecond * seconds);
  const edited: string[] = [];
  left.clear();
  while (edited.length < total) {
    const due = Math.min(total, ((clock.now() - begunAt) * perSecond) / 1000);
    while (edited.length < due) {
      const at = (from + edited.length) % pairs;
      edited.push(editOne(at, sides[edited.length % sides.length] ?? 'jira'));
    }
    await clock.sleep(TURN_MS);
  }
  const endedAt = clock.now();
  let missing = edited;
  const latencies: number[] = [];
  while (missing.length > 0 && clock.now() - endedAt < PATIENCE_MS) {
    await clock.sleep(LOOK_EVERY_MS);
    const written = firstWrites(sandbox.jira.log.list(begunAt), sandbox.bitrix24.log.list(begunAt));
    const open: string[] = [];
    for (const record of missing) {
      const sent = left.get(record);
      const at = written.get(partnerOf(record));
      if (sent === undefined || at === undefined) open.push(record);
      else latencies.push(at - sent);
    }
    missing = open;
  }
  return {
    edits: total,
    seconds: (endedAt - begunAt) / 1000,
    latencies,
    lost: missing,
    waited: (clock.now() - endedAt) / 1000,
    refused: refused.length,
  };
}

function partnerOf(record: string): string {
  const [side, id] = record.split('/');
  return side === 'jira'
    ? `crm/${Number(id) - FIRST_ISSUE + FIRST_DEAL}`
    : `jira/${Number(id) - FIRST_DEAL + FIRST_ISSUE}`;
}

const verbs: SandboxVerbs = {
  start,
  drive,
  async editAll({ side, from, to }) {
    for (let at = from; at < to; at += 1) editOne(at, side);
  },
  async sendWebhooksTo({ url }) {
    const { webhookSecret: secret } = sandbox.jira.product.credentials;
    sandbox.jira.product.configure({ webhooks: [{ url: `${url}/webhooks/jira`, secret }] });
    sandbox.bitrix24.product.configure({ webhooks: [{ url: `${url}/webhooks/bitrix24` }] });
  },
  async settings({ side, settings }) {
    (side === 'jira' ? sandbox.jira : sandbox.bitrix24).product.configure(settings);
  },
  async requests({ since }) {
    return { jira: [...sandbox.jira.log.list(since)], crm: [...sandbox.bitrix24.log.list(since)] };
  },
  async forgetRequests() {
    sandbox.jira.log.clear();
    sandbox.bitrix24.log.clear();
  },
  async issueVersions({ from, to }) {
    const { issues } = sandbox.jira.product.state() as {
      issues: { id: string; key: string; fields: { updated: string } }[];
    };
    return issues.slice(from, to).map(({ id, key, fields }) => ({ id, key, updated: fields.updated }));
  },
};

process.on('message', async ({ call, verb, ask }: { call: number; verb: keyof SandboxVerbs; ask: never }) => {
  try {
    process.send?.({ call, value: await verbs[verb](ask) });
  } catch (error) {
    process.send?.({ call, failed: error instanceof Error ? error.stack : String(error) });
  }
});
process.on('disconnect', () => process.exit(0));
