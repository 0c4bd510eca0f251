// What happens in the demo once both sides are in step: people edit on both sides, and each change is watched until it
// shows on the other one. Nothing here touches the daemon: edits go into the sandboxes, and what arrived is read there.
import type { Clock } from '../ports.ts';
import type { SandboxEdit } from '../sandbox/http.ts';
import type { RunningSandbox } from '../sandbox/index.ts';
import type { Link } from '../state/store.ts';

type Where = 'jira' | 'crm';

export type Scene = {
  /** What people do, as one line each. */
  readonly says: readonly string[];
  readonly edits: readonly { readonly in: Where; readonly edit: SandboxEdit }[];
  /** What shows on the other side when it has arrived. */
  readonly arrives: readonly { readonly says: string; readonly shows: () => boolean }[];
};

export type Shown = { readonly says: string; readonly afterMs: number };

const PATIENCE_MS = 20_000;
const LOOK_AGAIN_MS = 10;

/** Scenes over two pairs that are open on both sides. */
export function scenesFor(sandbox: RunningSandbox, pairs: readonly [Link, Link, Link]): readonly Scene[] {
  const [first, second, third] = pairs;
  const issue = (link: Link) => issueOf(sandbox, link.ids.jira);
  const deal = (link: Link) => dealOf(sandbox, link.ids.crm);
  const title = (link: Link) => String(issue(link)?.fields.summary);
  const jira = (link: Link, user: string, fields: Record<string, unknown>) => ({
    in: 'jira' as const,
    edit: { op: 'update' as const, user, in: 'BUY', id: link.keys.jira, fields },
  });
  const crm = (link: Link, user: string, fields: Record<string, unknown>) => ({
    in: 'crm' as const,
    edit: { op: 'update' as const, user, in: 'deal', id: link.keys.crm, fields },
  });
  const fresh = 'Срочно: торцевые уплотнения для насосной станции №3';
  return [
    {
      says: [
        `In Bitrix24 Anna Weber sets the amount of deal ${first.keys.crm} to 1 250 000 RUB,`,
        `while in Jira Oleg Petrov moves the due date of ${first.keys.jira} to 2027-02-15.`,
      ],
      edits: [crm(first, 'Anna Weber', { Сумма: 1_250_000 }), jira(first, 'Oleg Petrov', { 'Due date': '2027-02-15' })],
      arrives: [
        {
          says: `${first.keys.jira} shows the budget 1250000`,
          shows: () => issue(first)?.fields.customfield_10031 === 1_250_000,
        },
        {
          says: `deal ${first.keys.crm} closes on 2027-02-15`,
          shows: () => String(deal(first)?.closedate).startsWith('2027-02-15'),
        },
      ],
    },
    {
      says: [`In Jira Irina Ivanova starts work on ${second.keys.jira} and labels it "priority-2027".`],
      edits: [jira(second, 'Irina Ivanova', { status: 'In Progress', labels: ['priority-2027'] })],
      arrives: [
        {
          says: `deal ${second.keys.crm} is in stage "В работе"`,
          shows: () => deal(second)?.stageId === 'C9:EXECUTING',
        },
        { says: `its tags hold "priority-2027"`, shows: () => JSON.stringify(deal(second)).includes('priority-2027') },
      ],
    },
    {
      says: [`In Bitrix24 Павел Смирнов opens a new deal "${fresh}".`],
      edits: [
        {
          in: 'crm',
          edit: {
            op: 'create',
            user: 'Павел Смирнов',
            in: 'deal',
            fields: { title: fresh, categoryId: 9, stageId: 'Новая', Сумма: 480_000 },
          },
        },
      ],
      arrives: [
        {
          says: 'Jira has a purchase request of that name',
          shows: () => issuesOf(sandbox).some((one) => one.fields.summary === fresh),
        },
      ],
    },
    {
      says: [
        `Both sides rename the same request at once: Jira says "${title(third)} (Jira)",`,
        `Bitrix24 says "${title(third)} (CRM)". Neither is overwritten: a person decides.`,
      ],
      edits: [
        jira(third, 'Oleg Petrov', { summary: `${title(third)} (Jira)` }),
        crm(third, 'Anna Weber', { title: `${title(third)} (CRM)` }),
      ],
      arrives: [],
    },
  ];
}

type Issue = { readonly id: string; readonly fields: Readonly<Record<string, unknown>> };
type Deal = Readonly<Record<string, unknown>>;

function issuesOf(sandbox: RunningSandbox): readonly Issue[] {
  return (sandbox.jira.product.state() as { issues: readonly Issue[] }).issues;
}

function issueOf(sandbox: RunningSandbox, id: string): Issue | undefined {
  return issuesOf(sandbox).find((issue) => issue.id === id);
}

function dealOf(sandbox: RunningSandbox, id: string): Deal | undefined {
  const { items } = sandbox.bitrix24.product.state() as { items: { deal: readonly Deal[] } };
  return items.deal.find((deal) => String(deal.id) === id);
}

/** Waits until the condition holds; null when it does not in time. */
export async function waitFor(
  clock: Clock,
  holds: () => boolean | Promise<boolean>,
  ms = PATIENCE_MS,
): Promise<number | null> {
  const startedAt = clock.now();
  while (!(await holds())) {
    if (clock.now() - startedAt > ms) return null;
    await clock.sleep(LOOK_AGAIN_MS);
  }
  return clock.now() - startedAt;
}

/** Plays one scene; answers what arrived, and when, and what did not. */
export async function play(
  scene: Scene,
  sandbox: RunningSandbox,
  clock: Clock,
): Promise<{ readonly shown: readonly Shown[]; readonly missing: readonly string[] }> {
  for (const { in: where, edit } of scene.edits) {
    (where === 'jira' ? sandbox.jira : sandbox.bitrix24).product.edit(edit);
  }
  const shown: Shown[] = [];
  const missing: string[] = [];
  for (const { says, shows } of scene.arrives) {
    const afterMs = await waitFor(clock, shows);
    if (afterMs === null) missing.push(says);
    else shown.push({ says, afterMs });
  }
  return { shown, missing };
}
