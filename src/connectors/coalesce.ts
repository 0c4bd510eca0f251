// Turns what hundreds of paths ask one by one into the vendor's bulk calls. Throughput comes from here: the path above
// handles one record and never knows that its read left together with forty-nine others.
import type { Lane } from '../model.ts';
import type { WriteHooks } from './ask.ts';
import type { Ask } from './connector.ts';

/** What one item of a batch came to. */
export type Outcome<Result> =
  | { readonly ok: true; readonly value: Result }
  | { readonly ok: false; readonly error: unknown };

/**
 * Turns many single asks into the vendor's bulk call. A batch is formed when `slot` resolves (the limiter frees a
 * place), not on a timer; live asks go first; asks with equal keys share one answer; aborted asks drop out.
 * `send` answers one Outcome per item, in order; when it throws, every item of the batch gets that error.
 */
export type CoalescerOptions<Item, Result> = {
  readonly maxBatch: () => number;
  /** Equal keys share one answer; null: never shared (writes). */
  readonly keyOf: (item: Item) => string | null;
  /** Resolves when a batch may leave; gets the most urgent lane that waits. */
  readonly slot: (lane: Ask['lane']) => Promise<void>;
  readonly send: (items: readonly Item[], lane: Ask['lane']) => Promise<readonly Outcome<Result>[]>;
  /** While so many batches are under way, asks of that lane gather until one comes back or a whole batch is full. */
  readonly gatherAbove?: Partial<Record<Lane, number>>;
};

export type Coalescer<Item, Result> = (item: Item, ask: Ask) => Promise<Result>;

type Entry<Item, Result> = {
  readonly item: Item;
  readonly key: string | null;
  lane: Lane;
  readonly askers: Set<Asker<Result>>;
};

type Asker<Result> = { readonly answer: (outcome: Outcome<Result>) => void; readonly left: () => void };

export function createCoalescer<Item, Result>(options: CoalescerOptions<Item, Result>): Coalescer<Item, Result> {
  const queues: Record<Lane, Entry<Item, Result>[]> = { live: [], bulk: [] };
  const waitingByKey = new Map<string, Entry<Item, Result>>();
  let underWay = 0;
  const slotAsked: Record<Lane, boolean> = { live: false, bulk: false };

  function enter(item: Item, lane: Lane): Entry<Item, Result> {
    const key = options.keyOf(item);
    // Only asks that still wait are joined: one in flight may have been answered before a write that this asker knows of.
    const known = key === null ? undefined : waitingByKey.get(key);
    if (known) {
      if (known.lane === 'bulk' && lane === 'live') {
        remove(known);
        known.lane = 'live';
        insert(known);
      }
      return known;
    }
    const entry: Entry<Item, Result> = { item, key, lane, askers: new Set() };
    insert(entry);
    return entry;
  }

  function insert(entry: Entry<Item, Result>): void {
    queues[entry.lane].push(entry);
    if (entry.key !== null) waitingByKey.set(entry.key, entry);
  }

  function remove(entry: Entry<Item, Result>): void {
    const at = queues[entry.lane].indexOf(entry);
    if (at >= 0) queues[entry.lane].splice(at, 1);
    forget(entry);
  }

  function forget(entry: Entry<Item, Result>): void {
    if (entry.key !== null && waitingByKey.get(entry.key) === entry) waitingByKey.delete(entry.key);
  }

  /** A live ask never waits for the slot of the bulk lane, so each lane asks for its own. */
  function askSlot(): void {
    const lane: Lane | null = queues.live.length > 0 ? 'live' : queues.bulk.length > 0 ? 'bulk' : null;
    if (lane === null || slotAsked.live || (lane === 'bulk' && slotAsked.bulk)) return;
    const gathers = underWay >= (options.gatherAbove?.[lane] ?? Number.POSITIVE_INFINITY);
    if (gathers && queues[lane].length < options.maxBatch()) return;
    slotAsked[lane] = true;
    options.slot(lane).then(
      () => {
        slotAsked[lane] = false;
        void leave(lane);
        askSlot();
      },
      (error) => {
        slotAsked[lane] = false;
        for (const entry of form()) settle(entry, { ok: false, error });
        askSlot();
      },
    );
  }

  /** Takes the next batch out of the queues, live first. */
  function form(): readonly Entry<Item, Result>[] {
    const size = Math.max(1, options.maxBatch());
    const live = queues.live.splice(0, size);
    // The slot of the bulk lane may carry live asks, and a live batch with room left takes bulk asks along.
    const batch = [...live, ...queues.bulk.splice(0, size - live.length)];
    for (const entry of batch) {
      forget(entry);
      for (const asker of entry.askers) asker.left();
    }
    return batch;
  }

  async function leave(lane: Lane): Promise<void> {
    const batch = form();
    if (batch.length === 0) return;
    const urgent: Lane = batch[0]?.lane ?? lane;
    underWay += 1;
    try {
      const items = batch.map((entry) => entry.item);
      const outcomes = await options.send(items, urgent);
      batch.forEach((entry, at) => {
        settle(entry, outcomes[at] ?? { ok: false, error: new Error('the batch came back with an answer missing') });
      });
    } catch (error) {
      for (const entry of batch) settle(entry, { ok: false, error });
    } finally {
      underWay -= 1;
      askSlot();
    }
  }

  function settle(entry: Entry<Item, Result>, outcome: Outcome<Result>): void {
    for (const asker of entry.askers) asker.answer(outcome);
  }

  return (item, { lane, signal }) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const entry = enter(item, lane);
      const asker: Asker<Result> = {
        answer: (outcome) => {
          signal?.removeEventListener('abort', giveUp);
          if (outcome.ok) resolve(outcome.value);
          else reject(outcome.error);
        },
        // A write that has left is waited for: its outcome must be known. A read may be given up at any time.
        left: () => {
          if (entry.key === null) signal?.removeEventListener('abort', giveUp);
        },
      };
      function giveUp(): void {
        entry.askers.delete(asker);
        if (entry.askers.size === 0) remove(entry);
        reject(signal?.reason);
      }
      entry.askers.add(asker);
      signal?.addEventListener('abort', giveUp, { once: true });
      askSlot();
    });
}

/** Awaits every item's `onSend` as the batch leaves. An item whose hooks throw stays behind with that error. */
export async function announce<Item extends WriteHooks>(items: readonly Item[]): Promise<readonly Outcome<Item>[]> {
  return Promise.all(
    items.map(async (item): Promise<Outcome<Item>> => {
      try {
        item.mayLeave?.();
        await item.onSend?.();
        return { ok: true, value: item };
      } catch (error) {
        return { ok: false, error };
      }
    }),
  );
}
