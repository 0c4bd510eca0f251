// Probes that need no module: who am I, what may I do, what time is it.
import type { Call, Method } from './call.ts';
import { printInstant } from './dates.ts';
import { accessDenied, RestError } from './errors.ts';
import type { Answer } from './paging.ts';
import type { Portal } from './portal.ts';
import { grantedScopes, hasFeature, isAdmin } from './rights.ts';

export const SYSTEM_METHODS: Readonly<Record<string, Method>> = {
  profile: { scope: null, run: profile },
  scope: { scope: null, run: scope },
  'feature.get': { scope: null, run: featureGet },
  'server.time': { scope: null, run: serverTime },
  'app.info': { scope: null, run: appInfo },
};

const ALL_SCOPES = ['catalog', 'crm', 'department', 'disk', 'im', 'sonet_group', 'task', 'user', 'userfieldconfig'];

function profile({ portal, user }: Call): Answer {
  if (!user.active) return { result: [] };
  return {
    result: {
      ID: String(user.id),
      ADMIN: isAdmin(portal, user),
      NAME: user.name,
      LAST_NAME: user.lastName,
      PERSONAL_GENDER: '',
      TIME_ZONE: 'Europe/Moscow',
    },
  };
}

function scope({ portal, params }: Call): Answer {
  const full = ['1', 'true', 'Y'].includes(String(params.full ?? params.FULL ?? ''));
  return { result: full ? ALL_SCOPES : [...grantedScopes(portal)] };
}

function featureGet({ portal, params }: Call): Answer {
  const code = String(params.CODE ?? params.code ?? '');
  if (code === '') throw new RestError(400, 'CODE_EMPTY', "CODE can't be empty");
  const known = code === 'rest_offline_extended' || code === 'rest_auth_connector';
  return { result: { value: known && hasFeature(portal, code) ? 'Y' : 'N' } };
}

function serverTime({ portal }: Call): Answer {
  return { result: printInstant(portal.clock.now(), portal.settings.portalOffset) };
}

function appInfo({ portal }: Call): Answer {
  if (portal.acting.byApp) return { result: applicationInfo(portal) };
  if (portal.settings.variants['app-info-by-webhook'] === 'A') {
    throw accessDenied('Access denied! Application context required');
  }
  const license = portal.settings.plan === 'enterprise' ? 'ru_ent250' : 'ru_pro100';
  return { result: { SCOPE: [...portal.settings.scopes], LICENSE: license } };
}

function applicationInfo(portal: Portal): Record<string, unknown> {
  const [type, family] = portal.settings.plan === 'enterprise' ? ['ent250', 'ent'] : ['pro100', 'pro'];
  return {
    ID: 7,
    CODE: portal.credential.clientId,
    VERSION: 1,
    STATUS: 'L',
    INSTALLED: true,
    PAYMENT_EXPIRED: portal.settings.paymentExpired ? 'Y' : 'N',
    DAYS: null,
    LANGUAGE_ID: 'ru',
    LICENSE: `ru_${type}`,
    LICENSE_TYPE: type,
    LICENSE_FAMILY: family,
  };
}
