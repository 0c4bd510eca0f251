// What changes nothing on the other side of the border: done or not done before its answer is lost is the same there.
import type { Side } from '../../src/model.ts';
import type { SandboxRequest } from '../../src/sandbox/http.ts';
import { methodOfPath } from '../../src/sandbox/request-log.ts';

const READING_POSTS = /\/(bulkfetch|search\/jql|search\/approximate-count|jql\/parse)$/;
/** The queue's `get` reserves what it answers. */
const READING_METHODS =
  /^(?!event\.offline\.get$)(.+\.(get|list|fields)|user\.(get|current)|profile|scope|server\.time|method\.get|app\.info|feature\.get|events?)$/;

export function changesNothing(side: Side, request: SandboxRequest, commands: readonly string[]): boolean {
  if (side === 'jira') return request.method === 'GET' || READING_POSTS.test(request.path);
  if (!request.path.startsWith('/rest/')) return false;
  const method = methodOfPath(request.path);
  return method === 'batch' ? commands.every(isReading) : isReading(method);
}

function isReading(method: string): boolean {
  return READING_METHODS.test(method);
}

/** Verbs of the store that only look. A claim is kept in memory alone, and ends with the life that took it. */
export const READING_VERBS: ReadonlySet<string> = new Set(
  `absence claim claimRecord claimRung command conflict conflicts controls counts cursor dirtyRow dueRows faults figures
  findRecord goneTally hiddenRecords intent isApart journal leaseTable linkOf links linksElsewhere loadSecret matches nextDue
  notes overwrites parked profileState standing whatWaits`.split(/\s+/),
);
