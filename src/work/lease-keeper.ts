// Keeps the leases of this process alive, takes those that nobody holds, and gives one away when another process has
// fewer. No two clocks are compared: a lease counts as abandoned when its beat has stood still for TTL_MS by our own
// steady clock, and as lost to us when our last renewal began longer ago than TTL_MS less a margin. So whoever lost it
// knows before anybody else can have taken it.
import type { Clock, Log } from '../ports.ts';
import type { LeaseTable, LeaseVerbs, Member } from '../state/lease-table.ts';
import { nextMove, type Seat, type Sharer } from './shares.ts';
import { leaseLost, type Tenure } from './tenure.ts';

export type LeaseStore = Omit<LeaseVerbs, 'leaseTable' | 'confine'>;

export type LeaseKeeper = {
  /** Null: not ours, not yet, or not any more. */
  tenureOf(connection: string): Tenure | null;
  /** Where new work may begin, by name. */
  connections(): readonly string[];
  /** Resolves after the first look, with what could be taken then. */
  start(): Promise<void>;
  /** Gives everything up at once; whoever still works is aborted. */
  stop(): Promise<void>;
  /** The epoch under which the store is written for a connection, also while its tenure only begins; null: not ours. */
  epochOf(connection: string): number | null;
  /** One look, as it happens every few seconds. */
  tick(): Promise<void>;
};

export type LeaseKeeperOptions = {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly me: Member;
  /** All connections that have a lease. */
  readonly connections: readonly string[];
  /** A lock of another kind keeps all others out: every lease is ours at once and for good. */
  readonly alone: boolean;
  /** Takes only what nobody wants, and gives nothing away. */
  readonly guest?: boolean;
  /** What a new holder has to do before it works. */
  readonly onTaken: (connection: string) => Promise<void>;
  /** New work may begin for a connection. */
  readonly onBegin: (connection: string) => void;
  /** Resolves when no more work runs for a connection for which none begins any more. */
  readonly drained: (connection: string) => Promise<void>;
  /** Something runs that should not be cut for the sake of an even share. */
  readonly mayGive: (connection: string) => boolean;
};

export const BEAT_MS = 2_000;
export const TTL_MS = 15_000;
/** What is sent at the last moment arrives before the next holder begins. */
export const MARGIN_MS = 5_000;
const GIVE_WITHIN_MS = 15_000;
/** A process that has been silent for so long is not shown any more. */
const FORGET_MEMBER_MS = 10 * 60_000;

type Held = { readonly epoch: number; readonly over: AbortController; state: 'beginning' | 'working' | 'giving' };
type Seen = { mark: string; since: number };

