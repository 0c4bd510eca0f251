// nextPageToken: opaque, bound to its JQL, good for seven days, spent by its first use.

import { general } from '../answer.ts';
import type { IssueData, World } from '../world.ts';

type PageToken = { readonly jql: string; readonly after: IssueData; readonly writtenAt: number; spent: boolean };

const TOKENS = new WeakMap<World, Map<string, PageToken>>();

function tokensOf(world: World): Map<string, PageToken> {
  const known = TOKENS.get(world) ?? new Map<string, PageToken>();
  TOKENS.set(world, known);
  return known;
}

export function writeToken(world: World, jql: string, after: IssueData): string {
  const token = Buffer.from(`page-${world.next('page', 1)}-${jql}`).toString('base64');
  tokensOf(world).set(token, { jql, after, writtenAt: world.clock.now(), spent: false });
  return token;
}

/** The issue after which the page begins. Throws the 400 of a token that is unknown, spent, old or of another query. */
export function takeToken(world: World, token: string, jql: string, livesMs: number): IssueData {
  const tokens = tokensOf(world);
  const found = tokens.get(token);
  const spent = found?.spent === true && world.settings.spentPageToken === 'refuse';
  if (!found || spent || found.jql !== jql || world.clock.now() - found.writtenAt > livesMs) {
    throw general(400, 'The nextPageToken is invalid or has expired.');
  }
  found.spent = true;
  return found.after;
}
