/**
 * Where a sweep stands, as text that a later process may pass again. `since`: by the server's clock, epoch ms. `all`: in
 * the middle of a pass over the whole scope; `since` is what the next sweep starts from once the pass has ended.
 */
export type Cursor =
  | { readonly kind: 'since'; readonly since: number }
  | { readonly kind: 'all'; readonly since: number; readonly token: string };

export function cursorText(cursor: Cursor): string {
  const since = Math.max(0, Math.floor(cursor.since));
  return cursor.kind === 'since' ? `since:${since}` : `all:${since}:${cursor.token}`;
}

/** Null for none, and for what this version does not understand: then everything is read again, which harms nothing. */
export function parseCursor(text: string | null): Cursor | null {
  const match = /^(since|all):(\d{1,15})(?::(.+))?$/s.exec(text ?? '');
  if (!match) return null;
  const since = Number(match[2]);
  if (match[1] === 'since') return match[3] === undefined ? { kind: 'since', since } : null;
  return match[3] === undefined ? null : { kind: 'all', since, token: match[3] };
}
