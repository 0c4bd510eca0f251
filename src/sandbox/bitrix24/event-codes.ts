// Events of the portal, as `events` names them, with the scope that an application needs for each.

const ENTITY_EVENTS = ['LEAD', 'DEAL', 'CONTACT', 'COMPANY', 'TIMELINECOMMENT'].flatMap((entity) =>
  ['ADD', 'UPDATE', 'DELETE'].map((verb) => `ONCRM${entity}${verb}`),
);

export const OFFLINE_NOTICE = 'ONOFFLINEEVENT';
export const APP_INSTALL = 'ONAPPINSTALL';
export const APP_UNINSTALL = 'ONAPPUNINSTALL';
export const APP_TEST = 'ONAPPTEST';

const SCOPES: ReadonlyMap<string, string | null> = new Map([
  ...[...ENTITY_EVENTS, 'ONCRMDEALMOVETOCATEGORY'].map((event): [string, string] => [event, 'crm']),
  ...[OFFLINE_NOTICE, APP_INSTALL, 'ONAPPUPDATE', APP_UNINSTALL, APP_TEST].map((event): [string, null] => [
    event,
    null,
  ]),
]);

export const EVENT_CODES: readonly string[] = [...SCOPES.keys()];

/** Application events: a webhook made by hand cannot choose them. */
export const NOT_FOR_WEBHOOKS: ReadonlySet<string> = new Set([
  'ONCRMDEALMOVETOCATEGORY',
  ...EVENT_CODES.filter((event) => SCOPES.get(event) === null),
]);

/** Events that carry a refresh token (Bitrix24 docs: events). */
export const WITH_REFRESH_TOKEN: ReadonlySet<string> = new Set([APP_INSTALL, 'ONAPPUPDATE', APP_TEST, OFFLINE_NOTICE]);

export function isEventFor(event: string, scopes: readonly string[]): boolean {
  const scope = SCOPES.get(event);
  return scope !== undefined && (scope === null || scopes.includes(scope));
}
