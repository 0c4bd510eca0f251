// The admin webhook that tells us of changes (Jira docs: Webhooks; its REST is older than the API and has no schema).
// Administrators can change and disable it, and Jira drops what fails for long, so it is compared with what is wanted.
import { z } from 'zod';
import type { SubscribeAsk, Subscription, SubscriptionStep } from '../event-source.ts';
import { plainOf } from '../plain.ts';
import type { TransportRequest } from '../transport.ts';
import type { Client } from './client.ts';
import { refusal } from './refusals.ts';
import { parseAnswer } from './wire.ts';

const NAME = 'jira-crm-sync';
const PATH = '/rest/webhooks/1.0/webhook';
const EVENTS = ['jira:issue_created', 'jira:issue_updated', 'jira:issue_deleted'];
const FILTER = 'issue-related-events-section';

const registered = z
  .object({
    name: z.string().catch(''),
    url: z.string().catch(''),
    events: z.array(z.string()).catch([]),
    filters: z.record(z.string(), z.unknown()).nullish().catch(null),
    excludeBody: z.boolean().nullish(),
    enabled: z.boolean().nullish(),
    isSigned: z.boolean().nullish(),
    self: z.string(),
  })
  .transform(({ self, filters, ...rest }) => ({
    ...rest,
    id: self.split('/').at(-1) ?? '',
    filter: plainOf(filters?.[FILTER]),
  }));
type Registered = z.infer<typeof registered>;

export function createSubscribe(client: Client, secret: string): (ask: SubscribeAsk) => Promise<Subscription> {
  async function write(request: TransportRequest, what: string, { lane, signal, plan }: SubscribeAsk): Promise<void> {
    if (plan) return;
    const budget = `${request.method} webhook`;
    const call = { what, writes: true, budget, ask: signal ? { lane, signal } : { lane } };
    const response = await client.request(request, call);
    if (response.status < 200 || response.status > 299) throw refusal(response, call);
  }

  async function listed(ask: SubscribeAsk): Promise<readonly Registered[] | null> {
    const call = { what: 'listing webhooks', writes: false, budget: 'GET webhook', ask: { lane: ask.lane } };
    const response = await client.request({ method: 'GET', path: PATH }, call);
    if (response.status === 403) return null;
    if (response.status !== 200) throw refusal(response, call);
    return parseAnswer(z.array(registered), response.data, 'the list of webhooks');
  }

  return async (ask) => {
    const all = await listed(ask);
    if (all === null) return { steps: [], missing: [notAdmin(ask)], remarks: [] };
    const wanted = wantedOf(ask, secret);
    const here = all.filter(({ url }) => url === ask.handler);
    // Another installation of ours may have registered the same name: only a person decides that it moved here.
    const moved = ask.takeOver && here.length === 0 ? all.filter(({ name }) => name === NAME) : [];
    const [first, ...doubles] = [...here, ...moved].sort((a, b) => Number(a.id) - Number(b.id));
    const steps: SubscriptionStep[] = [];
    if (first === undefined) {
      await write({ method: 'POST', path: PATH, body: wanted }, 'registering the webhook', ask);
      steps.push({ done: 'made', what: `webhook ${NAME} to ${ask.handler}` });
    } else {
      const wrong = differences(first, wanted);
      // A secret cannot be read back, so a person's run sets it anew.
      if (wrong.length > 0 || ask.takeOver) {
        await write({ method: 'PUT', path: `${PATH}/${first.id}`, body: wanted }, 'repairing the webhook', ask);
      }
      const what = `webhook ${first.name} (${first.id}) to ${ask.handler}`;
      steps.push(
        wrong.length > 0 ? { done: 'repaired', what: `${what}: ${wrong.join(', ')}` } : { done: 'kept', what },
      );
    }
    for (const double of doubles) {
      await write({ method: 'DELETE', path: `${PATH}/${double.id}` }, 'removing a double webhook', ask);
      steps.push({ done: 'removed', what: `webhook ${double.name} (${double.id}), a double` });
    }
    return { steps, missing: [], remarks: [] };
  };
}

function wantedOf({ handler, specs }: SubscribeAsk, secret: string) {
  const projects = [...new Set(specs.flatMap(({ project }) => project ?? []))].sort();
  const names = projects.map((project) => JSON.stringify(project)).join(', ');
  // The filter is judged after the change: anything narrower would hide that an issue left the scope.
  const filter =
    projects.length === 0 || specs.some(({ project }) => project === undefined) ? '' : `project in (${names})`;
  return {
    name: NAME,
    url: handler,
    events: EVENTS,
    filters: { [FILTER]: filter },
    excludeBody: false,
    enabled: true,
    secret,
  };
}

function differences(found: Registered, wanted: ReturnType<typeof wantedOf>): readonly string[] {
  const lost = EVENTS.filter((event) => !found.events.includes(event));
  return [
    ...(found.url === wanted.url ? [] : [`it pointed to ${found.url}`]),
    ...(found.enabled === false ? ['it was disabled'] : []),
    ...(lost.length === 0 ? [] : [`it lacked ${lost.join(' and ')}`]),
    ...(found.filter === wanted.filters[FILTER] ? [] : ['it was about other projects']),
    ...(found.excludeBody ? ['it sent no bodies'] : []),
    ...(found.isSigned === false ? ['it was not signed'] : []),
  ];
}

function notAdmin({ handler }: SubscribeAsk): Subscription['missing'][number] {
  return {
    message: 'The account may not manage webhooks in Jira.',
    cure:
      `Give it the global permission Administer Jira, or let an administrator register ${handler} by hand ` +
      '(Settings, System, WebHooks) with the secret of the connection and the events of issues.',
  };
}
