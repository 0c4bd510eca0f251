// What becomes of a delivery: verified on its raw bytes by the connector, stored as dirty marks, and only then answered
// with 2xx. Its content is never believed beyond which record it names.
import type { Delivery, EventSource, Signal, Verdict } from '../connectors/connector.ts';
import { SyncError } from '../errors.ts';
import type { Side } from '../model.ts';
import type { Clock, Log } from '../ports.ts';
import type { Store } from '../state/store.ts';
import { marksOf, type ProfilesFor } from './marks.ts';
import type { Metrics, WebhookVerdict } from './metrics.ts';

export type WebhookConnection = {
  readonly name: string;
  readonly side: Side;
  readonly receive: (delivery: Delivery, now: number) => Verdict;
  readonly takeIn?: EventSource['takeIn'];
};

export type WebhookOptions = {
  readonly connections: readonly WebhookConnection[];
  readonly profilesFor: ProfilesFor;
  readonly store: Pick<Store, 'acceptDelivery'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'webhookReceived' | 'hints' | 'heard'>;
  /** Rings the engine; called after the marks are durable. */
  readonly onHint: () => void;
  /** What a delivery said about its connection. */
  readonly onSignal?: (connection: string, signal: Signal) => void;
};

export type WebhookAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};

export type WebhookHandlers = {
  readonly handle: (connection: string, delivery: Delivery) => Promise<WebhookAnswer>;
};

/** Vendors retry for hours; the ids are kept as long, so anything older could be a replay that we no longer know. */
export const OLDEST_DELIVERY_MS = 48 * 60 * 60 * 1000;
const RETRY_AFTER_SECONDS = 30;

const OK: WebhookAnswer = { status: 200, body: 'ok' };
const UNKNOWN: WebhookAnswer = { status: 404, body: 'not found' };
const REFUSED: WebhookAnswer = { status: 401, body: 'refused' };
const TRY_AGAIN: WebhookAnswer = {
  status: 503,
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
  body: 'try again',
};

export function createWebhookHandlers(options: WebhookOptions): WebhookHandlers {
  const { store, clock, log, metrics, onHint } = options;
  const connections = new Map(options.connections.map((connection) => [connection.name, connection]));

  async function handle(name: string, delivery: Delivery): Promise<WebhookAnswer> {
    const connection = connections.get(name);
    const count = (label: string, what: WebhookVerdict, answer: WebhookAnswer): WebhookAnswer => {
      metrics.webhookReceived(label, what, delivery.body.length);
      return answer;
    };
    // Names come from the outside: as a label they would let anybody grow the metrics.
    if (!connection) return count('unknown', 'unknown', UNKNOWN);
    const now = clock.now();

    let verdict: Verdict;
    try {
      const signal = (await connection.takeIn?.(delivery)) ?? null;
      if (signal !== null) options.onSignal?.(name, signal);
      verdict = connection.receive(delivery, now);
    } catch (error) {
      // What it said about the connection could not be checked or kept.
      if (error instanceof SyncError) {
        log.error('webhook could not be stored', { connection: name, error });
        return count(name, 'failed', TRY_AGAIN);
      }
      // A 5xx would bring the same body again and again until the vendor disables the webhook; the sweep finds the change.
      log.error('webhook could not be read', { connection: name, bytes: delivery.body.length, error });
      return count(name, 'unreadable', OK);
    }
    if (!verdict.accepted) {
      log.warn('webhook refused', { connection: name, reason: verdict.reason });
      return count(name, 'refused', REFUSED);
    }
    if (verdict.at !== null && now - verdict.at > OLDEST_DELIVERY_MS) {
      log.info('webhook older than 48 hours ignored', { connection: name, at: new Date(verdict.at).toISOString() });
      return count(name, 'expired', OK);
    }

    const marks = marksOf(connection, verdict.hints, options.profilesFor);
    // Two vendors may use the same ids.
    const id = verdict.id === null ? null : `${name}:${verdict.id}`;
    try {
      const { duplicate } = await store.acceptDelivery(id, marks, now);
      if (duplicate) return count(name, 'duplicate', OK);
    } catch (error) {
      log.error('webhook could not be stored', { connection: name, error });
      return count(name, 'failed', TRY_AGAIN);
    }
    for (const mark of marks) metrics.hints(mark.cause, 1);
    metrics.heard(name, now);
    if (marks.length > 0) onHint();
    return count(name, 'accepted', OK);
  }

  return { handle };
}
