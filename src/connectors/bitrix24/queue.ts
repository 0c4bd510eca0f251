// The offline queue: the portal keeps a row per changed record until we say that we have it. Rows are read with
// `clear: 0`, which reserves them under a process id, and cleared only after the caller has stored what they say.
import { z } from 'zod';
import { BadResponseError } from '../../errors.ts';
import type { Log } from '../../ports.ts';
import type { Ask, RemoteHint, Taken } from '../connector.ts';
import { plainOf } from '../plain.ts';
import { mapOf, type Params } from './batch.ts';
import type { CallAsk, Client } from './client.ts';
import { CONNECTOR, type Features } from './features.ts';
import { hintOf } from './webhook.ts';

/** Asked for; some portals cap it there, so less than this says nothing about the end. */
const LIMIT = 50;

const row = z.object({
  EVENT_NAME: z.string(),
  /** `false` in the docs' samples: then nothing tells which record it was. */
  EVENT_DATA: z
    .object({ FIELDS: z.object({ ID: z.coerce.string() }) })
    .nullable()
    .catch(null),
});
const portion = z.object({
  process_id: z.string().nullable().catch(null),
  events: z.preprocess((raw) => (Array.isArray(raw) ? raw : Object.values(mapOf(raw))), z.array(row)),
});
type Portion = z.infer<typeof portion>;

export function createQueue(options: {
  readonly client: Client;
  readonly features: (ask: Ask) => Promise<Features>;
  readonly log: Log;
}): (ask: Ask) => AsyncIterable<Taken> {
  const { client, features, log } = options;
  /** False while rows may be reserved that nobody works on: after a start, and after a round that did not end. */
  let settled = false;
  let toldBlind = false;

  async function call(method: string, params: Params, ask: CallAsk): Promise<unknown> {
    const outcome = await client.call({ method, params }, ask);
    if (outcome.kind === 'done') return outcome.answer.result;
    const cut = { code: 'INTERNAL_SERVER_ERROR', description: 'the call was not run', status: null };
    throw client.error(outcome.kind === 'failed' ? outcome.failure : cut, method, false);
  }

  async function take(params: Params, ask: CallAsk): Promise<Portion> {
    const parsed = portion.safeParse(await call('event.offline.get', params, ask));
    if (parsed.success) return parsed.data;
    throw new BadResponseError('event.offline.get answered no rows', 'Report it with the Bitrix24 version.', {
      path: parsed.error.issues[0]?.path.join('.') ?? '',
      excerpt: '',
    });
  }

  /** Process ids of rows that were taken before and not finished: one engine works, so all of them are ours. */
  async function unfinished(own: Params, ask: CallAsk): Promise<readonly string[]> {
    const found = new Set<string>();
    for (let start = 0; ; start += LIMIT) {
      const params = { ...own, filter: { '!PROCESS_ID': '' }, order: { ID: 'ASC' }, start };
      const outcome = await client.call({ method: 'event.offline.list', params }, ask);
      const rows = outcome.kind === 'done' ? outcome.answer.result : await listAll(own, start, ask);
      if (!Array.isArray(rows) || rows.length === 0) break;
      for (const one of rows) {
        const id = plainOf(mapOf(one).PROCESS_ID);
        if (id !== '') found.add(id);
      }
      if (rows.length < LIMIT) break;
    }
    return [...found];
  }

  /** Where the filter is not taken, everything is listed and looked through. */
  function listAll(own: Params, start: number, ask: CallAsk): Promise<unknown> {
    return call('event.offline.list', { ...own, order: { ID: 'ASC' }, start }, ask);
  }

  function hintsOf({ events }: Portion): readonly RemoteHint[] {
    const hints = events.flatMap((one) => hintOf(one.EVENT_NAME, one.EVENT_DATA?.FIELDS.ID ?? null) ?? []);
    if (!toldBlind && events.some((one) => one.EVENT_DATA === null)) {
      toldBlind = true;
      log.warn('the queue of events does not say which records changed: sweeps find them');
    }
    return hints;
  }

  return async function* pull(ask) {
    const { queue, connector } = await features(ask);
    if (!queue) return;
    const own: Params = connector ? { auth_connector: CONNECTOR } : {};
    // A repeated take would leave the rows of the first one reserved: to the transport it is a write.
    const how: CallAsk = { lane: ask.lane, writes: true, signal: ask.signal };
    let open = 0;
    const taken = (one: Portion): Taken => {
      open += 1;
      return {
        hints: hintsOf(one),
        done: async () => {
          // Without a process id the portal has forgotten the rows already.
          if (one.process_id !== null) await call('event.offline.clear', { ...own, process_id: one.process_id }, how);
          open -= 1;
        },
      };
    };

    if (!settled) {
      for (const id of await unfinished(own, how)) {
        // More than one portion was never reserved under one id.
        yield taken({ ...(await take({ ...own, clear: 0, limit: LIMIT, process_id: id }, how)), process_id: id });
      }
    }
    for (;;) {
      settled = false;
      const one = await take({ ...own, clear: 0, limit: LIMIT }, how);
      if (one.events.length === 0) break;
      yield taken(one);
    }
    settled = open === 0;
  };
}
