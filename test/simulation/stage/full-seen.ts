// What the screens of both sandbox products show, field by field, in the words of a schedule.
import type { Money, Side, Value } from '../../../src/model.ts';
import type { InProcessSandbox } from '../../../src/sandbox/index.ts';
import type { ShownIssue } from '../../../src/sandbox/jira/index.ts';
import type { FieldName, Said } from '../script/script.ts';
import { CRM_DISTRIBUTORS, JIRA_DISTRIBUTORS, STAGE_NAMES, STATUS_NAMES } from './names.ts';
import type { Seen } from './stage.ts';

type Json = Record<string, unknown>;
const MARK = /^crm-deal-\d+$/;

export function screensOf({ jira, bitrix24, company }: InProcessSandbox) {
  const keyByName = new Map(company.people.map((person) => [person.name, person.key]));
  const accounts = new Map<string, string>();
  const { users } = jira.product.state() as { users: Json[] };
  for (const user of users) accounts.set(String(user.accountId), keyByName.get(String(user.displayName)) ?? '');
  const portalUsers = new Map<string, string>();
  for (const user of (bitrix24.product.state() as { users: Json[] }).users) {
    portalUsers.set(String(user.ID), keyByName.get(`${user.NAME} ${user.LAST_NAME}`) ?? '');
  }

  function issues(): Map<string, Seen> {
    const seen = new Map<string, Seen>();
    for (const issue of jira.product.issues()) if (issue.key.startsWith('BUY-')) seen.set(issue.id, issueSeen(issue));
    return seen;
  }

  function issueSeen(issue: ShownIssue): Seen {
    const { fields } = issue;
    const labels = fields.labels as string[];
    const property = issue.properties['jira-crm-sync'] as { key: string } | undefined;
    const chosen = (id: string) => (fields[id] as { value: string } | null)?.value ?? null;
    const urgent = chosen('customfield_10036');
    return {
      id: issue.id,
      key: issue.key,
      fields: {
        title: String(fields.summary),
        amount: fields.customfield_10031 as number | null,
        due: fields.duedate as string | null,
        assignee: keyByName.get((fields.assignee as { displayName: string } | null)?.displayName ?? '') ?? null,
        labels: labels.filter((label) => !MARK.test(label)).sort(),
        distributor: chosen('customfield_10032'),
        note: (fields.customfield_10038 as string | null) || null,
        urgent: urgent === null ? null : urgent === 'Yes',
        status: (fields.status as { name: string }).name,
      },
      mark: property !== undefined && labels.includes(property.key) ? property.key : null,
      names: fields.customfield_10033 as string | null,
      inScope: (fields.issuetype as { name: string }).name === 'Purchase request',
    };
  }

  function deals(): Map<string, Seen> {
    const all = bitrix24.product.deals() as readonly Json[];
    return new Map(all.map((deal) => [String(deal.id), dealSeen(deal)]));
  }

  function dealSeen(deal: Json): Seen {
    const chosen = deal.ufCrm_1747309871 as number | null;
    return {
      id: String(deal.id),
      key: String(deal.id),
      fields: {
        title: String(deal.title),
        amount: Number(deal.opportunity),
        due: typeof deal.closedate === 'string' ? deal.closedate.slice(0, 10) || null : null,
        assignee: portalUsers.get(String(deal.assignedById)) ?? null,
        labels: [...(deal.ufCrm_1747309872 as string[])].sort(),
        distributor: CRM_DISTRIBUTORS[String(chosen)] ?? null,
        note: (deal.ufCrm_1747309878 as string | null) || null,
        urgent: deal.ufCrm_1747309875 === 'Y',
        status: STAGE_NAMES[String(deal.stageId)] ?? String(deal.stageId),
      },
      mark: String(deal.originatorId ?? '').startsWith('jira:') ? String(deal.originId) : null,
      names: (deal.ufCrm_1747309873 as string | null) || null,
      inScope: deal.categoryId === 9,
    };
  }

  const people = { jira: accounts, crm: portalUsers };
  return {
    seen: (side: Side) => (side === 'jira' ? issues() : deals()),
    show: (side: Side, field: FieldName, value: Value) => shownValue(people[side], side, field, value),
  };
}

/** From the canonical form that the engine keeps to what the screen of that side shows. */
export function shownValue(people: ReadonlyMap<string, string>, side: Side, field: FieldName, value: Value): Said {
  if (field === 'labels') return Array.isArray(value) ? [...value].sort() : [];
  if (value === null) return field === 'urgent' && side === 'crm' ? false : null;
  if (field === 'amount') return Number(typeof value === 'object' ? (value as Money).amount : value);
  if (typeof value === 'boolean') return value;
  const id = String(value);
  switch (field) {
    case 'assignee':
      return people.get(id) ?? null;
    case 'distributor':
      return (side === 'jira' ? JIRA_DISTRIBUTORS : CRM_DISTRIBUTORS)[id] ?? null;
    case 'urgent':
      return id === '10231' || id === '10301';
    case 'status':
      return (side === 'jira' ? STATUS_NAMES : STAGE_NAMES)[id] ?? id;
    default:
      return id;
  }
}
