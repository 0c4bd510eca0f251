// The site at its start: the company's purchase requests, and a handful of tasks of another project.

import { createHash } from 'node:crypto';
import type { SampleCompany } from '../sample-company.ts';
import { adfOf } from './adf.ts';
import { byId, type FieldDef, ISSUE_TYPES, PRIORITIES, PROJECTS, STATUSES } from './schema.ts';
import type { Person, Value, World } from './world.ts';
import { addIssue } from './writes.ts';

/** The same person has the same account id on every start. */
function accountIdOf(key: string): string {
  const hex = createHash('sha256').update(`nordhafen ${key}`).digest('hex');
  return `712020:${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function peopleOf(company: SampleCompany): { people: Person[]; accounts: Map<string, Person> } {
  const accounts = new Map<string, Person>();
  for (const { key, name, jiraEmail } of company.people) {
    accounts.set(key, { accountId: accountIdOf(key), name, email: jiraEmail, timeZone: null });
  }
  return { people: [...accounts.values()], accounts };
}

const OPS_TASKS: readonly { summary: string; status: string }[] = [
  { summary: 'Calibrate the test bench', status: 'In Progress' },
  { summary: 'Order new name plates for the P-200 series', status: 'To Do' },
  { summary: 'Replace the bearing of crane 2', status: 'Done' },
  { summary: 'Archive test reports of last year', status: "Won't do" },
];

const idByName = (list: readonly { id: string; name: string }[], name: string) =>
  list.find((item) => item.name === name)?.id ?? '';

const silent = () => {};

export function seedSite(world: World, company: SampleCompany, accounts: ReadonlyMap<string, Person>): void {
  const [buy, ops] = PROJECTS;
  const [requestType, taskType] = ISSUE_TYPES;
  if (!buy || !ops || !requestType || !taskType) throw new Error('the site has no projects');
  const account = (key: string | null) => (key === null ? null : (accounts.get(key)?.accountId ?? null));
  const admin = world.people[0] ?? world.syncAccount;
  const distributors: FieldDef | undefined = byId(world.fields, 'customfield_10032');

  for (const request of company.requests) {
    const distributor = distributors?.options.find((option) => option.value === request.distributor)?.id ?? null;
    const values = new Map<string, Value | null>([
      ['summary', request.summary],
      ['description', request.description === '' ? null : adfOf(request.description)],
      ['customfield_10031', request.budget],
      ['duedate', request.dueDate],
      ['customfield_10032', distributor],
      ['labels', request.labels.length === 0 ? null : [...request.labels].sort()],
      ['assignee', account(request.assignee)],
      ['reporter', account(request.reporter)],
      ['priority', idByName(PRIORITIES, request.priority)],
    ]);
    const by = account(request.reporter) ?? admin.accountId;
    const statusId = idByName(STATUSES, request.status);
    addIssue(world, silent, { project: buy, typeId: requestType.id, by, values, statusId, at: request.createdAt });
  }
  const first = company.requests.reduce((least, { createdAt }) => Math.min(least, createdAt), world.clock.now());
  for (const { summary, status } of OPS_TASKS) {
    const values = new Map<string, Value | null>([['summary', summary]]);
    const statusId = idByName(STATUSES, status);
    addIssue(world, silent, { project: ops, typeId: taskType.id, by: admin.accountId, values, statusId, at: first });
  }
}