export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { store, clock, log, me, alone } = options;
  const guest = options.guest ?? false;
  const held = new Map<string, Held>();
  const seen = new Map<string, Seen>();
  const stopping = new AbortController();
  let renewedAt = Number.NEGATIVE_INFINITY;
  let watching = new AbortController();
  let failing = false;
  let ticking: Promise<void> = Promise.resolve();

  const expired = () => !alone && clock.steady() - renewedAt >= TTL_MS - MARGIN_MS;

  function tenureOf(connection: string): Tenure | null {
    const own = held.get(connection);
    if (own === undefined || own.state !== 'working' || own.over.signal.aborted) return null;
    return {
      connection,
      epoch: own.epoch,
      signal: own.over.signal,
      check() {
        if (own.over.signal.aborted || expired()) throw leaseLost(connection);
      },
    };
  }

  function end(connection: string): void {
    held.get(connection)?.over.abort(leaseLost(connection));
  }

  /** Whatever hangs, the store or this process: when the time is over, what runs is cut. */
  function watchExpiry(): void {
    watching.abort();
    watching = new AbortController();
    if (alone || held.size === 0) return;
    const left = Math.max(0, renewedAt + TTL_MS - MARGIN_MS - clock.steady());
    clock.sleep(left, watching.signal).then(
      () => {
        if (!expired()) return;
        log.warn('leases not renewed in time, work for their connections stops', { connections: [...held.keys()] });
        for (const connection of held.keys()) end(connection);
      },
      () => {},
    );
  }

  async function begin(connection: string, epoch: number): Promise<void> {
    const own: Held = { epoch, over: new AbortController(), state: 'beginning' };
    held.set(connection, own);
    try {
      await options.onTaken(connection);
    } catch (error) {
      held.delete(connection);
      log.warn('connection not taken over', { connection, error });
      await store.releaseLease(connection, me.id, epoch);
      return;
    }
    if (held.get(connection) !== own) return;
    // The time ran out meanwhile: it is taken anew, with a new epoch.
    if (own.over.signal.aborted) return void held.delete(connection);
    own.state = 'working';
    log.info('works for a connection', { connection, epoch });
    options.onBegin(connection);
  }

  async function take(connection: string, table: LeaseTable): Promise<void> {
    const row = table.leases.find(({ name }) => name === connection);
    const epoch = await store.takeLease(connection, me.id, row === undefined ? null : row);
    if (epoch === null) return;
    seen.delete(leaseText(connection));
    await begin(connection, epoch);
  }

  /** In the background: the others' leases are renewed meanwhile. */
  async function give(connection: string): Promise<void> {
    const own = held.get(connection);
    if (own === undefined) return;
    own.state = 'giving';
    log.info('gives a connection to another process', { connection });
    const late = new AbortController();
    const timeUp = clock.sleep(GIVE_WITHIN_MS, AbortSignal.any([late.signal, own.over.signal])).catch(() => {});
    await Promise.race([options.drained(connection), timeUp]);
    late.abort();
    end(connection);
    await options.drained(connection);
    if (held.get(connection) !== own) return;
    held.delete(connection);
    await store.releaseLease(connection, me.id, own.epoch);
  }

  /** For how long this has been seen as it is. */
  function unchangedFor(key: string, mark: string): number {
    const known = seen.get(key);
    if (known !== undefined && known.mark === mark) return clock.steady() - known.since;
    seen.set(key, { mark, since: clock.steady() });
    return 0;
  }

  function livingIn(table: LeaseTable): Sharer[] {
    const living: Sharer[] = guest ? [] : [me];
    const known = new Set(table.members.map(({ id }) => `member/${id}`));
    for (const key of seen.keys()) if (key.startsWith('member/') && !known.has(key)) seen.delete(key);
    for (const { id, beat, serves } of table.members) {
      if (id !== me.id && unchangedFor(`member/${id}`, String(beat)) < TTL_MS) living.push({ id, serves });
    }
    return living;
  }

  function seatsIn(table: LeaseTable): Seat[] {
    return options.connections.map((connection) => {
      const row = table.leases.find(({ name }) => name === connection);
      if (row === undefined) {
        return { connection, holder: null, freeForMs: unchangedFor(leaseText(connection), 'none') };
      }
      if (held.has(connection)) return { connection, holder: me.id, freeForMs: 0 };
      const still = unchangedFor(leaseText(connection), `${row.epoch}/${row.beat}`);
      // What bears our own name and is not in our memory was taken by a call whose answer never came.
      if (row.holder === null || row.holder === me.id) return { connection, holder: null, freeForMs: still };
      return { connection, holder: still < TTL_MS ? row.holder : null, freeForMs: Math.max(0, still - TTL_MS) };
    });
  }

  /** What we renewed is ours; after a pause that nobody used it is so again, and work begins anew. */
  function compare(table: LeaseTable): void {
    for (const [connection, own] of held) {
      const row = table.leases.find(({ name }) => name === connection);
      if (row?.holder === me.id && row.epoch === own.epoch) {
        if (!own.over.signal.aborted || own.state !== 'working' || expired()) continue;
        held.set(connection, { ...own, over: new AbortController() });
        log.info('works for a connection', { connection, epoch: own.epoch });
        options.onBegin(connection);
        continue;
      }
      end(connection);
      held.delete(connection);
      log.warn('connection lost to another process', { connection, epoch: own.epoch, now: row?.epoch ?? null });
    }
  }

  /** Answers whether to look again at once. */
  async function look(): Promise<boolean> {
    const began = clock.steady();
    const mine = [...held].map(([name, { epoch }]) => ({ name, epoch }));
    const silentSince = [...seen].flatMap(([key, { mark, since }]) =>
      key.startsWith('member/') && began - since > FORGET_MEMBER_MS
        ? [{ id: key.slice('member/'.length), beat: Number(mark) }]
        : [],
    );
    const table = await store.renewLeases(me, mine, clock.now(), silentSince);
    if (failing) log.info('leases are renewed again');
    failing = false;
    renewedAt = began;
    compare(table);
    watchExpiry();
    // A look that took so long that its answer is old is no ground for decisions.
    if (stopping.signal.aborted || expired()) return true;
    const living = livingIn(table);
    const self: Sharer = guest ? { id: me.id, serves: options.connections } : me;
    const move = nextMove(self, living, seatsIn(table));
    if (move === null) return false;
    if (move.kind === 'take') {
      const before = held.size;
      await take(move.connection, table);
      // There may be more where nobody else is there to take it.
      return held.size > before;
    }
    const givesAlready = [...held.values()].some(({ state }) => state === 'giving');
    if (!guest && !givesAlready && options.mayGive(move.connection)) {
      give(move.connection).catch((error: unknown) => log.warn('lease not released', { error }));
    }
    return false;
  }

  async function tick(): Promise<void> {
    try {
      while ((await look()) && !stopping.signal.aborted);
    } catch (error) {
      if (!failing && !stopping.signal.aborted) log.warn('leases cannot be renewed', { error });
      failing = true;
    }
  }

  async function takeAll(): Promise<void> {
    const found = await store.renewLeases(me, [], clock.now(), []);
    // Who died before us cannot take its name off any more.
    const dead = found.members.filter(({ id }) => id !== me.id);
    const table = dead.length === 0 ? found : await store.renewLeases(me, [], clock.now(), dead);
    renewedAt = clock.steady();
    for (const connection of options.connections) await take(connection, table);
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(BEAT_MS, stopping.signal);
      ticking = tick();
      await ticking;
    }
  }

  return {
    tenureOf,
    connections: () => [...held.keys()].filter((connection) => tenureOf(connection) !== null).sort(),
    epochOf: (connection) => held.get(connection)?.epoch ?? null,
    tick,
    async start() {
      if (alone) return takeAll();
      await tick();
      loop().catch(() => {});
    },
    async stop() {
      stopping.abort(new Error('the daemon stops'));
      watching.abort();
      await ticking;
      for (const connection of held.keys()) end(connection);
      held.clear();
      await store.leaveLeases(me.id);
    },
  };
}

function leaseText(connection: string): string {
  return `lease/${connection}`;
}
