// Whether both sides agree, read from the two sandboxes themselves and from nothing of ours: an issue and a deal belong
// together by the number in the issue, and every mapped field is compared by what a user would see.

type Issue = { readonly key: string; readonly fields: Readonly<Record<string, unknown>> };
type Item = Readonly<Record<string, unknown>>;

const DEAL_NUMBER = 'customfield_10033';
const STAGES: Readonly<Record<string, readonly string[]>> = {
  'To Do': ['C9:PREPAYMENT_INVOICE', 'C9:PREPARATION'],
  'In Progress': ['C9:EXECUTING'],
  Done: ['C9:WON'],
  "Won't do": ['C9:LOSE'],
};

export type Agreement = { readonly pairs: number; readonly differences: readonly string[] };

export function compareSandboxes(jira: unknown, bitrix24: unknown): Agreement {
  const { issues } = jira as { issues: readonly Issue[] };
  const { items } = bitrix24 as { items: { deal: readonly Item[] } };
  const deals = new Map(items.deal.map((deal) => [String(deal.id), deal]));
  const differences: string[] = [];
  const seen = new Map<string, string>();
  let pairs = 0;
  for (const issue of issues) {
    if (!issue.key.startsWith('BUY-')) continue;
    const number = text(issue.fields[DEAL_NUMBER]);
    const deal = deals.get(number);
    if (deal === undefined) {
      differences.push(`${issue.key} has no deal`);
      continue;
    }
    const twin = seen.get(number);
    if (twin !== undefined) differences.push(`${issue.key} and ${twin} both belong to deal ${number}`);
    seen.set(number, issue.key);
    pairs += 1;
    for (const [field, onJira, onCrm] of shownValues(issue, deal)) {
      if (onJira !== onCrm) differences.push(`${issue.key} / ${number}: ${field} is ${onJira} there and ${onCrm} here`);
    }
  }
  return { pairs, differences };
}

function shownValues(issue: Issue, deal: Item): readonly (readonly [string, string, string])[] {
  const { fields } = issue;
  const status = text((fields.status as { name?: string } | null)?.name);
  const stage = text(deal.stageId);
  return [
    ['title', text(fields.summary), text(deal.title)],
    ['amount', number(fields.customfield_10031), number(deal.opportunity)],
    ['date', text(fields.duedate), text(deal.closedate).slice(0, 10)],
    ['stage', status, STAGES[status]?.includes(stage) ? status : stage],
  ];
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

function number(value: unknown): string {
  return value === null || value === undefined || Number(value) === 0 ? '' : String(Number(value));
}
