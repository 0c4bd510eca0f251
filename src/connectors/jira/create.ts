// Creates leave in small batches, each element with its label and property inside, so that a batch whose answer is lost
// can be found again by either.
import { BadResponseError, type SyncError, UnavailableError } from '../../errors.ts';
import type { Fields, Marker, Scope, SourceRecord } from '../../model.ts';
import type { Clock } from '../../ports.ts';
import { hooksOf, type WriteHooks } from '../ask.ts';
import { announce, createCoalescer, type Outcome } from '../coalesce.ts';
import type { Connector, WriteAsk } from '../connector.ts';
import type { Client, JiraCall } from './client.ts';
import { encode } from './fields.ts';
import { createIssue, createIssues } from './jira-js.ts';
import { markerProperty } from './marker.ts';
import type { Reader } from './read.ts';
import { PSEUDO_FIELDS } from './records.ts';
import { rejected } from './refusals.ts';
import { jiraScope } from './scope.ts';
import { parseAnswer, wireCreated, wireCreatedMany } from './wire.ts';

type IssueBody = {
  readonly fields: Record<string, unknown>;
  readonly properties: { readonly key: string; readonly value: unknown }[];
};
type Item = WriteHooks & { readonly body: IssueBody };

/** A cut batch leaves all its creates in doubt. */
export const MAX_CREATED = 10;
const GATHER_MS = 50;
const BULK_BUDGET = 'POST issue/bulk';

export type Creator = Connector['create'];

export function createCreator(client: Client, reader: Reader, clock: Clock): Creator {
  const coalesced = createCoalescer<Item, string>({
    maxBatch: () => MAX_CREATED,
    gatherAbove: { bulk: 1 },
    keyOf: () => null,
    slot: (lane) => client.gather(BULK_BUDGET, lane),
    send: async (items, lane) => {
      const announced = await announce(items);
      const leaving = announced.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
      const mayLeave = () => {
        for (const item of leaving) item.mayLeave?.();
      };
      const single = leaving.length === 1;
      const call: JiraCall = {
        what: single ? 'creating an issue' : `creating ${leaving.length} issues`,
        writes: true,
        budget: single ? 'POST issue' : BULK_BUDGET,
        ask: { lane, mayLeave },
        admitted: !single,
        accept: single ? [] : [400],
      };
      // An error of the call belongs to what left, not to those whose hook kept them here.
      const bodies = leaving.map(({ body }) => body);
      const created = await send(bodies, call).catch((error: unknown) =>
        bodies.map((): Outcome<string> => ({ ok: false, error })),
      );
      let at = 0;
      return announced.map((outcome) => (outcome.ok ? (created[at++] ?? unanswered()) : outcome));
    },
  });

  let gathering: Promise<void> | null = null;

  /** One wait for all that come meanwhile, so that they go on together. */
  function gathered(): Promise<void> {
    gathering ??= clock.sleep(GATHER_MS).finally(() => {
      gathering = null;
    });
    return gathering;
  }

  async function send(bodies: readonly IssueBody[], call: JiraCall): Promise<Outcome<string>[]> {
    const only = bodies[0];
    if (only === undefined) return [];
    if (bodies.length === 1) {
      const data = await createIssue(client.api(call), only as Parameters<typeof createIssue>[1]);
      return [{ ok: true, value: parseAnswer(wireCreated, data, 'a create').id }];
    }
    const data = await createIssues(client.api(call), { issueUpdates: [...bodies] } as Parameters<
      typeof createIssues
    >[1]);
    // The refusals stand in a good answer.
    return judge(JSON.parse(client.redact(JSON.stringify(data ?? null))), bodies.length, call);
  }

  async function create(
    scope: Scope,
    values: Fields,
    marker: Marker,
    fields: readonly string[],
    ask: WriteAsk,
  ): Promise<SourceRecord> {
    const body = bodyOf(scope, values, marker);
    const id = await coalesced({ body, ...hooksOf(ask) }, ask);
    // Without the asker's signal: the issue exists, and whoever asked must learn of it.
    const afterwards = { lane: ask.lane };
    // Batches of ten that left together come back together, and a bulk fetch reads a hundred.
    if (ask.lane === 'bulk') await gathered();
    return readBack(() => reader.readNew(scope, id, fields, afterwards), id);
  }

  return create;
}

function bodyOf(scope: Scope, values: Fields, marker: Marker): IssueBody {
  const { project, type, kinds } = jiraScope(scope);
  const fields: Record<string, unknown> = {};
  for (const [id, value] of Object.entries(values)) {
    if (value === null || (PSEUDO_FIELDS as readonly string[]).includes(id)) continue;
    fields[id] = encode(kinds[id] ?? 'other', value, id);
  }
  const labels = Array.isArray(fields.labels) ? fields.labels : [];
  return {
    fields: { ...fields, labels: [...labels, marker.key], project: { id: project }, issuetype: { id: type } },
    properties: [markerProperty(marker)],
  };
}

/** Places the answers of a bulk create: successes keep their order, failures name their place in the request. */
export function judge(data: unknown, count: number, call: JiraCall): Outcome<string>[] {
  const answer = parseAnswer(wireCreatedMany, withLists(data, call), 'a bulk create');
  const failed = new Map((answer.errors ?? []).map((error) => [error.failedElementNumber, error]));
  const created = answer.issues.values();
  const outcomes: Outcome<string>[] = [];
  for (let at = 0; at < count; at += 1) {
    const failure = failed.get(at);
    const success = failure ? undefined : created.next().value;
    if (success) outcomes.push({ ok: true, value: success.id });
    else if (failure) outcomes.push({ ok: false, error: elementError(failure.status ?? 400, failure.elementErrors) });
    else outcomes.push(unanswered());
  }
  return outcomes;
}

/** A 400 for the whole request has no list of issues: every element of it is refused. */
function withLists(data: unknown, call: JiraCall): unknown {
  if (data !== null && typeof data === 'object' && 'issues' in data) return data;
  throw rejected(data, call, 400);
}

function elementError(status: number, errors: unknown): SyncError {
  const call = { what: 'creating an issue', writes: true };
  if (status < 500) return rejected(errors, call, status);
  return new UnavailableError('Jira failed while creating an issue', 'It is looked for before it is created again.', {
    ambiguous: true,
    arrived: true,
  });
}

function unanswered(): Outcome<string> {
  const error = new BadResponseError(
    'Jira’s answer to a bulk create leaves an issue out',
    'The issue is looked for by its marker before it is created again.',
    { path: 'issues', excerpt: '' },
  );
  return { ok: false, error };
}

/** From here on the issue exists: whatever goes wrong leaves the caller in doubt, never with "not created". */
async function readBack(read: () => Promise<SourceRecord | null>, id: string): Promise<SourceRecord> {
  try {
    const record = await read();
    if (record) return record;
  } catch (cause) {
    throw inDoubt(`Issue ${id} was created but could not be read back`, cause);
  }
  throw inDoubt(`Issue ${id} was created but is not visible to the integration account`, undefined);
}

function inDoubt(message: string, cause: unknown): UnavailableError {
  const cure =
    'It is looked for by its marker. If it stays hidden, check the project’s permissions and security levels.';
  return new UnavailableError(message, cure, { ambiguous: true, arrived: true, cause });
}
