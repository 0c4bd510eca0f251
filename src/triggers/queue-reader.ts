// Reads the queues that products keep for us: now and then, and whenever a delivery says that something stands in one.
// What is read is marked dirty in the store first and forgotten by the product afterwards, so a crash in between costs
// a second look and never a change.
import type { EventSource } from '../connectors/connector.ts';
import { SyncError } from '../errors.ts';
import type { Side } from '../model.ts';
import type { Clock, Log } from '../ports.ts';
import type { Store } from '../state/store.ts';
import { marksOf, type ProfilesFor } from './marks.ts';
import type { Metrics } from './metrics.ts';

export type QueueConnection = {
  readonly name: string;
  readonly side: Side;
  readonly pull: NonNullable<EventSource['pull']>;
};

export type QueueReader = {
  /** Something stands in this queue. */
  wake(connection: string): void;
  start(): void;
  /** Resolves when nothing is being read any more. */
  stop(): Promise<void>;
};

/** Notices get lost (Bitrix24 docs: events), so the queue is looked at without one, too. */
const LOOK_EVERY_MS = 45_000;
/** Until another process's connection may have become ours. */
const NOT_OURS_MS = 1_000;
/** Nobody reads it; without one, a DOMException with its stack is made each time. */
const AWAKE = 'awake';

export function createQueueReader(options: {
  readonly connections: readonly QueueConnection[];
  readonly profilesFor: ProfilesFor;
  /** Whether this process is the one that looks by itself; whoever is woken looks in any case. */
  readonly attends: (connection: string) => boolean;
  readonly store: Pick<Store, 'markDirty'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'hints' | 'heard'>;
  /** Rings the engine; called after the marks are durable. */
  readonly onHint: () => void;
}): QueueReader {
  const { store, clock, log, metrics, onHint } = options;
  const stopping = new AbortController();
  const readers = options.connections.map(createReader);

  function createReader(connection: QueueConnection) {
    let wake: (() => void) | null = null;
    let woken = false;
    let failing = false;
    let looping: Promise<void> = Promise.resolve();

    async function readAll(): Promise<void> {
      for await (const taken of connection.pull({ lane: 'live', signal: stopping.signal })) {
        if (stopping.signal.aborted) return;
        const marks = marksOf(connection, taken.hints, options.profilesFor);
        await store.markDirty(marks, clock.now());
        for (const mark of marks) metrics.hints(mark.cause, 1);
        if (taken.hints.length > 0) metrics.heard(connection.name, clock.now());
        if (marks.length > 0) onHint();
        await taken.done();
      }
    }

    async function read(): Promise<void> {
      try {
        await readAll();
        if (failing) log.info('the queue of events is read again', { connection: connection.name });
        failing = false;
      } catch (error) {
        if (!(error instanceof SyncError) || stopping.signal.aborted) throw error;
        // The engine pauses the connection and says so; here once is enough.
        if (!failing) log.warn('the queue of events cannot be read', { connection: connection.name, error });
        failing = true;
      }
    }

    async function untilWoken(): Promise<void> {
      if (woken) return;
      const awake = new AbortController();
      await new Promise<void>((resolve) => {
        wake = resolve;
        const ms = options.attends(connection.name) ? LOOK_EVERY_MS : NOT_OURS_MS;
        clock.sleep(ms, AbortSignal.any([awake.signal, stopping.signal])).then(resolve, resolve);
      });
      wake = null;
      awake.abort(AWAKE);
    }

    async function loop(): Promise<void> {
      while (!stopping.signal.aborted) {
        // The product gives what stands there to one reader at a time, so that two that meet do no harm.
        const asked = woken || options.attends(connection.name);
        woken = false;
        if (asked) await read();
        await untilWoken();
      }
    }

    return {
      name: connection.name,
      ring() {
        woken = true;
        wake?.();
      },
      start() {
        looping = loop().catch((error: unknown) => {
          if (!stopping.signal.aborted) log.error('a regular task failed', { error });
        });
      },
      ended: () => looping,
    };
  }

  return {
    wake(connection) {
      for (const reader of readers) if (reader.name === connection) reader.ring();
    },
    start() {
      for (const reader of readers) reader.start();
    },
    async stop() {
      stopping.abort(new Error('the daemon stops'));
      for (const reader of readers) await reader.ended();
    },
  };
}
