// Carries due rows to the path over bells in Redis. The store is the truth, a job is a bell: it names a row, and whoever
// hears it looks at the row. The ringer rings for every due row that has no bell, and ahead of time, delayed, for rows that
// fall due soon. While Redis is away the rows are taken from the store directly, as within one process.
import type { Lane } from '../../model.ts';
import type { DueRow } from '../../state/store.ts';
import type { Dispatcher, DispatcherParts, MakeDispatcher } from '../dispatcher.ts';
import { createDoze } from '../doze.ts';
import { createPlaces } from '../places.ts';
import { AHEAD_MS, type Bell, createBells } from './bells.ts';
import { openQueues, type Queues } from './queues.ts';
import type { RedisLink, RedisSession } from './redis-link.ts';

const LANES: readonly Lane[] = ['live', 'bulk'];
const URGENT: readonly Lane[] = ['live'];
type Open = { readonly session: RedisSession; readonly queues: Queues };

/** Bells under way, per lane, in multiples of the places: the next ones are heard before there is room for them. */
const WINDOWS = 2;
/** How long bulk work waits for others to begin with. */
const GATHER_MS = 20;
/** For rows of a profile that is not loaded: the path puts them off until it is. */
const NOWHERE = '-';

/** `isConfigured`: queues of connections that are not are taken away. */
export function overRedis(link: RedisLink, isConfigured: (connection: string) => boolean): MakeDispatcher {
  return (parts) => createRedisDispatcher(link, isConfigured, parts);
}

