// The Jira connector in front of the sandbox's site, with every request it sends noted down; and one in front of
// answers that a test writes itself.
import type { AxiosAdapter } from 'axios';
import type { Connector } from '../../src/connectors/connector.ts';
import { createJiraConnector, type JiraOptions } from '../../src/connectors/jira/index.ts';
import type { Scope } from '../../src/model.ts';
import { seededRandom, silentLog } from '../../src/ports.ts';
import { createInProcessAdapter } from './in-process-adapter.ts';
import { createJiraSite, SITE } from './jira-site.ts';
import { createVirtualClock } from './virtual-clock.ts';

export const LIVE = { lane: 'live' } as const;
export const BULK = { lane: 'bulk' } as const;
export const TOKEN = 'ATATT3x-token-of-a-test';

// biome-ignore lint/suspicious/noExplicitAny: bodies are looked at member by member
export type SentRequest = { readonly line: string; readonly query: URLSearchParams; readonly body: any };

export function createJiraConnection(
  options: Parameters<typeof createJiraSite>[0] = {},
  more: Partial<JiraOptions> = {},
) {
  const site = createJiraSite(options);
  const { email, token, webhookSecret } = site.sandbox.credentials;
  const sent: SentRequest[] = [];
  const adapter = createInProcessAdapter((request) => {
    const text = Buffer.from(request.body).toString();
    const line = `${request.method} ${request.path.replace('/rest/api/3/', '')}`;
    sent.push({ line, query: request.query, body: text === '' ? null : JSON.parse(text) });
    return site.sandbox.handle(request);
  });
  const jira = createJiraConnector(
    { type: 'jira', url: SITE, auth: { email, token }, 'webhook-secret': webhookSecret, ...more },
    { connection: 'jira', clock: site.clock, random: seededRandom(3), log: silentLog, adapter },
  );

  /** Requests of one piece of work, as `METHOD path`. */
  async function counted<T>(work: () => Promise<T>): Promise<{ value: T; lines: string[]; requests: SentRequest[] }> {
    sent.length = 0;
    const value = await site.clock.until(work());
    return { value, lines: sent.map((request) => request.line), requests: [...sent] };
  }

  async function scopeOf(where?: string, type = 'Purchase request'): Promise<Scope> {
    const spec = { entity: 'issue', project: 'BUY', type, ...(where === undefined ? {} : { where }) };
    const { scope, problems } = await site.clock.until(jira.describe(spec, LIVE));
    if (!scope) throw new Error(problems.map((problem) => problem.message).join('; '));
    return scope;
  }

  return { ...site, jira, sent, counted, scopeOf };
}

export type Reply = { status?: number; headers?: Record<string, string>; body?: unknown } | Error;

/** Answers come from a function of what is asked and how often something was asked before. */
export function createScriptedJira(answer: (line: string, nth: number) => Reply) {
  const clock = createVirtualClock(Date.parse('2026-11-20T13:00:00Z'));
  const sent: { line: string; at: number }[] = [];
  const adapter: AxiosAdapter = async (config) => {
    const url = new URL(config.url ?? '');
    const line = `${config.method?.toUpperCase()} ${url.pathname.replace('/rest/api/3/', '')}`;
    sent.push({ line, at: clock.now() });
    const reply = answer(line, sent.length);
    if (reply instanceof Error) throw reply;
    const { status = 200, headers = {}, body = {} } = reply;
    const data = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    return { status, statusText: '', headers, data, config, request: {} };
  };
  const jira: Connector = createJiraConnector(
    { type: 'jira', url: SITE, auth: { email: 'sync@nordhafen.example', token: TOKEN } },
    { connection: 'jira', clock, random: seededRandom(3), log: silentLog, adapter },
  );
  return { clock, jira, sent };
}

/** A scope as `describe` makes it, for tests that have no site. */
export const SCRIPTED_SCOPE: Scope = {
  connection: 'jira',
  entity: 'issue',
  query: {
    project: '10000',
    projectKey: 'BUY',
    type: '10001',
    where: null,
    kinds: { summary: 'string', labels: 'labels', status: 'status', customfield_10031: 'number' },
  },
};

export function issueJson(id: string, fields: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  return {
    id,
    key: `BUY-${id}`,
    fields: {
      summary: 'Seals',
      labels: [],
      created: '2026-11-01T09:00:00.000+0100',
      updated: '2026-11-20T14:00:00.000+0100',
      project: { id: '10000' },
      issuetype: { id: '10001' },
      ...fields,
    },
    ...more,
  };
}
