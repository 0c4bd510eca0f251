// A renamed portal answers its old address with a redirect (Bitrix24 docs: change of the portal's address). Following
// it hands the credential to another host, so it is followed only where a rename can lead.
import { AuthError } from '../../errors.ts';
import type { TransportResponse } from '../transport.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What a rename changes is the first label: `old.bitrix24.ru` -> `new.bitrix24.ru`. */
const CLOUD_PARENT = /^bitrix24\.[a-z]{2,}(\.[a-z]{2})?$/;

/** The new origin, or null when the answer is no redirect. Throws when the redirect is not a rename. */
export function renamedTo(response: TransportResponse, origin: string, path: string): string | null {
  if (!REDIRECTS.has(response.status)) return null;
  const location = response.headers.location ?? '';
  const target = URL.canParse(location, origin) ? new URL(location, origin) : null;
  const here = new URL(origin);
  // 303 asks for a GET, which is not what a rename does.
  const samePath = target !== null && target.pathname === path && response.status !== 303;
  if (target !== null && samePath && isRename(here, target)) return target.origin;
  throw new AuthError(
    `${here.origin} redirects to ${target === null ? 'nowhere' : target.origin}, which is no renamed Bitrix24 address`,
    'Nothing was sent there. If the portal moved, change `url` and the webhook of the connection.',
  );
}

function isRename(here: URL, target: URL): boolean {
  if (target.username !== '' || target.password !== '' || target.origin === here.origin) return false;
  if (target.protocol !== 'https:' || target.port !== '') return false;
  const parent = parentOf(here.hostname);
  return CLOUD_PARENT.test(parent) && parentOf(target.hostname) === parent;
}

function parentOf(host: string): string {
  return host.slice(host.indexOf('.') + 1);
}
