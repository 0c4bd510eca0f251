// Whether a connection can be used now. A refused credential or an outage pauses it; it is probed until it answers,
// and heals by itself. While it is paused nothing but the probe is sent and no attempt counts; after it one call goes
// ahead of all others, so that a product which only answers the probe is not met by everything that has waited.
import type { Connector } from '../connectors/connector.ts';
import { AuthError, SyncError, UnavailableError } from '../errors.ts';
import type { Clock, Log, Random } from '../ports.ts';
import { AUTH_PROBE_MS, backOff } from './disposition.ts';

export type HealthState =
  | { readonly state: 'up' }
  | {
      readonly state: 'paused';
      /** The credential, or no answer. */
      readonly why: 'refused' | 'unanswered';
      readonly reason: string;
      readonly cure: string;
      readonly since: number;
      readonly nextProbe: number;
    };

export type ConnectionHealth = {
  state(): HealthState;
  /** Makes a call and learns from it; UnavailableError, and nothing is sent, while the connection is paused. */
  through<T>(call: () => Promise<T>): Promise<T>;
  pages<T>(call: () => AsyncIterable<T>): AsyncGenerator<T>;
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
  /** Those who shared one request are told of the same failure each. */
  let latest: UnavailableError | null = null;
  let probes = 0;
  let probing: Promise<boolean> | null = null;
  /** The probe was answered, and no real call yet. */
  let unproven = false;
  let trial: Promise<void> | null = null;

  function pause(error: SyncError): void {
    const now = clock.now();
    const since = current.state === 'paused' ? current.since : now;
    const wait = error instanceof AuthError ? AUTH_PROBE_MS : Math.min(backOff(probes + 1, random), OUTAGE_PROBE_MS);
    const wasUp = current.state === 'up';
    const why = error instanceof AuthError ? 'refused' : 'unanswered';
    current = { state: 'paused', why, reason: error.message, cure: error.cure, since, nextProbe: now + wait };
    if (wasUp) {
      log.error('connection paused', { connection: connector.connection, reason: error.message, cure: error.cure });
    }
    onChange(current);
  }

  function heal(): void {
    if (current.state === 'up') return;
    log.info('connection works again', { connection: connector.connection });
    current = { state: 'up' };
    unproven = true;
    onChange(current);
  }

  /** An answer to what was sent before the pause says nothing: only the probe ends it. */
  function worked(): void {
    if (current.state === 'paused') return;
    unanswered = 0;
    probes = 0;
    unproven = false;
  }

  function failed(error: unknown): void {
    if (error instanceof AuthError) pause(error);
    if (!(error instanceof UnavailableError) || error === latest) return;
    latest = error;
    unanswered += 1;
    if (current.state === 'up' && (unproven || unanswered >= OUTAGE_AFTER)) pause(error);
  }

  function refusePaused(): void {
    if (current.state === 'up') return;
    const message = `The connection ${connector.connection} is paused: ${current.reason}`;
    throw new UnavailableError(message, current.cure, { ambiguous: false });
  }

  function beginTrial(): () => void {
    let end = () => {};
    trial = new Promise((resolve) => {
      end = resolve;
    });
    return () => {
      trial = null;
      end();
    };
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
    async through(call) {
      while (trial !== null) await trial;
      refusePaused();
      const ended = unproven ? beginTrial() : null;
      try {
        const result = await call();
        worked();
        return result;
      } catch (error) {
        failed(error);
        throw error;
      } finally {
        ended?.();
      }
    },
    async *pages(call) {
      refusePaused();
      try {
        for await (const page of call()) {
          worked();
          yield page;
        }
      } catch (error) {
        failed(error);
        throw error;
      }
    },
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
