// The queues of one session with Redis: one per CRM connection and lane, with a worker that hears its bells. A job is a
// bell and nothing else, so it ends as soon as it is heard: no job is active for longer than a moment, none can stall while
// its record is worked on, and none is tried twice. Every session has queues of its own: a job or a deduplication key that
// a killed process left could otherwise swallow the bell that is to be rung next.
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Lane } from '../../model.ts';
import type { DueRow } from '../../state/store.ts';
import { type Bell, bellId, bellOf, type LostBell } from './bells.ts';
import type { RedisSession } from './redis-link.ts';

export type Queues = {
  /** Rings for rows of one CRM connection; answers the job of each. */
  ring(connection: string, rows: readonly DueRow[], now: number): Promise<readonly { bell: Bell; job: string }[]>;
  /** Rings once more where a bell did not ring in time. */
  ringAgain(
    connection: string,
    lost: readonly LostBell[],
    now: number,
  ): Promise<readonly { bell: Bell; job: string }[]>;
  /** Removes what earlier sessions left, of connections that it rings for or that are not configured any more. */
  clean(isConfigured: (connection: string) => boolean): Promise<void>;
  /** Takes its queues out of Redis, unless Redis is gone. */
  close(redisAnswers: boolean): Promise<void>;
  /** How many of them there are. */
  count(): number;
};

type Pair = { readonly queue: Queue; readonly worker: Worker };

const LANES: readonly Lane[] = ['live', 'bulk'];
/** As `queueName` makes them; splits off the connection. */
const QUEUE_NAME = /\.(?:live|bulk)\.(?=[^.]*$)/;
/** Bells are heard one after the other anyway; this is how many may be on their way out of Redis at once. */
const CONCURRENCY = 100;
const EVENTS_KEPT = 100;
const RETRY_MS = 1_000;
const KEYS_PER_SCAN = 1_000;

export function openQueues(options: {
  readonly session: RedisSession;
  readonly onHeard: (bell: Bell, lane: Lane) => void;
  readonly onError: (error: unknown) => void;
}): Queues {
  const { session, onHeard, onError } = options;
  const { client, prefix, word } = session;
  const pairs = new Map<string, Pair>();
  let ear: Redis | null = null;
  let closed = false;

  /** Without the colon that BullMQ does not allow in a name. */
  function queueName(connection: string, lane: Lane): string {
    return `${encodeURIComponent(connection)}.${lane}.${word}`;
  }

  function open(connection: string, lane: Lane): Pair {
    const name = queueName(connection, lane);
    const known = pairs.get(name);
    if (known !== undefined) return known;
    // The workers' common connection; each makes another one of its own to wait on.
    ear ??= listening(session.connect());
    const streams = { events: { maxLen: EVENTS_KEPT } };
    const queue = new Queue(name, { connection: client, prefix, streams });
    const worker = new Worker(name, async () => {}, {
      connection: ear,
      prefix,
      concurrency: CONCURRENCY,
      runRetryDelay: RETRY_MS,
    });
    // Not as it begins: as long as its job stands in Redis another bell for the same row would be swallowed.
    worker.on('completed', (job) => {
      if (!closed) onHeard(job.data as Bell, lane);
    });
    queue.on('error', failed);
    worker.on('error', failed);
    worker.on('ioredis:close', () => failed(new Error('the connection of a queue was cut')));
    const pair = { queue, worker };
    pairs.set(name, pair);
    return pair;
  }

  /** Whoever rings in one lane of a connection does so in both. */
  function ringsFor(connection: string): boolean {
    return LANES.some((lane) => pairs.has(queueName(connection, lane)));
  }

  function failed(error: unknown): void {
    if (!closed) onError(error);
  }

  function listening(redis: Redis): Redis {
    redis.on('error', failed);
    redis.on('close', () => failed(new Error('the connection to it was cut')));
    return redis;
  }

  async function add(connection: string, lane: Lane, rows: readonly DueRow[], now: number) {
    const { queue } = open(connection, lane);
    const jobs = rows.map((row) => ({
      name: 'bell',
      data: bellOf(row),
      opts: {
        attempts: 1,
        deduplication: { id: bellId(row) },
        delay: Math.max(0, row.due - now),
        removeOnComplete: true,
        removeOnFail: true,
      },
    }));
    const added = await queue.addBulk(jobs);
    return added.map(({ id, data }) => ({ bell: data as Bell, job: id ?? '' }));
  }

  async function ring(connection: string, rows: readonly DueRow[], now: number) {
    const lanes = [...Map.groupBy(rows, ({ lane }) => lane)];
    return (await Promise.all(lanes.map(([lane, own]) => add(connection, lane, own, now)))).flat();
  }

  /** All keys of all queues are looked through: what is left from where needs no list that could be lost, too. */
  async function drop(isOver: (name: string) => boolean): Promise<void> {
    let cursor = '0';
    do {
      const [next, keys] = await client.scan(cursor, 'MATCH', `${escaped(prefix)}:*`, 'COUNT', KEYS_PER_SCAN);
      const over = keys.filter((key) => {
        const [name = ''] = key.slice(prefix.length + 1).split(':');
        return QUEUE_NAME.test(name) && isOver(name);
      });
      if (over.length > 0) await client.unlink(...over);
      cursor = next;
    } while (cursor !== '0');
  }

  async function shut({ queue, worker }: Pair): Promise<void> {
    // By force: a bell that is being heard this moment is rung again from the state.
    await worker.close(true).catch(() => {});
    await queue.close().catch(() => {});
  }

  return {
    ring,

    async ringAgain(connection, lost, now) {
      // Asked for in one go: after an outage there may be hundreds.
      const taken = lost.map(async ({ row, left }) => {
        if (left !== null) await open(connection, left.lane).queue.remove(left.job);
        await open(connection, row.lane).queue.removeDeduplicationKey(bellId(row));
      });
      await Promise.all(taken);
      return ring(
        connection,
        lost.map(({ row }) => row),
        now,
      );
    },

    clean: (isConfigured) =>
      drop((name) => {
        if (pairs.has(name)) return false;
        const [encoded = ''] = name.split(QUEUE_NAME);
        const connection = decodeURIComponent(encoded);
        return ringsFor(connection) || !isConfigured(connection);
      }),

    async close(redisAnswers) {
      closed = true;
      await Promise.all([...pairs.values()].map(shut));
      ear?.disconnect();
      if (!redisAnswers) return;
      await drop((name) => pairs.has(name));
    },

    count: () => pairs.size,
  };
}

/** For a pattern of Redis. */
function escaped(name: string): string {
  return name.replaceAll(/[\\*?[\]]/g, '\\$&');
}
