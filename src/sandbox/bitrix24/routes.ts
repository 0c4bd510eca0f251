// Every method the portal answers. Names are compared without regard to case.
import { type Call, inScope, type Method } from './call.ts';
import { COMMENT_METHODS } from './comments.ts';
import { DICTIONARY_METHODS } from './dictionaries.ts';
import { EVENT_METHODS } from './event-methods.ts';
import { IMPORT_METHODS } from './import.ts';
import { ITEM_METHODS } from './items.ts';
import { OFFLINE_METHODS } from './offline-methods.ts';
import type { Answer } from './paging.ts';
import { STAGE_HISTORY_METHODS } from './stage-history.ts';
import { SYSTEM_METHODS } from './system-methods.ts';
import { USER_FIELD_METHODS } from './user-field-methods.ts';
import { USER_METHODS } from './user-methods.ts';

const BY_NAME: Readonly<Record<string, Method>> = {
  methods: { scope: null, run: methods },
  'method.get': { scope: null, run: methodGet },
  ...SYSTEM_METHODS,
  ...USER_METHODS,
  ...DICTIONARY_METHODS,
  ...USER_FIELD_METHODS,
  ...COMMENT_METHODS,
  ...ITEM_METHODS,
  ...IMPORT_METHODS,
  ...STAGE_HISTORY_METHODS,
};

const FOR_APPLICATIONS: Readonly<Record<string, Method>> = { ...EVENT_METHODS, ...OFFLINE_METHODS };

/** They exist, but answer a webhook WRONG_AUTH_TYPE: only an application may call them. */
export const APPLICATION_METHODS: ReadonlySet<string> = new Set(Object.keys(FOR_APPLICATIONS));

/** By lower-case name. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({ ...BY_NAME, ...FOR_APPLICATIONS }).map(([name, method]) => [name.toLowerCase(), method]),
);

function methods({ portal }: Call): Answer {
  const more = portal.acting.byApp ? APPLICATION_METHODS : ['events'];
  return { result: [...Object.keys(BY_NAME), ...more, 'batch'] };
}

function methodGet({ portal, params }: Call): Answer {
  const name = String(params.name ?? '').toLowerCase();
  const method = METHODS.get(name);
  const isExisting = method !== undefined || name === 'batch';
  const isAvailable = isExisting && (method === undefined || inScope(portal, method));
  return { result: { isExisting, isAvailable } };
}
