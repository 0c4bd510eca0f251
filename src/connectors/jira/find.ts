import type { Scope, SourceRecord } from '../../model.ts';
import type { Ask } from '../connector.ts';
import type { Client } from './client.ts';
import { searchJql } from './jira-js.ts';
import { MARKER_PROPERTY, provenMarker } from './marker.ts';
import type { Reader } from './read.ts';
import { jiraScope } from './scope.ts';
import { parseAnswer, wireSearchPage } from './wire.ts';

export type Finder = (
  scope: Scope,
  key: string,
  fields: readonly string[],
  ask: Ask,
) => Promise<readonly SourceRecord[]>;

/**
 * Looks for the label in the whole project, because an issue of ours may have left the scope since; only those whose
 * property says the same count. Search lags, so an empty answer proves nothing.
 */
export function createFinder(client: Client, reader: Reader): Finder {
  return async (scope, key, fields, ask) => {
    const { project } = jiraScope(scope);
    const call = { what: 'looking for a mark', writes: false, budget: 'POST search/jql', ask };
    const data = await searchJql(client.api(call), {
      jql: `project = ${project} AND labels = ${quoted(key)} ORDER BY id ASC`,
      fields: ['labels'],
      properties: [MARKER_PROPERTY],
      maxResults: 50,
    });
    const hits = parseAnswer(wireSearchPage, data, 'a search by label').issues;
    const proven = hits.filter((issue) => provenMarker(issue)?.key === key);
    const records = await Promise.all(proven.map((issue) => reader.read(scope, issue.id, fields, ask)));
    return records.filter((record) => record !== null);
  };
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
