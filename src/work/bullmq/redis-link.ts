// The connection to Redis, and whether it can be relied on. A beat every second writes a word and gets back the one before:
// that shows in one step that Redis answers, lets us write, and still has what we left there (it was not flushed, restarted
// empty or replaced by another). Each time it comes back is a new session, and nothing of an earlier one is used again:
// workers that outlive a reconnection have a history of not waking up (BullMQ issues 2466, 2964).
import { Redis } from 'ioredis';
import { type Clock, type Log, type Random, withDeadline } from '../../ports.ts';
import type { QueueHealth } from '../dispatcher.ts';
import { callChannel, connectionOptions, keyPrefix, type RedisAddress, shownAddress } from './redis-address.ts';
import { judgeRedis, type RedisVerdict } from './redis-policy.ts';
import { CUT, FORGETFUL, SILENT, type Trouble, troubleOf } from './redis-trouble.ts';

/** Redis as it answers now. */
export type RedisSession = {
  /** Fails at once when Redis is not there. */
  readonly client: Redis;
  /** A connection of one's own, for commands that block; never connects a second time. */
  connect(): Redis;
  /** A word that no other session of any process has. */
  readonly word: string;
  /** The beginning of every key of this installation. */
  readonly prefix: string;
};

export type RedisLink = {
  /** Resolves after the first attempt, whatever came of it. */
  start(): Promise<void>;
  /** Null while Redis cannot be used. */
  session(): RedisSession | null;
  health(): QueueHealth;
  /** Whether this Redis is fit to carry a queue; null as long as it has not answered. */
  verdict(): RedisVerdict | null;
  /** Something failed in this session: it is over, and Redis is asked anew. */
  giveUp(session: RedisSession, error: unknown): void;
  /** Told when a session begins or ends, or another reason keeps it from beginning. */
  onChange(listener: () => void): void;
  /** Told when another process has left something in the state. */
  onCall(listener: () => void): void;
  /** Tells the other processes that there is something new in the state. */
  call(): void;
  /** Commands that are not answered yet. */
  pending(): number;
  stop(): Promise<void>;
};

const BEAT_MS = 1_000;
/** An answer takes so many beats at the most. */
const ANSWER_BEATS = 3;
/** The word outlives a daemon that was frozen for a while, not one that is gone. */
const WORD_S = 3_600;
/** Many marks in a moment are one call. */
const CALL_MS = 5;
const RECONNECT_MS = 2_000;
const GOODBYE_MS = 500;
/** A session that worked for so long has not failed at once. */
const STEADY_MS = 5_000;
const PATIENCE_MS = 8_000;

