// Several pairs of products for one configuration: a sandbox process each, with a profile of its own, and people who edit
// in all of them all the time. Every value is written once, so that whatever is missing in the end can be named.
import { readFileSync } from 'node:fs';
import type { Ready } from '../../src/sandbox/index.ts';
import type { Store } from '../../src/state/store.ts';
import type { Playground } from './real-processes.ts';
import { type Control, createControl, partners } from './sandbox-control.ts';

const EXAMPLE = readFileSync(new URL('../../config/examples/procurement.yaml', import.meta.url), 'utf8');

export type Office = {
  readonly name: string;
  readonly crm: string;
  readonly control: Control;
  listen(webhooks: string): Promise<void>;
  /** One edit of a person on one of the sides, or a new request. */
  edit(step: number): Promise<void>;
  /** What somebody wrote last and the other side does not show, and what is doubled. */
  unsettled(store: Store): Promise<string[]>;
};

type Servers = { readonly state: string; readonly queue: string };

export async function openOffices(
  playground: Playground,
  count: number,
  servers: Servers,
): Promise<{ readonly offices: readonly Office[]; readonly env: Readonly<Record<string, string>> }> {
  const readies = await Promise.all(Array.from({ length: count }, () => playground.sandbox(8, 6)));
  const env = { ...playground.configure(readies[0] as Ready), ...secretsOf(readies) };
  playground.write('config/sync.yaml', configOf(readies, servers));
  for (const at of readies.keys()) playground.write(`config/profiles/${nameOf(at)}.yaml`, profileOf(at));
  // Not this one: each office has a copy of it.
  playground.write('config/profiles/procurement.yaml', profileOf(0));
  return { offices: readies.map(officeOf), env };
}

const nameOf = (at: number) => (at === 0 ? 'procurement' : `procurement-${at}`);

function profileOf(at: number): string {
  return EXAMPLE.replace('name: procurement', `name: ${nameOf(at)}`)
    .replace('connection: jira', `connection: jira-${at}`)
    .replace('connection: bitrix24', `connection: office-${at}`)
    .replace(/^sweep:.*(\n[ ].*)*$/m, '')
    .concat('\nsweep: { every: 20s }\n');
}

/** Secrets stand in the environment alone. */
function secretsOf(readies: readonly Ready[]): Record<string, string> {
  const named = readies.flatMap(({ jira, bitrix24 }, at) => [
    [`JIRA_TOKEN_${at}`, jira.token],
    [`JIRA_WEBHOOK_SECRET_${at}`, jira.webhookSecret],
    [`B24_WEBHOOK_${at}`, bitrix24.webhook],
    [`B24_APPLICATION_TOKEN_${at}`, bitrix24.applicationToken],
  ]);
  return Object.fromEntries(named);
}

function configOf(readies: readonly Ready[], { state, queue }: Servers): string {
  const connections = readies.map(
    ({ jira, bitrix24 }, at) => `
  jira-${at}:
    type: jira
    url: "${jira.url}"
    auth: { email: "${jira.email}", token: "\${JIRA_TOKEN_${at}}" }
    webhook-secret: "\${JIRA_WEBHOOK_SECRET_${at}}"
    insecure-http: true
  office-${at}:
    type: bitrix24
    url: "${bitrix24.url}"
    auth: { webhook: "\${B24_WEBHOOK_${at}}" }
    application-token: "\${B24_APPLICATION_TOKEN_${at}}"
    member-id: "${bitrix24.memberId}"
    plan: enterprise
    insecure-http: true`,
  );
  return `connections:${connections.join('')}
server:
  webhooks: { listen: "127.0.0.1:0" }
  admin: { listen: "127.0.0.1:0" }
users:
  by: email
  map: [ { jira: i.ivanova@nordhafen.example, crm: ivanova@nordhafen.example } ]
  fallback: { jira: sync@nordhafen.example, crm: sync@nordhafen.example }
state: ${state}
queue: ${queue}
profiles: profiles/*.yaml
`;
}

