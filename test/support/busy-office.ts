// An office between two sandbox processes whose people never stop: titles are edited in Jira, amounts in the CRM, notes on
// either side, each value is written once, and everything that somebody wrote is noted here. What the office says in the
// end is judged from the two products alone; the state is only asked what it has told a person.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SIDES, type Side } from '../../src/model.ts';
import type { Random } from '../../src/ports.ts';
import type { Ready } from '../../src/sandbox/index.ts';
import type { Store } from '../../src/state/store.ts';
import { OutOfTime, type Playground, until } from './real-processes.ts';
import { type Control, createControl, type Deal, type Issue, partners } from './sandbox-control.ts';

// A process that dies between a write and its record leaves its own write as a change of that side: with a newer edit it is
// a conflict. The side that people write to wins it; notes are held for a person, as by default.
const PROFILE = `name: procurement
jira: { connection: jira, entity: issue, project: BUY, type: Purchase request }
crm: { connection: bitrix24, entity: deal, where: { category: Закупки } }
match: [ link, { jira: "Номер сделки", crm: id } ]
stamp: { jira: { field: "Номер сделки" }, crm: origin }
create: { crm: true, jira: true }
conflict: hold
initial: fill-empty
sweep: { every: SWEEP }
fields:
  - { jira: summary, crm: title, conflict: jira }
  - { jira: Budget, crm: opportunity, as: money, currency: RUB, conflict: crm }
  - { jira: "Customer note", crm: "Примечание" }
`;

const BUDGET = 'customfield_10031';
const NOTE = 'customfield_10038';
const DEAL_NOTE = 'ufCrm_1747309878';
const CATEGORY = 9;
/** People look for pairs now and then; most of their time they edit those that they know. */
const LOOK_EVERY = 20;
const MOST_CREATED = 60;

export type BusyOffice = {
  readonly control: Control;
  readonly env: Readonly<Record<string, string>>;
  /** One edit, or a new record, of which nothing is noted unless the product has taken it. */
  edit(): Promise<void>;
  /** Edits with a pause between them until it is told to stop. */
  work(pauseMs: number): { stop(): Promise<void> };
  edits(): number;
  /** In the profile file, for the next start. */
  sweepEvery(interval: string): void;
  /** A new amount of a pair, until the issue has it. */
  bring(): Promise<void>;
  /** Records that have two partners; at any moment. */
  doubled(): Promise<string[]>;
  /** What somebody wrote last and the other side neither shows nor anybody is told of, and what nobody wrote. */
  wrong(store: Store): Promise<Findings>;
  /** Looks until nothing is wrong, and answers the last look, each problem with what the state knows of its record. */
  settles(store: Store, how?: { readonly also?: () => Promise<boolean> }): Promise<Findings>;
};

export type Findings = { readonly problems: readonly string[]; readonly told: number; readonly pairs: number };
type Problem = { readonly text: string; readonly record?: { readonly side: Side; readonly id: string } };

export type OfficeOptions = {
  readonly playground: Playground;
  readonly chance: Random;
  readonly issues: number;
  /** `10s`. A sweep finds what no webhook told. */
  readonly sweep: string;
  /** Between the daemon and the products. */
  readonly through?: (ready: Ready) => Promise<{ readonly jira: string; readonly bitrix24: string }>;
  readonly state?: string;
  readonly queue?: string;
  /** Of the webhooks, so that products need not be told of every new life. */
  readonly port: number;
};