export function createRedisLink(options: {
  readonly address: RedisAddress;
  /** What belongs to one state, so that several installations can share a Redis. */
  readonly installation: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly beatMs?: number;
}): RedisLink {
  const { address, clock, random, log } = options;
  const queue = shownAddress(address);
  const prefix = keyPrefix(options.installation);
  const self = random.hex(6);
  const wordKey = `${prefix}:word:${self}`;
  const channel = callChannel(options.installation);
  const beatMs = options.beatMs ?? BEAT_MS;
  const stopping = new AbortController();
  const changed: (() => void)[] = [];
  const called: (() => void)[] = [];
  const connection = connectionOptions(address);
  const retryStrategy = (times: number) => Math.min(times * 100, RECONNECT_MS);
  // A command fails at once when Redis is away: the state has everything, nothing needs to be kept here for later.
  const failsAtOnce = { enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 };
  const client = new Redis({ ...connection, ...failsAtOnce, lazyConnect: true, retryStrategy });
  // Subscribes anew by itself: what ioredis subscribes nobody waits for, and its failure would end the process.
  const ear = new Redis({ ...connection, lazyConnect: true, autoResubscribe: false, retryStrategy });

  let session: RedisSession | null = null;
  let verdict: RedisVerdict | null = null;
  let trouble: Trouble | null = null;
  let lastError: unknown = null;
  let since = clock.now();
  let pending = 0;
  let calling = false;
  let nap = new AbortController();
  let beating: Promise<void> | null = null;
  /** Given up, and not closed yet. */
  let hangs = false;
  let failures = 0;
  let notBefore = 0;

  client.on('error', (error) => {
    lastError = error;
  });
  client.on('close', () => {
    hangs = false;
    lose(lastError === null ? (trouble ?? CUT) : troubleOf(lastError));
  });
  client.on('ready', () => {
    lastError = null;
    nap.abort();
  });
  // It connects again by itself; meanwhile what others leave is found by looking.
  ear.on('error', () => {});
  ear.on('ready', () => {
    ear.subscribe(channel).catch(() => {});
  });
  ear.on('message', (_channel, from) => {
    if (from !== self) tell(called);
  });

  async function answered<T>(work: Promise<T>): Promise<T> {
    pending += 1;
    try {
      return await withDeadline(clock, ANSWER_BEATS * beatMs, stopping.signal, (signal) => orAborted(work, signal));
    } finally {
      pending -= 1;
    }
  }

  function lose(why: Trouble): void {
    if (stopping.signal.aborted) return;
    const had = session !== null;
    const isNew = trouble?.reason !== why.reason;
    if (had || trouble === null) since = clock.now();
    if (isNew) log.warn('queue lost', { queue, ...why });
    session = null;
    trouble = why;
    if (had || isNew) tell(changed);
  }

  async function judge(): Promise<RedisVerdict> {
    const setting = async (name: string) => {
      const answer = await client.config('GET', name);
      return Array.isArray(answer) ? String(answer[1] ?? '') || null : null;
    };
    const found = await judgeRedis({ info: () => client.info(), setting });
    for (const { message, cure } of found.warnings) {
      const known = verdict?.warnings.some((one) => one.message === message);
      if (!known) log.warn('queue could be kept better', { queue, reason: message, cure });
    }
    return found;
  }

  async function begin(): Promise<void> {
    verdict = await answered(judge());
    if (verdict.refusal !== null) return lose({ reason: verdict.refusal.message, cure: verdict.refusal.cure });
    const word = random.hex(6);
    await answered(client.set(wordKey, word, 'EX', WORD_S));
    // What listened before may hang on a connection that is dead without knowing it.
    if (ear.status === 'wait') ear.connect().catch(() => {});
    else if (ear.status === 'ready') ear.disconnect(true);
    if (trouble !== null) log.info('queue back', { queue, awayMs: clock.now() - since });
    trouble = null;
    since = clock.now();
    const once = { ...connection, maxRetriesPerRequest: null, retryStrategy: () => null };
    session = { client, connect: () => new Redis(once), word, prefix };
    tell(changed);
  }

  async function beat(): Promise<void> {
    try {
      if (client.status === 'wait') await answered(client.connect());
      if (client.status !== 'ready' || hangs) return lose(trouble ?? CUT);
      if (session !== null) {
        const { word } = session;
        const before = await answered(client.set(wordKey, word, 'EX', WORD_S, 'GET'));
        if (session?.word !== word || before === word) return;
        lose(FORGETFUL);
      }
      if (clock.now() < notBefore) return;
      await begin();
    } catch (error) {
      if (stopping.signal.aborted) return;
      const silent = client.status === 'ready' && (error as { code?: unknown }).code === undefined && isTimeUp(error);
      lose(silent ? SILENT : troubleOf(lastError ?? error));
      // A connection that is dead without knowing it would never be made anew, and after a failover the name of the
      // server may lead to another one.
      hangs = silent || isReplica(error);
      if (hangs) client.disconnect(true);
    }
  }

  async function beatForever(): Promise<void> {
    while (!stopping.signal.aborted) {
      nap = new AbortController();
      await clock.sleep(beatMs, AbortSignal.any([nap.signal, stopping.signal])).catch(() => {});
      if (!stopping.signal.aborted) await beat();
    }
  }

  return {
    async start() {
      await beat();
      beating = beatForever();
    },
    session: () => session,
    health: () => ({
      kind: 'redis',
      address: queue,
      up: session !== null,
      since,
      reason: trouble?.reason ?? null,
      cure: trouble?.cure ?? null,
      warnings: (verdict?.warnings ?? []).map(({ message }) => message),
    }),
    verdict: () => verdict,
    giveUp(over, error) {
      if (session !== over) return;
      // One that keeps failing must not be tried without end.
      failures = clock.now() - since < STEADY_MS ? failures + 1 : 0;
      notBefore = clock.now() + Math.min(PATIENCE_MS, 2 ** failures * beatMs);
      lose(troubleOf(error));
    },
    onChange: (listener) => void changed.push(listener),
    onCall: (listener) => void called.push(listener),
    call() {
      if (calling || session === null) return;
      calling = true;
      const send = async () => {
        await clock.sleep(CALL_MS, stopping.signal);
        calling = false;
        if (session !== null) await answered(client.publish(channel, self));
      };
      // A call that does not arrive is made up for by looking.
      send().catch(() => {
        calling = false;
      });
    },
    pending: () => pending,
    async stop() {
      const had = session !== null;
      session = null;
      if (had) tell(changed);
      stopping.abort(new Error('the daemon stops'));
      nap.abort();
      await beating;
      const farewell = had ? client.del(wordKey).catch(() => 0) : Promise.resolve(0);
      await Promise.race([farewell, clock.sleep(GOODBYE_MS)]);
      client.disconnect();
      ear.disconnect();
    },
  };
}

function tell(listeners: readonly (() => void)[]): void {
  for (const listener of listeners) listener();
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

/** Of `withDeadline`. */
function isTimeUp(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('no answer within');
}

function isReplica(error: unknown): boolean {
  return error instanceof Error && /^(READONLY|MASTERDOWN)/.test(error.message);
}
