// How the daemon hears of changes beside its sweeps: deliveries, queues that products keep, registrations kept alive.
import type { Config } from '../config.ts';
import type { Connector, Signal } from '../connectors/connector.ts';
import type { Side } from '../model.ts';
import type { Clock, Log } from '../ports.ts';
import type { Store } from '../state/store.ts';
import type { Metrics } from '../triggers/metrics.ts';
import { createQueueReader, type QueueConnection } from '../triggers/queue-reader.ts';
import { createRegistrationKeeper, handlerAddress, type Registration } from '../triggers/registrations.ts';
import type { WebhookConnection } from '../triggers/webhooks.ts';
import type { LiveProfiles } from './live-profiles.ts';

type Connected = { readonly config: Pick<Config, 'connections' | 'server'>; readonly connectors: Connectors };
type Connectors = ReadonlyMap<string, Connector>;

export type EventParts = Connected & {
  readonly store: Store;
  readonly profiles: Pick<LiveProfiles, 'watching' | 'specs'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onHint: () => void;
  /** Whether this process reads the queue of a connection and keeps its registrations; default: it does. */
  readonly attends?: (connection: string) => boolean;
  /** A connection that was not usable may be so now. */
  readonly onInstalled: () => void;
};

export type DaemonEvents = {
  onSignal(connection: string, signal: Signal): void;
  /** Every minute or so. */
  tick(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
};

export type SignalNote = { readonly signal: Signal; readonly at: number };

function sideOf({ config }: Connected, name: string): Side {
  return config.connections[name]?.type === 'jira' ? 'jira' : 'crm';
}

/** What a product's last signal is noted under, and that `connect` has been run for a connection. */
export const signalNote = (connection: string) => `signal/${connection}`;
export const connectNote = (connection: string) => `connect/${connection}`;

export function receiversOf(parts: Connected): WebhookConnection[] {
  return [...parts.connectors].flatMap(([name, connector]) => {
    const receive = connector.receive?.bind(connector);
    if (receive === undefined) return [];
    const takeIn = connector.events?.takeIn;
    return [{ name, side: sideOf(parts, name), receive, ...(takeIn ? { takeIn } : {}) }];
  });
}

export function createDaemonEvents(parts: EventParts): DaemonEvents {
  const { config, connectors, store, profiles, clock, log, metrics, onHint } = parts;
  const queues: QueueConnection[] = [];
  const registrations: Registration[] = [];
  const publicUrl = config.server.webhooks?.publicUrl ?? null;
  for (const [name, { events }] of connectors) {
    if (events?.pull) queues.push({ name, side: sideOf(parts, name), pull: events.pull });
    if (!events || publicUrl === null) continue;
    registrations.push({ name, subscribe: events.subscribe, handler: handlerAddress(publicUrl, name) });
  }
  const attends = parts.attends ?? (() => true);
  const reader = createQueueReader({
    attends,
    connections: queues,
    profilesFor: profiles.watching,
    store,
    clock,
    log,
    metrics,
    onHint,
  });
  const keeper = createRegistrationKeeper({
    registrations,
    specs: profiles.specs,
    isOurs: async (name) => attends(name) && (await store.notes())[connectNote(name)] != null,
    clock,
    log,
    metrics,
  });

  return {
    onSignal(connection, signal) {
      if (signal === 'queue') return reader.wake(connection);
      const note: SignalNote = { signal, at: clock.now() };
      store.note(signalNote(connection), note).catch((error: unknown) => {
        log.error('a regular task failed', { error });
      });
      if (signal !== 'installed') return;
      keeper.lookAgain(connection);
      reader.wake(connection);
      parts.onInstalled();
    },
    tick: keeper.tick,
    start: reader.start,
    stop: reader.stop,
  };
}