function officeOf(ready: Ready, at: number): Office {
  const control = createControl(ready);
  /** Issue key -> the title that somebody gave it last; deal number -> the amount. */
  const titles = new Map<string, string>();
  const amounts = new Map<string, number>();
  let made = 0;

  async function pairs(): Promise<readonly { readonly issue: string; readonly deal: string }[]> {
    const belongs = partners(await control.issues());
    return [...belongs].flatMap(([deal, keys]) => (keys[0] === undefined ? [] : [{ issue: keys[0], deal }]));
  }

  return {
    name: nameOf(at),
    crm: `office-${at}`,
    control,
    async listen(webhooks) {
      await control.settings('jira', { url: `${webhooks}/webhooks/jira-${at}`, secret: ready.jira.webhookSecret });
      await control.settings('crm', { url: `${webhooks}/webhooks/office-${at}` });
    },
    async edit(step) {
      if (step % 7 === 6) {
        made += 1;
        const fields = { summary: `New in office ${at}: ${made}`, customfield_10031: 1_000 + step };
        const user = 'Oleg Petrov';
        const { key } = await control.edit('jira', { op: 'create', user, in: 'BUY', type: 'Purchase request', fields });
        titles.set(key, fields.summary);
        return;
      }
      const all = await pairs();
      const one = all[step % all.length];
      if (one === undefined) return;
      if (step % 2 === 0) {
        const summary = `Office ${at}, edit ${step}`;
        await control.edit('jira', {
          op: 'update',
          user: 'Oleg Petrov',
          in: 'BUY',
          id: one.issue,
          fields: { summary },
        });
        titles.set(one.issue, summary);
      } else {
        const fields = { opportunity: 10_000 + step };
        await control.edit('crm', { op: 'update', user: 'Anna Weber', in: 'deal', id: one.deal, fields });
        amounts.set(one.deal, fields.opportunity);
      }
    },
    async unsettled(store) {
      const wrong: string[] = [];
      const told = await toldIn(store, nameOf(at));
      const issues = await control.issues();
      const deals = new Map((await control.deals()).map((deal) => [String(deal.id), deal]));
      const belongs = partners(issues);
      const dealOf = new Map([...belongs].flatMap(([deal, keys]) => keys.map((key) => [key, deal] as const)));
      for (const [deal, keys] of belongs) if (keys.length > 1) wrong.push(`${deal} belongs to ${keys.join(' and ')}`);
      const origins = [...deals.values()]
        .map(({ originId }) => String(originId ?? ''))
        .filter((origin) => origin !== '');
      for (const origin of new Set(origins)) {
        const twins = origins.filter((one) => one === origin).length;
        if (twins > 1) wrong.push(`${twins} deals come from ${origin}`);
      }
      for (const [key, title] of titles) {
        const deal = deals.get(dealOf.get(key) ?? '');
        if (deal?.title === title || told(key).includes(title)) continue;
        wrong.push(`${key} was named "${title}", its deal "${deal?.title}"`);
      }
      for (const [number, amount] of amounts) {
        const issue = issues.find(({ key }) => key === belongs.get(number)?.[0]);
        const budget = Number(issue?.fields.customfield_10031);
        if (budget === amount || told(issue?.key ?? '').includes(String(amount))) continue;
        wrong.push(`deal ${number} is worth ${amount}, its issue ${budget}`);
      }
      return wrong.map((what) => `${nameOf(at)}: ${what}`);
    },
  };
}

/**
 * What a person is told of a pair, by the issue's key, as text: values in open conflicts, and of fields set aside. When a
 * process dies between a write and its record, and somebody edits the same field before another one looks, our own write
 * and that edit are held as a conflict: nothing is lost, and a person decides.
 */
async function toldIn(store: Store, profile: string): Promise<(issue: string) => string> {
  const conflicts = await store.conflicts({ profile, status: 'open' });
  const parked = await store.parked({ profile });
  const texts = new Map<string, string>();
  for (const { id, ids, keys } of await store.links(profile, 0, 1_000)) {
    const own = [
      ...conflicts.filter(({ linkId }) => linkId === id).map(({ values }) => values),
      ...parked.filter((row) => row.id === ids[row.side]).map(({ values }) => values),
    ];
    texts.set(keys.jira, JSON.stringify(own));
  }
  return (issue) => texts.get(issue) ?? '';
}
