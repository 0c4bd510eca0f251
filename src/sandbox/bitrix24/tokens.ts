// Tokens of the application: an hour for access, 180 days for refresh. A refresh token is spent by its use.
import type { AccessToken } from './application.ts';
import type { Portal } from './portal.ts';

export const ACCESS_SECONDS = 3_600;
const REFRESH_MS = 180 * 86_400_000;
/** How long a spent refresh token still works where it does (variant oauth-old-refresh-token). */
const GRACE_MS = 600_000;
/** Expired tokens are still told from unknown ones for a while. */
const REMEMBERED_MS = 86_400_000;

export function mintAccess(portal: Portal, userId: number, hops = 0): string {
  const { accessTokens } = portal.app;
  const now = portal.clock.now();
  for (const [value, token] of accessTokens) {
    if (token.expiresAt + REMEMBERED_MS > now) break;
    accessTokens.delete(value);
  }
  const value = portal.random.hex(16);
  accessTokens.set(value, { userId, expiresAt: now + ACCESS_SECONDS * 1_000, hops });
  return value;
}

export function mintRefresh(portal: Portal, userId: number): string {
  const { refreshTokens } = portal.app;
  const now = portal.clock.now();
  for (const [value, token] of refreshTokens) {
    if (token.expiresAt > now) break;
    refreshTokens.delete(value);
  }
  const value = portal.random.hex(16);
  refreshTokens.set(value, { userId, expiresAt: now + REFRESH_MS, usedAt: null });
  return value;
}

export function findAccess(portal: Portal, value: string): (AccessToken & { readonly expired: boolean }) | null {
  const token = portal.app.accessTokens.get(value);
  return token ? { ...token, expired: token.expiresAt <= portal.clock.now() } : null;
}

/** Spends the token; answers its user, or null when it is no longer good. */
export function spendRefresh(portal: Portal, value: string): number | null {
  const token = portal.app.refreshTokens.get(value);
  const now = portal.clock.now();
  if (!token || token.expiresAt <= now) return null;
  if (token.usedAt !== null) {
    const grace = portal.settings.variants['oauth-old-refresh-token'] === 'B';
    if (!grace || token.usedAt + GRACE_MS <= now) return null;
  }
  token.usedAt ??= now;
  return token.userId;
}

export function expireAccess(portal: Portal): void {
  const now = portal.clock.now();
  for (const token of portal.app.accessTokens.values()) token.expiresAt = Math.min(token.expiresAt, now);
}

export function revokeTokens(portal: Portal): void {
  portal.app.accessTokens.clear();
  portal.app.refreshTokens.clear();
  portal.app.codes.clear();
}
