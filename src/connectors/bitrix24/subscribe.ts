// What the application is bound to: online events that bring a record at once, and the offline queue that loses none.
// The bindings vanish with every new version of the application (Bitrix24 docs: event.bind), so they are compared with
// what is wanted and put right.
import { z } from 'zod';
import { BadResponseError } from '../../errors.ts';
import type { Ask } from '../connector.ts';
import type { SubscribeAsk, Subscription, SubscriptionStep } from '../event-source.ts';
import type { Params } from './batch.ts';
import type { CallAsk, Client } from './client.ts';
import { ENTITIES } from './entities.ts';
import { type Failure, isNamed } from './failures.ts';
import { CONNECTOR, type Features } from './features.ts';

type Binding = { readonly event: string; readonly offline: boolean; readonly handler: string; readonly name: string };

const flag = z.preprocess((raw) => Number(raw) === 1, z.boolean());
const rows = z.array(
  z
    .object({
      event: z.string().transform((event) => event.toUpperCase()),
      offline: flag,
      handler: z.string().nullish(),
      connector_id: z.string().nullish(),
    })
    .transform(
      ({ event, offline, handler, connector_id }): Binding => ({
        event,
        offline,
        handler: handler ?? '',
        name: connector_id ?? '',
      }),
    ),
);

/** Not every portal knows them all, and without them only comfort is lost. */
const OPTIONAL = new Set(['ONAPPUNINSTALL', 'ONAPPTEST', 'ONCRMDEALMOVETOCATEGORY']);

export function createSubscribe(options: {
  readonly client: Client;
  readonly features: (ask: Ask) => Promise<Features>;
}): (ask: SubscribeAsk) => Promise<Subscription> {
  const { client, features } = options;

  async function call(method: string, params: Params, ask: CallAsk): Promise<{ result: unknown } | Failure> {
    const outcome = await client.call({ method, params }, ask);
    if (outcome.kind === 'done') return { result: outcome.answer.result };
    if (outcome.kind === 'failed') return outcome.failure;
    return { code: 'INTERNAL_SERVER_ERROR', description: 'the call was not run', status: null };
  }

  async function bound(ask: CallAsk): Promise<readonly Binding[]> {
    const answered = await call('event.get', {}, { ...ask, writes: false });
    if (!('result' in answered)) throw client.error(answered, 'event.get', false);
    const parsed = rows.safeParse(answered.result);
    if (parsed.success) return parsed.data;
    throw new BadResponseError('event.get answered no list of bindings', 'Report it with the Bitrix24 version.', {
      path: 'result',
      excerpt: '',
    });
  }

  async function bind(wanted: Binding, ask: CallAsk): Promise<boolean> {
    const params = wanted.offline
      ? { event: wanted.event, event_type: 'offline', ...(wanted.name === '' ? {} : { auth_connector: wanted.name }) }
      : { event: wanted.event, handler: wanted.handler };
    const answered = await call('event.bind', params, ask);
    if ('result' in answered) return answered.result !== false;
    // Somebody bound it at the same moment; the list at the end tells.
    if (isNamed(answered, 'ERROR_EVENT_BINDING_EXISTS') || isNamed(answered, 'ERROR_CORE')) return true;
    if (isNamed(answered, 'ERROR_EVENT_NOT_FOUND')) return false;
    throw client.error(answered, 'event.bind', true);
  }

  async function unbind(found: Binding, ask: CallAsk): Promise<void> {
    const params = found.offline
      ? { event: found.event, event_type: 'offline', ...(found.name === '' ? {} : { auth_connector: found.name }) }
      : { event: found.event, handler: found.handler };
    const answered = await call('event.unbind', params, ask);
    if (!('result' in answered)) throw client.error(answered, 'event.unbind', true);
  }

  return async ({ handler, specs, takeOver, plan = false, lane, signal }) => {
    const ask: CallAsk = { lane, writes: true, signal };
    const { queue, connector } = await features({ lane });
    const wanted = wantedBindings(
      specs.map(({ entity }) => entity),
      handler,
      queue ? (connector ? CONNECTOR : '') : null,
    );
    const before = await bound(ask);
    const steps: SubscriptionStep[] = [];
    for (const binding of wanted) {
      const there = before.some((found) => isSame(found, binding));
      if (there) steps.push({ done: 'kept', what: nameOf(binding) });
      else if (plan || (await bind(binding, ask))) steps.push({ done: 'made', what: nameOf(binding) });
    }
    if (takeOver) {
      // The application is ours alone: what else it is bound to is left over from another address or name.
      for (const found of before) {
        if (wanted.some((binding) => isSame(found, binding))) continue;
        if (!plan) await unbind(found, ask);
        steps.push({ done: 'removed', what: nameOf(found) });
      }
    }
    if (plan) return { steps, missing: [], remarks: remarksOn({ queue, connector }) };
    const after = steps.some(({ done }) => done !== 'kept') ? await bound(ask) : before;
    const lost = wanted.filter(
      (binding) => !OPTIONAL.has(binding.event) && !after.some((found) => isSame(found, binding)),
    );
    return { steps, missing: missingOf(lost, handler), remarks: remarksOn({ queue, connector }) };
  };
}

/** `name`: of the queue, null where there is none. */
function wantedBindings(entities: readonly string[], handler: string, name: string | null): readonly Binding[] {
  const wanted = ENTITIES.filter((entity) => entities.length === 0 || entities.includes(entity.name));
  const changes = wanted.flatMap(({ eventCode }) => [
    ...['ADD', 'UPDATE', 'DELETE'].map((verb) => `ONCRM${eventCode}${verb}`),
    ...(eventCode === 'DEAL' ? ['ONCRMDEALMOVETOCATEGORY'] : []),
  ]);
  const online = [...changes, 'ONAPPUNINSTALL', 'ONAPPTEST', ...(name === null ? [] : ['ONOFFLINEEVENT'])];
  return [
    ...online.map((event) => ({ event, offline: false, handler, name: '' })),
    ...(name === null ? [] : changes.map((event) => ({ event, offline: true, handler: '', name }))),
  ];
}

function isSame(one: Binding, other: Binding): boolean {
  if (one.event !== other.event || one.offline !== other.offline) return false;
  return one.offline ? one.name === other.name : one.handler === other.handler;
}

function nameOf({ event, offline, handler, name }: Binding): string {
  return offline ? `${event} in the queue${name === '' ? '' : ` of ${name}`}` : `${event} to ${handler}`;
}

function missingOf(lost: readonly Binding[], handler: string): Subscription['missing'] {
  if (lost.length === 0) return [];
  const events = [...new Set(lost.map(({ event }) => event))].join(', ');
  const cure = `Check that Bitrix24 can reach ${handler} by https, and run it again.`;
  return [{ message: `Bitrix24 did not bind ${events}.`, cure }];
}

function remarksOn({ queue, connector }: Features): readonly string[] {
  if (!queue) return ['This Bitrix24 plan has no queue of events: what is lost on the way is found by the next sweep.'];
  if (connector) return [];
  return ['This Bitrix24 plan cannot leave our own writes out of the queue: they are looked at and found unchanged.'];
}
