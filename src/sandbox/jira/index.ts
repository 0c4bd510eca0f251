// The Jira Cloud site of the sandbox: one object that answers requests, lets people edit, and calls webhooks.

import type { Clock, Random } from '../../ports.ts';
import type { Product, SandboxEdit, SandboxRequest, SandboxResponse, WebhookPort } from '../http.ts';
import type { SampleCompany } from '../sample-company.ts';
import { type Answer, JiraRefusal, problem } from './answer.ts';
import { logIn, unauthorized } from './auth.ts';
import { historyJson } from './changelog.ts';
import { configureSite } from './configure.ts';
import { createJiraLimits } from './limits.ts';
import { editAsPerson } from './person-edit.ts';
import { fullUserJson, issueFields, type Json } from './render.ts';
import { matchRoute } from './router.ts';
import { siteFields } from './schema.ts';
import { peopleOf, seedSite } from './seed.ts';
import { defaultSettings } from './settings.ts';
import { createWebhooks } from './webhooks.ts';
import { createCounter, type IssueData, lookUpIssue, type World } from './world.ts';

export type JiraSandboxOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** Base of `self` links; a function when it is known late. */
  readonly url: string | (() => string);
  readonly company: SampleCompany;
  readonly limits: 'real' | 'off';
  readonly webhooks: WebhookPort;
  readonly indexLagMs?: number;
};

export type JiraCredentials = { readonly email: string; readonly token: string; readonly webhookSecret: string };
export type JiraSandbox = Product & {
  readonly credentials: JiraCredentials;
  /** As in `state`, without what else hangs on them. The fields of one that did not change are the same object each time. */
  readonly issues: () => readonly ShownIssue[];
};
export type ShownIssue = Readonly<Record<'id' | 'key', string> & Record<'fields' | 'properties', Json>>;

export function createJiraSandbox(options: JiraSandboxOptions): JiraSandbox {
  const { clock, random, company } = options;
  const { url } = options;
  const { people, accounts } = peopleOf(company);
  const syncAccount = accounts.get('sync') ?? people[0];
  if (!syncAccount) throw new Error('the sample company has no people');
  const world: World = {
    clock,
    random,
    url: typeof url === 'string' ? () => url : url,
    settings: defaultSettings(options.indexLagMs ?? 2_000),
    people,
    syncAccount,
    fields: siteFields(company.distributors),
    issues: new Map(),
    keys: new Map(),
    keyNumbers: new Map(),
    ...createCounter(),
  };
  const credentials = { email: syncAccount.email, token: `ATATT3x${random.hex(24)}`, webhookSecret: random.hex(16) };
  seedSite(world, company, accounts);
  const hooks = createWebhooks(world, options.webhooks);
  const limits = options.limits === 'real' ? createJiraLimits(clock) : null;

  function answer(request: SandboxRequest): { answer: Answer; headers: Record<string, string> } {
    const headers: Record<string, string> = {
      Server: 'AtlassianEdge',
      Date: new Date(clock.now()).toUTCString(),
      'X-AREQUESTID': `sandbox-${world.next('request', 1)}`,
      'Atl-Traceid': random.hex(16),
    };
    const login = logIn(world, credentials.token, request.headers.authorization);
    if (login.reason) headers['X-Seraph-LoginReason'] = login.reason;
    if (login.person) headers['X-AAccountId'] = login.person.accountId;
    try {
      return { answer: route(request, login.person), headers };
    } catch (error) {
      if (error instanceof JiraRefusal) return { answer: error.answer, headers };
      throw error;
    }
  }

  function route(request: SandboxRequest, caller: World['syncAccount'] | null): Answer {
    const match = matchRoute(request.method, request.path);
    if (match.kind === 'none') throw problem(404, `No endpoint ${request.method} ${request.path}.`, request.path);
    if (match.kind === 'wrong method') {
      const refusal = problem(405, `Method '${request.method}' is not supported.`, request.path);
      throw new JiraRefusal({
        ...refusal.answer,
        headers: { ...refusal.answer.headers, Allow: match.allowed.join(', ') },
      });
    }
    const { params, route: found } = match;
    if (!found.anonymous && !caller) throw unauthorized(world);
    limits?.takeBurst(found.method, found.pattern);
    // A DELETE of a remote link wants the content type too, other bodyless DELETEs do not.
    const needsType =
      request.body.length > 0 ||
      found.method === 'POST' ||
      found.method === 'PUT' ||
      found.pattern.endsWith('/remotelink');
    if (
      found.method !== 'GET' &&
      needsType &&
      !(request.headers['content-type'] ?? '').startsWith('application/json')
    ) {
      throw problem(415, `Content-Type '${request.headers['content-type'] ?? ''}' is not supported.`, request.path);
    }
    const param = (name: string) => params.get(name) ?? '';
    const written = found.writesIssue ? lookUpIssue(world, param('issue')) : null;
    if (written) limits?.takeIssueWrite(written.id);
    return found.handler({ world, tell: hooks.tell, hooks, request, caller, param });
  }

  async function handle(request: SandboxRequest): Promise<SandboxResponse> {
    const { answer: given, headers } = answer(request);
    const plain = given.headers?.['Content-Type']?.startsWith('text/') === true;
    const body = given.body === undefined ? '' : plain ? String(given.body) : JSON.stringify(given.body);
    const type: Record<string, string> = body === '' ? {} : { 'Content-Type': 'application/json;charset=UTF-8' };
    return { status: given.status, headers: { ...headers, ...type, ...given.headers }, body };
  }

  function state(): unknown {
    return {
      issues: [...world.issues.values()].map((issue) => ({
        id: issue.id,
        key: issue.data.key,
        self: `${world.url()}/rest/api/3/issue/${issue.id}`,
        fields: issueFields(world, issue.data, issue.comments),
        properties: Object.fromEntries(issue.properties),
        remoteLinks: issue.remoteLinks,
        changelog: issue.histories.map((history) => historyJson(world, history)),
      })),
      users: world.people.map((person) => fullUserJson(world, person)),
    };
  }

  /** By data, which is replaced on every change; whoever configures the site may change what is shown of it. */
  let shown = new WeakMap<IssueData, Json>();

  function fieldsOf(data: IssueData): Json {
    const known = shown.get(data) ?? issueFields(world, data, null);
    shown.set(data, known);
    return known;
  }

  return {
    credentials,
    handle,
    edit: (edit: SandboxEdit) => editAsPerson(world, hooks.tell, edit),
    state,
    issues: () =>
      [...world.issues.values()].map(({ id, data, properties }) => ({
        id,
        key: data.key,
        fields: fieldsOf(data),
        properties: Object.fromEntries(properties),
      })),
    configure: (settings) => {
      shown = new WeakMap();
      return configureSite(world, hooks, credentials, settings);
    },
    close: hooks.close,
  };
}
