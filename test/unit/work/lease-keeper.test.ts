// Several processes over one table of leases, in virtual time.
import { beforeEach, describe, expect, it } from 'vitest';
import { type Clock, silentLog } from '../../../src/ports.ts';
import { createLeaseKeeper, type LeaseKeeper, type LeaseKeeperOptions } from '../../../src/work/lease-keeper.ts';
import type { Tenure } from '../../../src/work/tenure.ts';
import { createLeaseMemory, type LeaseMemory } from '../../support/lease-memory.ts';
import { createPausable, type Pausable } from '../../support/pausable.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const CONNECTIONS = ['north', 'south', 'west'];
const TAKEOVER_MS = 30_000;

let clock: VirtualClock;
let table: LeaseMemory;
beforeEach(() => {
  clock = createVirtualClock();
  table = createLeaseMemory();
});

type Process = {
  readonly keeper: LeaseKeeper;
  readonly begun: string[];
  readonly pausable: Pausable;
  /** Work that runs for a connection, as the engine would say. */
  readonly busy: Map<string, Promise<void>>;
};

function process(id: string, more: Partial<LeaseKeeperOptions> & { clock?: Clock } = {}): Process {
  const pausable = createPausable(clock);
  const begun: string[] = [];
  const busy = new Map<string, Promise<void>>();
  const keeper = createLeaseKeeper({
    store: pausable.wrap(table),
    clock: pausable.clock,
    log: silentLog,
    me: { id, serves: CONNECTIONS, about: {} },
    connections: CONNECTIONS,
    alone: false,
    onTaken: async () => {},
    onBegin: (connection) => begun.push(connection),
    drained: (connection) => busy.get(connection) ?? Promise.resolve(),
    mayGive: () => true,
    ...more,
  });
  return { keeper, begun, pausable, busy };
}

async function start(one: Process): Promise<Process> {
  await clock.until(one.keeper.start());
  return one;
}

/** Who would send something for a connection right now. */
function senders(connection: string, ...all: Process[]): Process[] {
  return all.filter(({ keeper }) => mayBegin(keeper.tenureOf(connection)));
}

function mayBegin(tenure: Tenure | null): boolean {
  try {
    tenure?.check();
    return tenure !== null;
  } catch {
    return false;
  }
}

describe('one process', () => {
  it('has every connection at once', async () => {
    const { keeper, begun } = await start(process('p'));
    expect(keeper.connections()).toEqual(CONNECTIONS);
    expect(begun).toEqual(CONNECTIONS);
    expect(CONNECTIONS.map(keeper.epochOf)).toEqual([1, 1, 1]);
  });

  it('keeps them for a day without another epoch, also when the clock is set forward', async () => {
    const { keeper, begun } = await start(process('p'));
    const tenure = keeper.tenureOf('north');
    for (let hour = 0; hour < 24; hour += 1) {
      await clock.runFor(3_600_000);
      clock.jump(hour * 60_000);
      expect(mayBegin(tenure)).toBe(true);
    }
    expect(begun).toEqual(CONNECTIONS);
    expect(keeper.epochOf('north')).toBe(1);
  });

  it('takes them from a dead process at once where a lock says that it is alone', async () => {
    await start(process('dead'));
    const { keeper } = await start(process('p', { alone: true }));
    expect(keeper.connections()).toEqual(CONNECTIONS);
    expect(keeper.epochOf('north')).toBe(2);
    await clock.runFor(3_600_000);
    expect(mayBegin(keeper.tenureOf('north'))).toBe(true);
  });

  it('does what a new holder has to do before it works', async () => {
    let ready = () => {};
    const taken = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const p = process('p', { onTaken: () => taken });
    const starting = p.keeper.start();
    await clock.runFor(100);
    expect(p.keeper.tenureOf('north')).toBeNull();
    expect(p.keeper.epochOf('north')).toBe(1);
    ready();
    await clock.until(starting);
    expect(p.keeper.connections()).toEqual(CONNECTIONS);
  });

  it('gives a connection back that it cannot take over, and tries again', async () => {
    let failures = 1;
    const onTaken = async (connection: string) => {
      if (connection === 'south' && failures > 0) {
        failures -= 1;
        throw new Error('the state does not answer');
      }
    };
    const { keeper } = await start(process('p', { onTaken }));
    expect(keeper.connections()).not.toContain('south');
    await clock.runFor(10_000);
    expect(keeper.connections()).toEqual(CONNECTIONS);
  });

  it('stops working when the store has not answered for ten seconds, and goes on when it does', async () => {
    const { keeper, begun } = await start(process('p'));
    await clock.runFor(1_000);
    const tenure = keeper.tenureOf('north');
    table.failing = new Error('the connection is broken');
    await clock.runFor(6_000);
    expect(tenure?.signal.aborted).toBe(false);
    await clock.runFor(6_000);
    expect(tenure?.signal.aborted).toBe(true);
    expect(keeper.connections()).toEqual([]);
    await clock.runFor(300_000);
    table.failing = null;
    await clock.runFor(3_500);
    expect(keeper.connections()).toEqual(CONNECTIONS);
    expect(keeper.epochOf('north')).toBe(1);
    expect(begun).toEqual([...CONNECTIONS, ...CONNECTIONS]);
    expect(mayBegin(tenure)).toBe(false);
  });

  it('counts a lease from when its renewal was sent, however late the answer comes', async () => {
    const { keeper } = await start(process('p'));
    let answer = () => {};
    const slowly = () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      });
    table.hanging = slowly();
    await clock.runFor(9_000);
    answer();
    table.hanging = slowly();
    await clock.runFor(2_000);
    // Renewed at the second second, answered in the ninth.
    expect(mayBegin(keeper.tenureOf('north'))).toBe(true);
    await clock.runFor(2_000);
    expect(mayBegin(keeper.tenureOf('north'))).toBe(false);
    answer();
  });

  it('stops working when the store does not answer at all', async () => {
    const { keeper } = await start(process('p'));
    const tenure = keeper.tenureOf('north');
    let answer = () => {};
    table.hanging = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await clock.runFor(14_000);
    expect(tenure?.signal.aborted).toBe(true);
    table.hanging = null;
    answer();
    await clock.runFor(4_000);
    expect(keeper.connections()).toEqual(CONNECTIONS);
  });
});

