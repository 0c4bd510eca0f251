// What the account may do in the projects it is used for, against what these uses need (Jira docs: Permissions). Rights
// are asked for by key; a right that depends on an issue is told as held where any issue grants it.
import type { Ask, PlannedWrite, Rights, ScopeUse } from '../connector.ts';
import type { Client } from './client.ts';
import { getMyPermissions } from './jira-js.ts';
import { jiraScope } from './scope.ts';
import { parseAnswer, wirePermissions } from './wire.ts';

/** Without these, something that a profile wants fails. */
const WHAT_FOR = {
  BROWSE_PROJECTS: 'no issue can be read',
  USER_PICKER: 'people cannot be matched by e-mail',
  CREATE_ISSUES: 'no issue can be created',
  EDIT_ISSUES: 'no issue can be changed or marked',
  TRANSITION_ISSUES: 'no status can be changed',
  ASSIGN_ISSUES: 'nobody can be assigned',
  MODIFY_REPORTER: 'no reporter can be set',
  SCHEDULE_ISSUES: 'no due date can be set',
  DELETE_ISSUES: 'no issue can be deleted',
  ADMINISTER: 'the webhook cannot be registered',
} as const;
type Key = keyof typeof WHAT_FOR;

/** Rights of fields beside the one to edit. */
const OF_FIELD: Readonly<Record<string, Key>> = {
  status: 'TRANSITION_ISSUES',
  assignee: 'ASSIGN_ISSUES',
  reporter: 'MODIFY_REPORTER',
  duedate: 'SCHEDULE_ISSUES',
};
/** What a thief would gain most by; the rest comes with roles that nobody can take apart. */
const DANGEROUS = ['ADMINISTER', 'ADMINISTER_PROJECTS', 'DELETE_ISSUES'];

export async function rightsOf(
  client: Client,
  uses: readonly ScopeUse[],
  registers: boolean,
  ask: Ask,
): Promise<Rights> {
  const projects = new Map<string, { key: string; needed: Set<string> }>();
  for (const { scope, writes } of uses) {
    const { project, projectKey } = jiraScope(scope);
    const known = projects.get(project) ?? { key: projectKey, needed: new Set(always(registers)) };
    for (const right of writes.flatMap(neededFor)) known.needed.add(right);
    projects.set(project, known);
  }
  const missing: Rights['missing'][number][] = [];
  const unused = new Set<string>();
  const granted = new Set<string>();
  for (const [projectId, { key, needed }] of projects) {
    const asked = [...new Set([...needed, ...DANGEROUS])];
    const call = { what: 'asking for rights', writes: false, budget: 'GET mypermissions', ask };
    const data = await getMyPermissions(client.api(call), { projectId, permissions: asked.join(',') });
    const { permissions } = parseAnswer(wirePermissions, data, 'the rights of the account');
    for (const right of asked) {
      const told = permissions[right];
      const name = `${told?.name ?? right} (${right})`;
      if (told?.havePermission === true) {
        granted.add(name);
        if (!needed.has(right)) unused.add(`${name} in ${key}`);
      } else if (needed.has(right)) {
        missing.push({
          message: `The account lacks the right ${name} in ${key}: ${WHAT_FOR[right as Key]}.`,
          cure: 'Give it the right in the permission scheme of the project, or as a global permission.',
        });
      }
    }
  }
  return {
    granted: [...granted].sort(),
    missing,
    unused: [...unused].sort(),
    cure: 'Take them away in the permission scheme of the project, or give the connection an account of its own.',
  };
}

/** The webhook is an administrator's; `connect` registers it and the daemon renews it. */
function always(registers: boolean): readonly Key[] {
  return ['BROWSE_PROJECTS', 'USER_PICKER', ...(registers ? (['ADMINISTER'] as const) : [])];
}

function neededFor({ action, fields }: PlannedWrite): readonly Key[] {
  if (action === 'delete') return ['DELETE_ISSUES'];
  const special = fields.flatMap((field) => OF_FIELD[field] ?? []);
  if (action === 'create') return ['CREATE_ISSUES', ...special];
  // A marker is a property of the issue, and those are edits.
  const edits = action === 'stamp' || fields.some((field) => field !== 'status');
  return edits ? ['EDIT_ISSUES', ...special] : special;
}
