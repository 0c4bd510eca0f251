// What of its requests came back to the daemon, and which records it was shown, told by the requests and answers
// themselves.
import type { Side } from '../../../src/model.ts';
import type { SandboxRequest, SandboxResponse } from '../../../src/sandbox/http.ts';

/** For how long a connection waits for an answer where nobody set its `time-limit`. */
const PATIENCE_MS: Readonly<Record<Side, number>> = { jira: 30_000, crm: 75_000 };

/** The answer came, in time and whole. */
export function isHeard(side: Side, answer: SandboxResponse, tookMs: number): boolean {
  if (answer.drop || tookMs > PATIENCE_MS[side]) return false;
  const text = Buffer.from(answer.body).toString('utf8');
  if (text === '' || answer.status >= 400) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The records that a request asks for one by one. A page of a list is no look at a record, nor is what stands around a write
 * in the same request: nothing was planned on it.
 */
export function looksIn(side: Side, { path, body }: SandboxRequest): readonly string[] {
  const text = Buffer.from(body).toString('utf8');
  if (side === 'jira') {
    const asked = path.endsWith('/search/jql') ? 'reconcileIssues' : 'issueIdsOrKeys';
    if (asked === 'issueIdsOrKeys' && !path.endsWith('/issue/bulkfetch')) return [];
    const ids = JSON.parse(text)[asked] as readonly (string | number)[] | undefined;
    return (ids ?? []).map(String);
  }
  if (/\/crm\.item\.get(\.json)?$/.test(path)) return [String(JSON.parse(text).id)];
  if (!/\/batch(\.json)?$/.test(path)) return [];
  const commands = Object.values(JSON.parse(text).cmd as Record<string, string>).map((command) => {
    const [method, query] = command.split('?');
    return { method, id: new URLSearchParams(query).get('id') ?? '' };
  });
  const written = commands.filter(({ method }) => method === 'crm.item.update').map(({ id }) => id);
  return commands.flatMap(({ method, id }) => (method === 'crm.item.get' && !written.includes(id) ? [id] : []));
}
