import { z } from 'zod';
import { AuthError, BadResponseError } from '../../errors.ts';
import type { Person } from '../../model.ts';
import type { Account, Ask } from '../connector.ts';
import type { Client, JiraCall } from './client.ts';
import { canonicalInstant } from './fields.ts';
import { getAllUsers, getCurrentUser, getServerInfo } from './jira-js.ts';
import { parseAnswer, type WireUser, wireServerInfo, wireTenantInfo, wireUser } from './wire.ts';

const USERS_PAGE = 200;

function reading(ask: Ask, budget: string, what: string): JiraCall {
  return { what, writes: false, budget, ask };
}

/** The probe: `myself` never answers anonymously, while many other operations do when a token has died. */
export async function whoAmI(client: Client, ask: Ask): Promise<WireUser> {
  const data = await getCurrentUser(client.api(reading(ask, 'GET myself', 'proving who we are')));
  const myself = parseAnswer(wireUser, data, '`myself`');
  if (myself.active === false) {
    throw new AuthError(
      'The integration account is deactivated',
      'Activate it in the user management, or give the connection another account.',
    );
  }
  client.expectAccount(myself.accountId);
  return myself;
}

export async function identify(client: Client, site: string, ask: Ask): Promise<Account> {
  const myself = await whoAmI(client, ask);
  const { baseUrl, now } = await serverInfo(client, ask);
  return {
    id: myself.accountId,
    name: myself.displayName ?? myself.accountId,
    tenant: (await cloudId(client, ask)) ?? new URL(baseUrl || site).host,
    serverTime: now,
    zone: myself.timeZone ?? null,
    missing: [],
  };
}

/** `now` by the server's clock: what it says itself, else the header of its answer. */
export async function serverInfo(client: Client, ask: Ask): Promise<{ baseUrl: string; now: number }> {
  let date: string | undefined;
  const call: JiraCall = {
    ...reading(ask, 'GET serverInfo', 'asking for the server’s time'),
    onAnswer: (response) => {
      date = response.headers.date;
    },
  };
  const info = parseAnswer(wireServerInfo, await getServerInfo(client.api(call)), '`serverInfo`');
  const now = Date.parse(canonicalInstant(info.serverTime ?? '') ?? date ?? '');
  if (!Number.isNaN(now)) return { baseUrl: info.baseUrl, now };
  throw new BadResponseError(
    'Jira’s `serverInfo` does not tell the time',
    'Check whether a proxy in between removes the Date header.',
    { path: 'serverTime', excerpt: '' },
  );
}

/** The site's immutable id. Null where this address is not the edge that knows it (gateway, sandbox, proxy). */
async function cloudId(client: Client, ask: Ask): Promise<string | null> {
  try {
    // No operation of the REST API, so jira.js does not have it.
    const response = await client.request(
      { method: 'GET', path: '/_edge/tenant_info' },
      reading(ask, 'GET tenant_info', 'asking for the cloud id'),
    );
    const parsed = wireTenantInfo.safeParse(response.data);
    return response.status === 200 && parsed.success ? parsed.data.cloudId : null;
  } catch (error) {
    // A page instead of JSON says as much as a 404. A broken connection says nothing, and the tenant must not flicker.
    if (error instanceof BadResponseError) return null;
    throw error;
  }
}

/** Everybody, deactivated people too; apps and customers of a service desk cannot be assigned. */
export async function people(client: Client, ask: Ask): Promise<readonly Person[]> {
  const found: Person[] = [];
  for (let startAt = 0; ; ) {
    const call = reading(ask, 'GET users/search', 'listing people');
    const data = await getAllUsers(client.api(call), { startAt, maxResults: USERS_PAGE });
    const page = parseAnswer(z.array(wireUser), data, 'the list of users');
    // Pages may come short of what was asked, so only an empty one is the end.
    if (page.length === 0) return found;
    for (const user of page) {
      if ((user.accountType ?? 'atlassian') !== 'atlassian') continue;
      found.push({
        id: user.accountId,
        email: user.emailAddress || null,
        name: user.displayName ?? user.accountId,
        active: user.active ?? true,
      });
    }
    startAt += page.length;
  }
}
