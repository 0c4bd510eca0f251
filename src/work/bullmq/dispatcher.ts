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
  const places = createPlaces({ ...parts, onEnded: doze.wake });
  const bells = createBells();
  let open: Open | null = null;
  let ringing = 0;
  let stopping = false;
  let looping: Promise<void> | null = null;
  let cleaning = Promise.resolve();

  link.onChange(() => {
    if (!stopping) followSession();
    doze.wake();
  });
  link.onCall(doze.wake);

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
      // A row that is gone, claimed or not due any more: its bell has nothing to say.
      for (const claim of await store.claimRung([...live, ...bulk], now)) places.run(claim);
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
    await store.ringTimers(now);
    await begin();
    if (open === null) return takeFromStore(now);
    if (ringing > 0) return false;
    const rows = await store.dueRows(WINDOWS * concurrency, now, now + AHEAD_MS);
    if (open !== null && rows.some((row) => bells.isMissing(row, now))) ring(rows, open, now).catch(onFatal);
    bells.forgetLate(now);
    return false;
  }

  async function sleepUntilRung(now: number): Promise<void> {
    const due = open !== null || places.roomForBulk() ? await store.nextDue(now) : null;
    const waits = [lookAgainMs];
    if (due !== null) waits.push(due - clock.now());
    // What is being rung for wakes it anyway, and so does the end of the work that bulk bells wait for a place of.
    const check = ringing > 0 ? null : bells.nextCheck();
    if (check !== null) waits.push(check - clock.now());
    const since = places.roomForBulk() ? bells.bulkSince(clock.now()) : null;
    if (since !== null) waits.push(since + GATHER_MS - clock.now());
    await doze.sleep(Math.min(...waits));
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
      doze.wake();
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
