// The people of Nordhafen Pumps at work, and what they see on both sides: every name in tests is the one on the screen.
import type { SampleCompany, SampleDeal, SampleRequest } from '../../src/sandbox/sample-company.ts';
import { makeCompany } from '../../src/sandbox/sample-data.ts';
import type { World } from './world.ts';

const START = Date.parse('2026-11-21T09:00:00Z');
const DAY = 24 * 60 * 60 * 1000;

const REQUEST: SampleRequest = {
  summary: '12 shaft seals for pump station 4',
  description: '',
  budget: 120_000,
  dueDate: '2026-12-15',
  distributor: 'Hydrotech',
  labels: ['seals'],
  assignee: 'petrov',
  reporter: 'weber',
  priority: 'Medium',
  status: 'To Do',
  createdAt: START - 3 * DAY,
};

const DEAL: SampleDeal = {
  title: '12 shaft seals for pump station 4',
  amount: 120_000,
  currency: 'RUB',
  closeDate: '2026-12-15',
  distributor: 'Hydrotech',
  tags: ['seals'],
  responsible: 'petrov',
  stage: 'Новая',
  comments: '',
  urgent: false,
  createdAt: START - 3 * DAY,
};

/** A company with exactly these records; what is left out of one is as in the pair that fits together. */
export function company(
  requests: readonly Partial<SampleRequest>[],
  deals: readonly Partial<SampleDeal>[],
): SampleCompany {
  return {
    ...makeCompany({ seed: 1, issues: 0, deals: 0, now: START }),
    requests: requests.map((request) => ({ ...REQUEST, ...request })),
    deals: deals.map((deal) => ({ ...DEAL, ...deal })),
  };
}

/** One request and one deal that tell the same. */
export const ONE_PAIR = company([{}], [{}]);

export type IssueSeen = {
  readonly id: string;
  readonly key: string;
  readonly summary: string;
  readonly budget: number | null;
  readonly due: string | null;
  readonly assignee: string | null;
  /** Without our own mark. */
  readonly labels: readonly string[];
  readonly distributor: string | null;
  readonly note: string | null;
  readonly urgent: string | null;
  readonly status: string;
  readonly dealNumber: string | null;
  readonly countries: readonly string[];
  /** Our own label, and what the proof beside it says. */
  readonly mark: string | null;
  readonly proof: string | null;
};

export type DealSeen = {
  readonly id: string;
  readonly title: string;
  readonly amount: number;
  readonly currency: string;
  readonly due: string | null;
  readonly assignee: string;
  readonly tags: readonly string[];
  readonly distributor: string | null;
  readonly note: string | null;
  readonly urgent: boolean;
  readonly stage: string;
  readonly link: string | null;
  /** Whose partner it says it is. */
  readonly origin: string | null;
};

type Json = Record<string, unknown>;
type Fields = Readonly<Record<string, unknown>>;

const STAGES: Readonly<Record<string, string>> = {
  'C9:NEW': 'Черновик',
  'C9:PREPARATION': 'Согласование',
  'C9:PREPAYMENT_INVOICE': 'Новая',
  'C9:EXECUTING': 'В работе',
  'C9:WON': 'Выиграна',
  'C9:LOSE': 'Проиграна',
};
const FIRST_OPTION = 81;

export function office(world: Pick<World, 'sandbox'>) {
  const { jira, bitrix24 } = world.sandbox;

  function issues(): IssueSeen[] {
    const { issues: all } = jira.product.state() as { issues: Json[] };
    const purchases = all.filter((issue) => String(issue.key).startsWith('BUY-'));
    return purchases.map(seenIssue).sort((a, b) => Number(a.id) - Number(b.id));
  }

  function deals(): DealSeen[] {
    const { items, users } = bitrix24.product.state() as { items: { deal: Json[] }; users: Json[] };
    const names = new Map(users.map((user) => [String(user.ID), `${user.NAME} ${user.LAST_NAME}`]));
    const purchases = items.deal.filter((deal) => deal.categoryId === 9);
    return purchases.map((deal) => seenDeal(deal, names, world.sandbox.company.distributors));
  }

  return {
    issues,
    deals,
    issue(idOrKey: string): IssueSeen {
      const found = issues().find(({ id, key }) => id === idOrKey || key === idOrKey);
      if (found === undefined) throw new Error(`no issue ${idOrKey}`);
      return found;
    },
    deal(id: string): DealSeen {
      const found = deals().find((deal) => deal.id === id);
      if (found === undefined) throw new Error(`no deal ${id}`);
      return found;
    },
    editIssue(id: string, fields: Fields, user = 'Oleg Petrov'): void {
      jira.product.edit({ op: 'update', in: 'BUY', id, fields, user });
    },
    editDeal(id: string, fields: Fields, user = 'Anna Weber'): void {
      bitrix24.product.edit({ op: 'update', in: 'deal', id, fields, user });
    },
    newIssue(fields: Fields, user = 'Oleg Petrov'): string {
      return jira.product.edit({ op: 'create', in: 'BUY', type: 'Purchase request', fields, user }).id;
    },
    newDeal(fields: Fields, user = 'Anna Weber'): string {
      return bitrix24.product.edit({ op: 'create', in: 'deal', fields, user }).id;
    },
    /** Jira's webhooks and Bitrix24's events, in the words of both sandboxes' settings. */
    webhooks(mode: 'normal' | 'lost' | 'shuffled' | 'paused'): void {
      jira.product.configure({ webhookMode: mode });
      bitrix24.product.configure({ webhookMode: mode });
    },
  };
}

