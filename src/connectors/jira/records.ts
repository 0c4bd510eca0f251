import type { Fields, Scope, SourceRecord, Value } from '../../model.ts';
import { plainOf } from '../plain.ts';
import { canonicalInstant, decode, type Kind } from './fields.ts';
import { markerOf } from './marker.ts';
import { ISSUE, jiraScope } from './scope.ts';
import type { WireIssue } from './wire.ts';

/** Read along with whatever is asked: version, age, our label, and where the issue stands now. */
const ALWAYS = ['created', 'updated', 'labels', 'project', 'issuetype'];

/** Not fields of Jira's, but of every record: profiles may match and compute with them. */
export const PSEUDO_FIELDS = ['id', 'key', 'url'] as const;

/** What Jira must be asked for, sorted so that equal wishes make equal requests. */
export function wireFields(fields: readonly string[]): string[] {
  const wanted = new Set([...ALWAYS, ...fields]);
  for (const pseudo of PSEUDO_FIELDS) wanted.delete(pseudo);
  return [...wanted].sort();
}

export type RecordContext = {
  readonly scope: Scope;
  readonly fields: readonly string[];
  /** Address of the site, for links that people open. */
  readonly site: string;
  /** Told by a search with the scope's query; left out, project and type decide. */
  readonly inScope?: boolean;
};

export function toRecord(issue: WireIssue, { scope, fields, site, inScope }: RecordContext): SourceRecord {
  const { kinds, project, type } = jiraScope(scope);
  const url = `${site}/browse/${issue.key}`;
  const own = { id: issue.id, key: issue.key, url };
  const version = canonicalInstant(plainOf(issue.fields.updated)) ?? '';
  return {
    ref: { side: 'jira', connection: scope.connection, entity: ISSUE, id: issue.id },
    key: issue.key,
    url,
    version,
    createdAt: instantOf(issue.fields.created),
    updatedAt: instantOf(issue.fields.updated),
    // An issue tells who reported it, not who changed it last.
    updatedBy: null,
    fields: fieldsOf(issue, fields, kinds, own),
    marker: markerOf(issue),
    inScope: inScope ?? (idOf(issue.fields.project) === project && idOf(issue.fields.issuetype) === type),
  };
}

function fieldsOf(
  issue: WireIssue,
  wanted: readonly string[],
  kinds: Readonly<Record<string, Kind>>,
  own: Readonly<Record<string, string>>,
): Fields {
  const fields: Record<string, Value> = {};
  for (const id of wanted) {
    const pseudo = own[id];
    const kind = kinds[id];
    // Own members only: a field called `constructor` in a profile must not find the one of every object.
    const raw = Object.hasOwn(issue.fields, id) ? issue.fields[id] : undefined;
    const value = pseudo !== undefined ? pseudo : kind === undefined ? undefined : decode(kind, raw);
    if (value !== undefined) fields[id] = value;
  }
  return fields;
}

function instantOf(raw: unknown): number {
  const time = Date.parse(canonicalInstant(plainOf(raw)) ?? '');
  return Number.isNaN(time) ? 0 : time;
}

function idOf(raw: unknown): string | null {
  return raw !== null && typeof raw === 'object' && 'id' in raw ? plainOf(raw.id) : null;
}
