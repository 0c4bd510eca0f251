// Jira Cloud as the suite sees it.
import type { SandboxRequest } from '../../../src/sandbox/http.ts';
import type { InProcessSandbox } from '../../../src/sandbox/index.ts';
import type { ProductBench, Sent } from './bench.ts';

const SPEC = { entity: 'issue', project: 'BUY', type: 'Purchase request' };
const API = '/rest/api/3/';

type IssueState = { readonly id: string; readonly fields: { project: { key: string }; issuetype: { name: string } } };

type IssueWrite = { readonly fields?: Record<string, unknown>; readonly update?: Record<string, unknown> };

function namesIn({ fields = {}, update = {} }: IssueWrite): string[] {
  return [...Object.keys(fields), ...Object.keys(update)].sort();
}

function sentOf(request: SandboxRequest): Pick<Sent, 'call' | 'reads' | 'writes'> {
  const call = `${request.method} ${request.path.replace(API, '')}`;
  const text = Buffer.from(request.body).toString();
  const body = text === '' ? {} : JSON.parse(text);
  if (call === 'POST issue/bulk') return { call, reads: [], writes: body.issueUpdates.map(namesIn) };
  if (call === 'POST issue' || /^PUT issue\/\d+$/.test(call)) return { call, reads: [], writes: [namesIn(body)] };
  if (/^POST issue\/\d+\/transitions$/.test(call)) return { call, reads: [], writes: [['status']] };
  const single = /^GET issue\/(\d+)$/.exec(call)?.[1];
  const reads = single === undefined ? (body.reconcileIssues ?? body.issueIdsOrKeys ?? []) : [single];
  return { call, reads: reads.map(String), writes: [] };
}

function credentials(sandbox: InProcessSandbox) {
  return sandbox.jira.product.credentials;
}

export const jiraBench: ProductBench = {
  side: 'jira',
  product: 'jira',
  spec: SPEC,
  lostSpec: { spec: { ...SPEC, type: 'Purchase reqest' }, path: ['type'], nearest: 'Purchase request' },
  fields: {
    text: { label: 'Summary', type: 'text' },
    note: { label: 'Customer note', type: 'text' },
    amount: { label: 'Budget', type: 'number' },
    date: { label: 'Due date', type: 'date' },
    instant: { label: 'Approved at', type: 'datetime' },
    choice: { label: 'Distributor', type: 'enum', options: ['Hydrotech', 'Уралнасос'] },
    tags: { label: 'Labels', type: 'set', items: 'text' },
    places: { label: 'Countries', type: 'set', items: 'enum', options: ['Germany', 'Россия'] },
    person: { label: 'Assignee', type: 'user' },
    status: { label: 'Status', type: 'status', options: ['To Do', 'In Progress', 'Done', "Won't do"] },
  },
  steps: { first: 'To Do', next: 'In Progress' },
  marker: { key: 'crm-deal-7405', tenant: 'portal-1' },
  webhookUrl: 'https://sync.example/webhooks/jira',
  options: (sandbox, more) => ({
    type: 'jira',
    url: sandbox.jira.url,
    auth: { email: credentials(sandbox).email, token: credentials(sandbox).token },
    'webhook-secret': credentials(sandbox).webhookSecret,
    ...more,
  }),
  siteOf: (sandbox) => sandbox.jira,
  secrets: (sandbox) => ({ shown: [credentials(sandbox).token, credentials(sandbox).webhookSecret], proof: null }),
  sentOf,
  amount: (text) => text,
  idsIn: (state) =>
    (state as { issues: IssueState[] }).issues
      .filter(({ fields }) => fields.project.key === 'BUY' && fields.issuetype.name === 'Purchase request')
      .map(({ id }) => id),
  place: () => ({ in: 'BUY', type: 'Purchase request' }),
  hide: (_id, key) => ({ hiddenIssues: [key] }),
  moveAway: (side, _id, key) => side.product.configure({ moveIssue: { issue: key, project: 'OPS' } }),
  refuseStep: { deny: ['transition'] },
  refuseWrites: { deny: ['create', 'edit'] },
  deadCredential: { revokeToken: true },
  markForeign: (side, id) => {
    side.product.edit({ op: 'update', in: 'BUY', id, fields: { Labels: ['crm-deal-31'] } });
  },
  forgeMark: (side, id, key) => {
    side.product.edit({ op: 'update', in: 'BUY', id, fields: { Labels: [key] } });
  },
  renameField: (label, to) => ({ renameField: { id: label, name: to } }),
  removeOption: (field, option) => ({ removeOption: { field, option } }),
  dropOption: (field) => ({ coerce: [{ field, drop: true }] }),
};
