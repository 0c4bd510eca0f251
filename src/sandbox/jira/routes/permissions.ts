// What the caller may do (Jira docs: Permissions): only the keys that were asked for, and one that is none refuses all.

import { general, ok } from '../answer.ts';
import type { Handler } from '../call.ts';
import type { Json } from '../render.ts';
import type { World } from '../world.ts';
import { findProject } from '../world.ts';

type Act = World['settings']['deny'][number];

/** Key -> id, name, kind, and the act of the setting `deny` that takes it away. */
const PERMISSIONS: Readonly<Record<string, readonly [string, string, 'GLOBAL' | 'PROJECT', Act | null]>> = {
  ADMINISTER: ['0', 'Administer Jira', 'GLOBAL', 'admin'],
  USER_PICKER: ['27', 'Browse users and groups', 'GLOBAL', null],
  BROWSE_PROJECTS: ['10', 'Browse Projects', 'PROJECT', null],
  CREATE_ISSUES: ['11', 'Create Issues', 'PROJECT', 'create'],
  EDIT_ISSUES: ['12', 'Edit Issues', 'PROJECT', 'edit'],
  ASSIGN_ISSUES: ['13', 'Assign Issues', 'PROJECT', 'edit'],
  DELETE_ISSUES: ['16', 'Delete Issues', 'PROJECT', 'delete'],
  ADMINISTER_PROJECTS: ['23', 'Administer Projects', 'PROJECT', 'admin'],
  SCHEDULE_ISSUES: ['28', 'Schedule Issues', 'PROJECT', 'edit'],
  MODIFY_REPORTER: ['30', 'Modify Reporter', 'PROJECT', 'edit'],
  TRANSITION_ISSUES: ['46', 'Transition Issues', 'PROJECT', 'transition'],
};

export const myPermissions: Handler = ({ world, caller, request }) => {
  const keys = (request.query.get('permissions') ?? '').split(',').filter((key) => key !== '');
  if (keys.length === 0) throw general(400, "The 'permissions' query parameter is required.");
  const project = request.query.get('projectId') ?? request.query.get('projectKey');
  if (project !== null && findProject(world, caller, project) === null) {
    throw general(404, `No project could be found with key '${project}'.`);
  }
  const permissions: Record<string, Json> = {};
  for (const key of keys) {
    const known = Object.hasOwn(PERMISSIONS, key) ? PERMISSIONS[key] : undefined;
    if (known === undefined) throw general(400, `Unrecognized permission: ${key}`);
    const [id, name, type, act] = known;
    const havePermission = caller !== null && (act === null || !world.settings.deny.includes(act));
    permissions[key] = { id, key, name, type, description: '', havePermission };
  }
  return ok({ permissions });
};
