// What the plan offers and what the caller may: the webhook's scopes or the application's, an administrator or not.
import type { Portal, User } from './portal.ts';

export function appScopes(portal: Portal): readonly string[] {
  return portal.settings.app?.scopes ?? portal.settings.scopes;
}

/** Plan features as feature.get names them. */
export function hasFeature(portal: Portal, name: 'rest_offline_extended' | 'rest_auth_connector'): boolean {
  return portal.settings.features[name] ?? portal.settings.plan === 'enterprise';
}

/** What the caller was granted: the webhook, or the application. */
export function grantedScopes(portal: Portal): readonly string[] {
  return portal.acting.byApp ? appScopes(portal) : portal.settings.scopes;
}

/** The first person always is one; the integration's account as `admin` says. */
export function isAdmin(portal: Portal, user: User): boolean {
  if (user.id === portal.credential.userId) return portal.settings.admin;
  return user.id === portal.users[0]?.id;
}