describe('several processes', () => {
  it('share the connections evenly when others join, and keep them then', async () => {
    const p = await start(process('p'));
    const q = await start(process('q'));
    const r = await start(process('r'));
    await clock.runFor(60_000);
    const shares = [p, q, r].map(({ keeper }) => keeper.connections().length);
    expect(shares).toEqual([1, 1, 1]);
    const epochs = CONNECTIONS.map((name) => [p, q, r].map(({ keeper }) => keeper.epochOf(name)));
    await clock.runFor(3_600_000);
    expect(CONNECTIONS.map((name) => [p, q, r].map(({ keeper }) => keeper.epochOf(name)))).toEqual(epochs);
  });

  it('let work end before a connection is given away', async () => {
    const p = process('p');
    let ended = () => {};
    const work = new Promise<void>((resolve) => {
      ended = resolve;
    });
    for (const name of CONNECTIONS) p.busy.set(name, work);
    await start(p);
    const q = await start(process('q'));
    await clock.runFor(9_000);
    expect(p.keeper.connections()).toHaveLength(2);
    expect(q.keeper.connections()).toEqual([]);
    ended();
    await clock.runFor(7_000);
    expect(q.keeper.connections()).toHaveLength(1);
  });

  it('give nothing away while something runs that must not be cut', async () => {
    const p = await start(process('p', { mayGive: () => false }));
    const q = await start(process('q'));
    await clock.runFor(120_000);
    expect(p.keeper.connections()).toEqual(CONNECTIONS);
    expect(q.keeper.connections()).toEqual([]);
  });

  it('take over from one that ends, within a look', async () => {
    const p = await start(process('p'));
    const q = await start(process('q', { mayGive: () => false }));
    await clock.runFor(60_000);
    const had = p.keeper.connections().length;
    expect(had + q.keeper.connections().length).toBe(3);
    await clock.until(p.keeper.stop());
    await clock.runFor(3_000);
    expect(q.keeper.connections()).toEqual(CONNECTIONS);
  });

  it('take over from one that died, within thirty seconds', async () => {
    const p = await start(process('p'));
    const q = await start(process('q'));
    const r = await start(process('r'));
    await clock.runFor(61_234);
    p.pausable.pause();
    const died = clock.now();
    await clock.runUntil(() => q.keeper.connections().length + r.keeper.connections().length === 3);
    expect(clock.now() - died).toBeLessThan(TAKEOVER_MS - 5_000);
  });

  it('never send for one connection at the same time, whoever is stopped for however long', async () => {
    const p = await start(process('p'));
    const q = await start(process('q'));
    const all = [p, q, await start(process('r'))];
    let handovers = 0;
    let last = '';
    for (let at = 0; at < 3_000; at += 1) {
      const one = all[(at * 7) % 3] as Process;
      if (at % 40 === 0) one.pausable.pause();
      if (at % 40 === 5 + ((at * 13) % 33)) for (const { pausable } of all) pausable.resume();
      await clock.runFor(1_000);
      for (const name of CONNECTIONS) {
        const running = all.filter(({ pausable }) => !pausable.paused());
        expect(senders(name, ...running).length).toBeLessThanOrEqual(1);
      }
      const now = all.map(({ keeper }) => keeper.connections().join()).join(';');
      if (now !== last) handovers += 1;
      last = now;
    }
    expect(handovers).toBeGreaterThan(20);
  });

  it('leave nothing to one that wakes after a minute: what it had is over, and it gets a share again', async () => {
    const p = await start(process('p'));
    const q = await start(process('q'));
    await clock.runFor(60_000);
    const own = p.keeper.connections()[0] as string;
    const tenure = p.keeper.tenureOf(own);
    p.pausable.pause();
    await clock.runFor(60_000);
    expect(q.keeper.connections()).toEqual(CONNECTIONS);
    // At the moment of waking nothing has told it anything yet.
    expect(mayBegin(tenure)).toBe(false);
    p.pausable.resume();
    await clock.runFor(60_000);
    expect(mayBegin(tenure)).toBe(false);
    expect(tenure?.signal.aborted).toBe(true);
    expect(p.keeper.connections().length).toBeGreaterThan(0);
    expect(p.keeper.connections().length + q.keeper.connections().length).toBe(3);
  });

  it('let a guest have only what nobody holds, and it counts for nothing in the shares', async () => {
    const p = await start(process('p'));
    const guest = await start(process('guest', { guest: true, me: { id: 'guest', serves: [], about: {} } }));
    await clock.runFor(60_000);
    expect(guest.keeper.connections()).toEqual([]);
    await clock.until(p.keeper.stop());
    await clock.runFor(3_000);
    expect(guest.keeper.connections()).toEqual(CONNECTIONS);
  });

  it('forget the name of one that was silent for long', async () => {
    const p = await start(process('p'));
    const q = await start(process('q'));
    p.pausable.pause();
    await clock.runFor(300_000);
    expect((await table.leaseTable()).members.map(({ id }) => id).sort()).toEqual(['p', 'q']);
    await clock.runFor(400_000);
    expect((await table.leaseTable()).members.map(({ id }) => id)).toEqual(['q']);
    expect(q.keeper.connections()).toEqual(CONNECTIONS);
  });
});