export async function openBusyOffice(options: OfficeOptions): Promise<BusyOffice> {
  const { playground, chance } = options;
  const ready = await playground.sandbox(options.issues, 0);
  const control = createControl(ready);
  const env = await configure(options, ready);
  await control.sendWebhooksTo(`http://127.0.0.1:${options.port}`);

  const issueTitles = new Map<string, string>();
  const notesInJira = new Map<string, string>();
  const amounts = new Map<string, number>();
  const notesInCrm = new Map<string, string>();
  /** Made in the CRM: deal -> title. */
  const dealTitles = new Map<string, string>();
  const words = new Set<string>();
  let pairs: { readonly issue: string; readonly deal: string }[] = [];
  let done = 0;
  let made = 0;
  for (const { fields } of await control.issues()) words.add(String(fields.summary));

  async function look(): Promise<void> {
    const belongs = partners(await control.issues());
    pairs = [...belongs].flatMap(([deal, [issue]]) => (issue === undefined ? [] : [{ issue, deal }]));
  }

  function say(what: string): string {
    const text = `${what} ${done}`;
    words.add(text);
    return text;
  }

  async function editIssue(key: string, fields: Record<string, unknown>): Promise<void> {
    await control.edit('jira', { op: 'update', user: 'Oleg Petrov', in: 'BUY', id: key, fields });
  }

  async function editDeal(id: string, fields: Record<string, unknown>): Promise<void> {
    await control.edit('crm', { op: 'update', user: 'Anna Weber', in: 'deal', id, fields });
  }

  async function create(): Promise<void> {
    made += 1;
    const title = say('Made');
    if (chance.next() < 0.5) {
      const fields = { summary: title, [BUDGET]: 500 + done };
      const type = 'Purchase request';
      const { key } = await control.edit('jira', { op: 'create', user: 'Oleg Petrov', in: 'BUY', type, fields });
      issueTitles.set(key, title);
    } else {
      const fields = { title, categoryId: CATEGORY, stageId: 'Новая', opportunity: 700 + done };
      const { id } = await control.edit('crm', { op: 'create', user: 'Anna Weber', in: 'deal', fields });
      dealTitles.set(id, title);
      amounts.set(id, fields.opportunity);
    }
  }

  async function edit(): Promise<void> {
    if (done % LOOK_EVERY === 0) await look();
    done += 1;
    const one = pairs[Math.floor(chance.next() * pairs.length)];
    const kind = chance.next();
    if (one === undefined || (kind < 0.1 && made < MOST_CREATED)) return create();
    if (kind < 0.52) {
      const summary = say('Title');
      await editIssue(one.issue, { summary });
      issueTitles.set(one.issue, summary);
      dealTitles.delete(one.deal);
    } else if (kind < 0.94) {
      await editDeal(one.deal, { opportunity: 10_000 + done });
      amounts.set(one.deal, 10_000 + done);
    } else if (Number(one.deal) % 2 === 0) {
      const note = say('Note in Jira');
      await editIssue(one.issue, { [NOTE]: note });
      notesInJira.set(one.issue, note);
    } else {
      const note = say('Note in the CRM');
      await editDeal(one.deal, { [DEAL_NOTE]: note });
      notesInCrm.set(one.deal, note);
    }
  }

  async function records(): Promise<{ issues: readonly Issue[]; deals: readonly Deal[] }> {
    const [issues, deals] = await Promise.all([control.issues(), control.deals()]);
    return { issues, deals: deals.filter(({ categoryId }) => categoryId === CATEGORY) };
  }

  return {
    control,
    env,
    edit,
    work(pauseMs) {
      let going = true;
      const day = (async () => {
        while (going) {
          await edit();
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
      })();
      // Whoever stops them hears of it; a test that has failed before does not.
      day.catch(() => {});
      return {
        async stop() {
          going = false;
          await day;
        },
      };
    },
    edits: () => done,
    sweepEvery: (interval) => writeProfile(playground, interval),
    async bring() {
      await look();
      done += 1;
      const one = pairs[0];
      if (one === undefined) throw new Error('there is no pair');
      const amount = 10_000 + done;
      await editDeal(one.deal, { opportunity: amount });
      amounts.set(one.deal, amount);
      const there = async () =>
        (await control.issues()).some(({ key, fields }) => key === one.issue && Number(fields[BUDGET]) === amount);
      await until(`the amount of deal ${one.deal}`, there);
    },
    async doubled() {
      const { issues, deals } = await records();
      return doubledAmong(issues, deals);
    },

    async wrong(store) {
      const { problems, ...counts } = await compare(store);
      return { ...counts, problems: problems.map(({ text }) => text) };
    },

    async settles(store, { also = async () => true } = {}) {
      const right = async () => (await compare(store)).problems.length === 0 && (await also());
      await until('everything has arrived', right).catch((error: unknown) => {
        // The time is over: what is wrong says more than that. Whatever else is the matter is the reason itself.
        if (!(error instanceof OutOfTime)) throw error;
      });
      const { problems, ...counts } = await compare(store);
      return { ...counts, problems: await Promise.all(problems.map((problem) => explained(problem, store))) };
    },
  };

  async function compare(store: Store): Promise<Omit<Findings, 'problems'> & { readonly problems: Problem[] }> {
    const { issues, deals } = await records();
    const problems: Problem[] = doubledAmong(issues, deals).map((text) => ({ text }));
    const told = await toldIn(store);
    const belongs = partners(issues);
    const issueOf = new Map([...belongs].map(([deal, [key]]) => [deal, issues.find((one) => one.key === key)]));
    const dealOf = new Map(deals.map((deal) => [issueOf.get(String(deal.id))?.key, deal]));
    let waiting = 0;
    const inspect = (side: Side, id: string, name: string) => {
      const record = { side, id };
      const said = told.get(`${side} ${id}`);
      return {
        arrived(wrote: unknown, shows: unknown) {
          if (shows === wrote) return;
          if (said !== undefined && (said === IN_DOUBT || said.includes(String(wrote)))) waiting += 1;
          else problems.push({ text: `${name}: somebody wrote "${wrote}", the other side shows "${shows}"`, record });
        },
        paired(partner: unknown, word: string) {
          if (partner === undefined && said !== IN_DOUBT) problems.push({ text: `${name} has no ${word}`, record });
        },
      };
    };
    for (const { key, id } of issues) {
      const deal = dealOf.get(key);
      const { arrived, paired } = inspect('jira', id, key);
      if (issueTitles.has(key)) arrived(issueTitles.get(key), deal?.title);
      if (notesInJira.has(key)) arrived(notesInJira.get(key), deal?.[DEAL_NOTE]);
      paired(deal, 'deal');
    }
    for (const deal of deals) {
      const id = String(deal.id);
      const issue = issueOf.get(id);
      const { arrived, paired } = inspect('crm', id, `deal ${id}`);
      if (dealTitles.has(id)) arrived(dealTitles.get(id), issue?.fields.summary);
      if (amounts.has(id)) arrived(amounts.get(id), Number(issue?.fields[BUDGET]));
      if (notesInCrm.has(id)) arrived(notesInCrm.get(id), issue?.fields[NOTE]);
      paired(issue, 'issue');
    }
    const shown = [
      ...issues.flatMap(({ fields }) => [fields.summary, fields[NOTE]]),
      ...deals.flatMap((deal) => [deal.title, deal[DEAL_NOTE]]),
    ];
    for (const text of shown) {
      if (text && !words.has(String(text))) problems.push({ text: `nobody wrote "${text}"` });
    }
    return { problems, told: waiting, pairs: belongs.size };
  }
}

/** With the work that stands in the state for its record and its partner, and with what is parked and in conflict there. */
async function explained({ text, record }: Problem, store: Store): Promise<string> {
  if (record === undefined) return text;
  const key = { profile: 'procurement', ...record };
  const link = await store.linkOf(key);
  const keys = link === null ? [key] : SIDES.map((side) => ({ ...key, side, id: link.ids[side] }));
  const rows = (await Promise.all(keys.map((one) => store.dirtyRow(one)))).filter((row) => row !== null);
  const parked = (await store.parked({ profile: key.profile })).filter(({ side, id }) =>
    keys.some((one) => one.side === side && one.id === id),
  );
  const open = await store.conflicts({ profile: key.profile, status: 'open' });
  const conflicts = open.filter(({ linkId }) => linkId === link?.id);
  return `${text}; the state: ${JSON.stringify({ link, rows, parked, conflicts })}`;
}

function doubledAmong(issues: readonly Issue[], deals: readonly Deal[]): string[] {
  const found: string[] = [];
  for (const [deal, keys] of partners(issues)) {
    if (keys.length > 1) found.push(`deal ${deal} belongs to ${keys.join(' and ')}`);
  }
  const byOrigin = Map.groupBy(deals, ({ originId }) => String(originId ?? ''));
  for (const [origin, twins] of byOrigin) {
    if (origin !== '' && twins.length > 1) found.push(`${twins.length} deals come from ${origin}`);
  }
  return found;
}

const IN_DOUBT = 'its create is in doubt';

/** By side and record what a person is told: the values of open conflicts and parked fields, or that a create is in doubt. */
async function toldIn(store: Store): Promise<ReadonlyMap<string, string>> {
  const profile = 'procurement';
  const told = new Map<string, string>();
  const conflicts = await store.conflicts({ profile, status: 'open' });
  const parked = await store.parked({ profile });
  for (const { id, ids } of await store.links(profile, 0, 10_000)) {
    const own = [
      ...conflicts.filter(({ linkId }) => linkId === id),
      ...parked.filter((row) => row.id === ids[row.side]),
    ].map(({ values }) => JSON.stringify(values));
    for (const side of ['jira', 'crm'] as const) if (own.length > 0) told.set(`${side} ${ids[side]}`, own.join(' '));
  }
  for (const { side, id, kind } of parked) if (kind === 'doubtful-create') told.set(`${side} ${id}`, IN_DOUBT);
  return told;
}

function writeProfile(playground: Playground, sweep: string): void {
  playground.write('config/profiles/procurement.yaml', PROFILE.replace('SWEEP', sweep));
}

async function configure(options: OfficeOptions, ready: Ready): Promise<Readonly<Record<string, string>>> {
  const { playground, through, port } = options;
  const env = playground.configure(ready);
  const text = readFileSync(join(playground.folder, 'config/sync.yaml'), 'utf8')
    .replace('webhooks: { listen: "127.0.0.1:0" }', `webhooks: { listen: "127.0.0.1:${port}" }`)
    .replace(/^state: .*$/m, (line) => (options.state === undefined ? line : `state: ${options.state}`))
    .replaceAll('insecure-http: true', 'insecure-http: true\n    limits: off\n    time-limit: 10s');
  playground.write('config/sync.yaml', options.queue === undefined ? text : `${text}queue: ${options.queue}\n`);
  writeProfile(playground, options.sweep);
  const urls = await through?.(ready);
  if (urls === undefined) return env;
  return {
    ...env,
    JIRA_URL: urls.jira,
    B24_URL: urls.bitrix24,
    B24_WEBHOOK: env.B24_WEBHOOK?.replace(ready.bitrix24.url, urls.bitrix24) ?? '',
  };
}
