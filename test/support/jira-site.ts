// The sandbox's Jira site with three known issues, a client of the sync account, and a box for the webhooks it sends.
import { seededRandom } from '../../src/ports.ts';
import type { OutgoingWebhook } from '../../src/sandbox/http.ts';
import { createJiraSandbox, type JiraSandboxOptions } from '../../src/sandbox/jira/index.ts';
import type { SampleCompany, SampleRequest } from '../../src/sandbox/sample-company.ts';
import { sandboxRequest } from './sandbox-requests.ts';
import { createVirtualClock } from './virtual-clock.ts';

const NAMES = [
  ['ivanova', 'Irina Ivanova', 'i.ivanova'],
  ['petrov', 'Oleg Petrov', 'o.petrov'],
  ['smirnov', 'Павел Смирнов', 'p.smirnov'],
  ['sync', 'Sync Daemon', 'sync'],
] as const;

function sampleRequest(summary: string, more: Partial<SampleRequest>): SampleRequest {
  return {
    summary,
    description: '',
    budget: null,
    dueDate: null,
    distributor: null,
    labels: [],
    assignee: null,
    reporter: 'ivanova',
    priority: 'Medium',
    status: 'To Do',
    createdAt: Date.parse('2026-11-01T08:00:00Z'),
    ...more,
  };
}

const COMPANY: SampleCompany = {
  people: NAMES.map(([key, name, login]) => ({
    key,
    name,
    jiraEmail: `${login}@nordhafen.example`,
    crmEmail: `${login}@nordhafen.example`,
  })),
  distributors: ['Hydrotech', 'Rotor Trade', 'Уралнасос'],
  requests: [
    sampleRequest('40 shaft seals for line 3', {
      description: 'Needed in January',
      budget: 1200.5,
      dueDate: '2026-12-15',
      distributor: 'Hydrotech',
      labels: ['spring', 'crm'],
      assignee: 'petrov',
      priority: 'High',
    }),
    sampleRequest('Насос для цеха 2', {
      distributor: 'Уралнасос',
      labels: ['crm'],
      assignee: 'smirnov',
      status: 'In Progress',
      createdAt: Date.parse('2026-11-02T08:00:00Z'),
    }),
    sampleRequest('Spare impellers', {
      priority: 'Low',
      status: 'Done',
      createdAt: Date.parse('2026-11-03T08:00:00Z'),
    }),
  ],
  deals: [],
};

export const SITE = 'https://nordhafen.example';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked member by member
export type Loose = any;
export type Answered = { status: number; headers: Readonly<Record<string, string>>; json: Loose; text: string };

export function createJiraSite(options: Partial<Pick<JiraSandboxOptions, 'limits' | 'indexLagMs'>> = {}) {
  const clock = createVirtualClock(Date.parse('2026-11-20T13:00:00Z'));
  const sent: OutgoingWebhook[] = [];
  let receiver: () => number | null = () => 200;
  const sandbox = createJiraSandbox({
    clock,
    random: seededRandom(7),
    url: SITE,
    company: COMPANY,
    limits: options.limits ?? 'off',
    indexLagMs: options.indexLagMs ?? 0,
    webhooks: async (webhook) => {
      sent.push(webhook);
      const status = receiver();
      if (status === null) throw new Error('connection refused');
      return status;
    },
  });
  const { email, token } = sandbox.credentials;
  const basic = `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`;

  async function call(
    method: string,
    address: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answered> {
    const login = { authorization: basic, ...headers };
    const path = address.startsWith('/') ? address : `/rest/api/3/${address}`;
    const given = body === undefined ? { headers: login } : { body, headers: login };
    const response = await sandbox.handle(sandboxRequest(method, path, given));
    const text = String(response.body);
    return {
      status: response.status,
      headers: response.headers,
      json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null,
      text,
    };
  }

  const find = async (jql: string): Promise<string[]> => {
    const { json } = await call('POST', 'search/jql', { jql, fields: ['key'] });
    return json.issues ? json.issues.map((issue: { key: string }) => issue.key) : json;
  };

  return {
    clock,
    sandbox,
    sent,
    call,
    find,
    anonymous: (method: string, address: string) => call(method, address, undefined, { authorization: '' }),
    receive: (answer: () => number | null) => {
      receiver = answer;
    },
    /** Field of an issue as GET shows it. */
    field: async (key: string, field: string): Promise<Loose> => (await call('GET', `issue/${key}`)).json.fields[field],
    accountId: async (query: string): Promise<string> =>
      (await call('GET', `user/search?query=${encodeURIComponent(query)}`)).json[0].accountId,
  };
}

export const paragraph = (text: string) => ({
  type: 'doc',
  version: 1,
  content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
});
