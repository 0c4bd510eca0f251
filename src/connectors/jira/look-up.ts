// What became of a create without an answer. Search lags behind writes, so an empty search proves nothing; but new
// issues get the project's next keys, and a bulk fetch reads the primary store: reading the keys after the highest one
// known before the create settles it.
import type { Scope, SourceRecord } from '../../model.ts';
import type { Clock } from '../../ports.ts';
import type { Ask, LookUp, SentCreate } from '../connector.ts';
import { tooLateFrom } from '../too-late.ts';
import type { Client } from './client.ts';
import type { Finder } from './find.ts';
import { searchJql } from './jira-js.ts';
import type { Reader } from './read.ts';
import { jiraScope } from './scope.ts';
import { parseAnswer, wireSearchPage } from './wire.ts';

/** Without a key to start from only the index is left, and it may lag that long (Atlassian: seconds to minutes). */
const INDEX_MS = 30 * 60_000;
/** So many missing keys in a row are the end of the project (gaps that large are not known, nor denied). */
const RUN = 100;
const MOST_KEYS = 10_000;

export function createLookUp(client: Client, reader: Reader, find: Finder, clock: Clock, timeLimitMs: number) {
  /** Project key -> highest number known to exist. */
  const highest = new Map<string, number>();
  const asking = new Map<string, Promise<number>>();

  function note(key: string): void {
    const at = key.lastIndexOf('-');
    const number = Number(key.slice(at + 1));
    const project = key.slice(0, at);
    if (Number.isInteger(number) && number > (highest.get(project) ?? 0)) highest.set(project, number);
  }

  /** The index may not show the newest, so this is a lower bound, which is all that is needed. */
  async function highestListed(scope: Scope, ask: Ask): Promise<number> {
    const { project, projectKey } = jiraScope(scope);
    const call = { what: 'looking for the newest issue', writes: false, budget: 'POST search/jql', ask };
    const data = await searchJql(client.api(call), {
      jql: `project = ${project} ORDER BY key DESC`,
      fields: ['updated'],
      maxResults: 1,
    });
    const newest = parseAnswer(wireSearchPage, data, 'a search for the newest issue').issues[0];
    note(newest?.key ?? `${projectKey}-0`);
    return highest.get(projectKey) ?? 0;
  }

  async function beforeCreate(scope: Scope, ask: Ask): Promise<string> {
    const { projectKey } = jiraScope(scope);
    const known = highest.get(projectKey);
    if (known !== undefined) return String(known);
    // The first creates of a project come in hundreds: one of them asks for all.
    const asked = asking.get(projectKey) ?? highestListed(scope, ask).finally(() => asking.delete(projectKey));
    asking.set(projectKey, asked);
    return String(await asked);
  }

  /** All issues of the scope's kind with numbers from `from` on, until a long run of numbers is missing. */
  async function readFrom(scope: Scope, from: number, fields: readonly string[], ask: Ask): Promise<SourceRecord[]> {
    const { projectKey } = jiraScope(scope);
    const found: SourceRecord[] = [];
    for (let number = from; number < from + MOST_KEYS; number += RUN) {
      const keys = Array.from({ length: RUN }, (_, at) => `${projectKey}-${number + at}`);
      const { records, existing } = await reader.readKeys(scope, keys, fields, ask);
      for (const record of records) note(record.key);
      found.push(...records);
      if (existing === 0) break;
    }
    return found;
  }

  async function lookUp(
    scope: Scope,
    key: string,
    sent: SentCreate,
    fields: readonly string[],
    ask: Ask,
  ): Promise<LookUp> {
    const before = sent.before === null ? null : Number(sent.before);
    const over = before === null ? sent.endedAt + INDEX_MS : tooLateFrom(sent, timeLimitMs);
    const certain = clock.now() >= over;
    const start = before === null ? Math.max(0, (await highestListed(scope, ask)) - RUN) : before;
    const next = await readFrom(scope, start + 1, fields, ask);
    const found = next.filter((record) => record.marker?.key === key && record.marker.tenant !== '');
    if (found.length > 0) return { found, certain, again: over };
    return { found: await find(scope, key, fields, ask), certain, again: over };
  }

  async function unlisted(scope: Scope, fields: readonly string[], ask: Ask): Promise<readonly SourceRecord[]> {
    // The index need not fill in order: the last hundred that it shows may have holes too.
    const from = Math.max(0, (await highestListed(scope, ask)) - RUN) + 1;
    const records = await readFrom(scope, from, fields, ask);
    return records.filter((record) => record.inScope);
  }

  return { note, beforeCreate, lookUp, unlisted };
}