function createRedisDispatcher(
  link: RedisLink,
  isConfigured: (connection: string) => boolean,
  parts: DispatcherParts,
): Dispatcher {
  const { store, clock, log, concurrency, lookAgainMs, onFatal } = parts;
  const doze = createDoze(clock);
  const places = createPlaces({ ...parts, onEnded: lookSoon });
  const bells = createBells();
  let open: Open | null = null;
  let ringing = 0;
  let stopping = false;
  let looping: Promise<void> | null = null;
  let cleaning = Promise.resolve();
  /** The store may have something that the last look at it did not show. A bell that is heard tells nothing new of it. */
  let unseen = true;
  /** The last look did not show everything that is due: more comes into sight as work begins. */
  let full = false;
  /** When the next row falls due that the last look at the store showed. */
  let nextDue: number | null = null;

  link.onChange(() => {
    if (!stopping) followSession();
    lookSoon();
  });
  link.onCall(lookSoon);

  function lookSoon(): void {
    unseen = true;
    doze.wake();
  }

  /** Queues of the session that there is now, and none of an earlier one. */
  function followSession(): void {
    const session = link.session();
    if (session === open?.session) return;
    // Not waited for: Redis may not answer, and nothing of it is used again.
    open?.queues.close(false).catch(() => {});
    open = null;
    bells.forget();
    if (session === null) return;
    const queues = openQueues({
      session,
      onHeard: (bell, lane) => {
        bells.heard(bell, lane, clock.now());
        doze.wake();
      },
      onError: (error) => failed(session, error),
    });
    open = { session, queues };
  }

  function failed(session: RedisSession, error: unknown): void {
    if (link.session() !== session) return;
    log.debug('queue command failed', { error });
    link.giveUp(session, error);
  }

  async function ringFor(rows: readonly DueRow[], queues: Queues, now: number): Promise<void> {
    const { fresh, lost } = bells.ringFor(rows, now);
    const before = queues.count();
    for (const [connection, rows] of byConnection(fresh, (row) => row)) {
      note(await queues.ring(connection, rows, now));
    }
    for (const [connection, ones] of byConnection(lost, ({ row }) => row)) {
      note(await queues.ringAgain(connection, ones, now));
    }
    if (queues.count() > before) cleaning = cleaning.then(() => clean(queues)).catch(onFatal);
  }

  /** Only the end waits for it: it is about order in Redis, not about work. */
  async function clean(queues: Queues): Promise<void> {
    try {
      await queues.clean(isConfigured);
    } catch (error) {
      log.debug('queues not cleaned', { error });
    }
  }

  function byConnection<T>(ones: readonly T[], rowOf: (one: T) => DueRow): Map<string, T[]> {
    return Map.groupBy(ones, (one) => parts.connectionOf(rowOf(one).profile) ?? NOWHERE);
  }

  function note(rung: readonly { readonly bell: Bell; readonly job: string }[]): void {
    for (const { bell, job } of rung) bells.rung(bell, job);
  }

  /** What was heard begins, as far as there are places. */
  async function begin(): Promise<void> {
    for (;;) {
      const now = clock.now();
      const live = bells.take('live', places.free(), now);
      const bulk = bulkMayBegin(now) ? bells.take('bulk', places.free() - live.length, now) : [];
      if (live.length + bulk.length === 0) return;
      const claims = await store.claimRung([...live, ...bulk], now);
      for (const claim of claims) places.run(claim);
      // A row that is gone, claimed or not due any more: its bell has nothing to say, and nobody may ring for it now.
      const begun = claims.reduce((sum, { rows }) => sum + rows.length, 0);
      if (full || begun < live.length + bulk.length) unseen = true;
    }
  }

  function bulkMayBegin(now: number): boolean {
    const since = bells.bulkSince(now);
    if (since === null || !places.roomForBulk()) return false;
    if (bells.waiting('bulk', now) >= places.bulkGroup) return true;
    return bells.underWay('bulk') === 0 || now >= since + GATHER_MS;
  }

  async function takeFromStore(now: number): Promise<boolean> {
    const free = places.free();
    const claims = free > 0 ? await store.claim(free, now, places.roomForBulk() ? LANES : URGENT) : [];
    for (const claim of claims) places.run(claim);
    return claims.length > 0;
  }

  /** Not waited for: what was heard meanwhile begins at once. */
  async function ring(rows: readonly DueRow[], { session, queues }: Open, now: number): Promise<void> {
    ringing += 1;
    try {
      await ringFor(rows, queues, now);
    } catch (error) {
      failed(session, error);
    } finally {
      ringing -= 1;
      doze.wake();
    }
  }

  /** True: there may be more to do at once. */
  async function round(now: number): Promise<boolean> {
    if (open === null) {
      await store.ringTimers(now);
      return takeFromStore(now);
    }
    await begin();
    // What came meanwhile is looked at when it has rung.
    if (unseen && ringing === 0) await look(now);
    return false;
  }

  async function look(now: number): Promise<void> {
    unseen = false;
    await store.ringTimers(now);
    const limit = WINDOWS * concurrency;
    const [rows, due] = await Promise.all([store.dueRows(limit, now, now + AHEAD_MS), store.nextDue(now)]);
    nextDue = due;
    full = rows.length >= limit;
    if (open !== null && rows.some((row) => bells.isMissing(row, now))) ring(rows, open, now).catch(onFatal);
    bells.forgetLate(now);
  }

  async function sleepUntilRung(now: number): Promise<void> {
    if (open === null) nextDue = places.roomForBulk() ? await store.nextDue(now) : null;
    const waits = [lookAgainMs];
    // What is being rung for wakes it anyway, and so does the end of the work that bulk bells wait for a place of.
    if (nextDue !== null && (ringing === 0 || nextDue > clock.now())) waits.push(nextDue - clock.now());
    const check = ringing > 0 ? null : bells.nextCheck();
    if (check !== null) waits.push(check - clock.now());
    const since = places.roomForBulk() ? bells.bulkSince(clock.now()) : null;
    if (since !== null) waits.push(since + GATHER_MS - clock.now());
    if (await doze.sleep(Math.min(...waits))) unseen = true;
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      doze.begin();
      const now = clock.now();
      if (!(await round(now))) await sleepUntilRung(now);
    }
  }

  return {
    ring() {
      lookSoon();
      link.call();
    },
    start() {
      followSession();
      looping = loop().catch(onFatal);
    },
    async stop() {
      stopping = true;
      doze.wake();
      await looping;
      await places.ended();
      await cleaning;
      const was = open;
      open = null;
      // What cannot be taken away now is taken away by the next start.
      await was?.queues.close(link.session() === was.session).catch(() => {});
    },
    running: places.running,
    health: link.health,
    outstanding: () => link.pending() + ringing + (open === null ? 0 : bells.underWay()),
  };
}