export type Office = ReturnType<typeof office>;

function seenIssue(issue: Json): IssueSeen {
  const fields = issue.fields as Json;
  const labels = fields.labels as string[];
  const isMark = (label: string) => /^crm-deal-\d+$/.test(label);
  const property = (issue.properties as Json)['jira-crm-sync'] as { key: string } | undefined;
  const option = (id: string) => (fields[id] as { value: string } | null)?.value ?? null;
  return {
    id: String(issue.id),
    key: String(issue.key),
    summary: String(fields.summary),
    budget: fields.customfield_10031 as number | null,
    due: fields.duedate as string | null,
    assignee: (fields.assignee as { displayName: string } | null)?.displayName ?? null,
    labels: labels.filter((label) => !isMark(label)),
    distributor: option('customfield_10032'),
    note: fields.customfield_10038 as string | null,
    urgent: option('customfield_10036'),
    status: (fields.status as { name: string }).name,
    dealNumber: fields.customfield_10033 as string | null,
    countries: ((fields.customfield_10037 ?? []) as { value: string }[]).map(({ value }) => value),
    mark: labels.find(isMark) ?? null,
    proof: property?.key ?? null,
  };
}

function seenDeal(deal: Json, names: ReadonlyMap<string, string>, distributors: readonly string[]): DealSeen {
  const option = deal.ufCrm_1747309871 as number | null;
  return {
    id: String(deal.id),
    title: String(deal.title),
    amount: Number(deal.opportunity),
    currency: String(deal.currencyId),
    due: typeof deal.closedate === 'string' ? deal.closedate.slice(0, 10) : null,
    assignee: names.get(String(deal.assignedById)) ?? '',
    tags: deal.ufCrm_1747309872 as string[],
    distributor: option === null ? null : (distributors[Number(option) - FIRST_OPTION] ?? null),
    note: (deal.ufCrm_1747309878 as string | null) || null,
    urgent: deal.ufCrm_1747309875 === 'Y',
    stage: STAGES[String(deal.stageId)] ?? String(deal.stageId),
    link: deal.ufCrm_1747309873 as string | null,
    origin: (deal.originId as string | null) ?? null,
  };
}

const STAGES_OF_STATUS: Readonly<Record<string, readonly string[]>> = {
  'To Do': ['Новая', 'Согласование'],
  'In Progress': ['В работе'],
  Done: ['Выиграна'],
  "Won't do": ['Проиграна'],
};

/** Where the two tell different things, in words; empty when they agree by the example profile. */
export function differences(issue: IssueSeen, deal: DealSeen): string[] {
  const pairs: readonly (readonly [name: string, jira: unknown, crm: unknown])[] = [
    ['title', issue.summary, deal.title],
    ['amount', issue.budget ?? 0, deal.amount],
    ['due', issue.due, deal.due],
    ['assignee', issue.assignee ?? 'Sync Daemon', deal.assignee],
    [
      'labels',
      [...issue.labels].sort().join(' '),
      deal.tags
        .map((tag) => tag.replaceAll(' ', '-'))
        .sort()
        .join(' '),
    ],
    ['distributor', issue.distributor, deal.distributor],
    ['note', issue.note, deal.note],
    ['urgent', (issue.urgent ?? 'No') === 'Yes', deal.urgent],
    ['number', issue.dealNumber, deal.id],
    ['link', `https://nordhafen.atlassian.example/browse/${issue.key}`, deal.link],
  ];
  const differ = pairs
    .filter(([, jira, crm]) => JSON.stringify(jira) !== JSON.stringify(crm))
    .map(([name, jira, crm]) => `${name}: ${JSON.stringify(jira)} in Jira, ${JSON.stringify(crm)} in the deal`);
  const stages = STAGES_OF_STATUS[issue.status] ?? [];
  if (!stages.includes(deal.stage)) differ.push(`status: ${issue.status} in Jira, ${deal.stage} in the deal`);
  return differ;
}
