// Whether a connection can be used now. A refused credential or an outage pauses it; it is probed until it answers,
// and heals by itself. While it is paused, nothing is sent for records and no attempt counts.
import type { Connector } from '../connectors/connector.ts';
import { AuthError, SyncError, UnavailableError } from '../errors.ts';
import type { Clock, Log, Random } from '../ports.ts';
import { AUTH_PROBE_MS, backOff } from './disposition.ts';

export type HealthState =
  | { readonly state: 'up' }
  | {
      readonly state: 'paused';
      readonly reason: string;
      readonly cure: string;
      readonly since: number;
      readonly nextProbe: number;
    };

export type ConnectionHealth = {
  state(): HealthState;
  /** Called with every error that this connection's work ran into. */
  failed(error: unknown): void;
  worked(): void;
  /** Probes when it is time to; answers whether the connection can be used now. */
  ready(signal?: AbortSignal): Promise<boolean>;
};

/** So many unanswered requests in a row are an outage, not a hiccup. */
const OUTAGE_AFTER = 3;
/** One request a minute costs nothing, and work goes on within a minute of the product's return. */
const OUTAGE_PROBE_MS = 60_000;

export function createConnectionHealth(options: {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly onChange: (state: HealthState) => void;
}): ConnectionHealth {
  const { connector, clock, random, log, onChange } = options;
  let current: HealthState = { state: 'up' };
  let unanswered = 0;
  let probes = 0;
  let probing: Promise<boolean> | null = null;

  function pause(error: SyncError): void {
    const now = clock.now();
    const since = current.state === 'paused' ? current.since : now;
    const wait = error instanceof AuthError ? AUTH_PROBE_MS : Math.min(backOff(probes + 1, random), OUTAGE_PROBE_MS);
    const wasUp = current.state === 'up';
    current = { state: 'paused', reason: error.message, cure: error.cure, since, nextProbe: now + wait };
    if (wasUp) {
      log.error('connection paused', { connection: connector.connection, reason: error.message, cure: error.cure });
    }
    onChange(current);
  }

  function heal(): void {
    unanswered = 0;
    probes = 0;
    if (current.state === 'up') return;
    log.info('connection works again', { connection: connector.connection });
    current = { state: 'up' };
    onChange(current);
  }

  async function probe(signal: AbortSignal | undefined): Promise<boolean> {
    probes += 1;
    try {
      await connector.identify(signal ? { lane: 'live', signal } : { lane: 'live' });
      heal();
      return true;
    } catch (error) {
      if (error instanceof SyncError) pause(error);
      else throw error;
      return false;
    }
  }

  return {
    state: () => current,
    failed(error) {
      if (error instanceof AuthError) return pause(error);
      if (!(error instanceof UnavailableError)) return;
      unanswered += 1;
      if (unanswered >= OUTAGE_AFTER && current.state === 'up') pause(error);
    },
    worked: heal,
    async ready(signal) {
      if (current.state === 'up') return true;
      if (clock.now() < current.nextProbe) return false;
      probing ??= probe(signal).finally(() => {
        probing = null;
      });
      return probing;
    },
  };
}
