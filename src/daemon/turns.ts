// One process at a time, by a lease of the state: a token that works once must not be spent by two at the same moment.
import type { Clock } from '../ports.ts';
import { TURN_LEASES } from '../state/lease-table.ts';
import type { Store } from '../state/store.ts';

export type Turns = {
  readonly store: Pick<Store, 'leaseTable' | 'takeLease' | 'releaseLease'>;
  readonly clock: Clock;
  /** No other process has this name. */
  readonly holder: string;
};

const AGAIN_MS = 200;
/** Longer than anybody who lives needs for it. */
const ABANDONED_MS = 45_000;

export function takingTurns({ store, clock, holder }: Turns) {
  async function myTurn(name: string): Promise<number> {
    for (let known = '', since = clock.steady(); ; await clock.sleep(AGAIN_MS)) {
      const row = (await store.leaseTable()).leases.find((lease) => lease.name === name) ?? null;
      const mark = row === null ? 'none' : `${row.epoch}/${row.beat}`;
      if (mark !== known) {
        known = mark;
        since = clock.steady();
      }
      const isFree = row === null || row.holder === null || clock.steady() - since >= ABANDONED_MS;
      const epoch = isFree ? await store.takeLease(name, holder, row) : null;
      if (epoch !== null) return epoch;
    }
  }

  return async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    const lease = `${TURN_LEASES}${name}`;
    const epoch = await myTurn(lease);
    try {
      return await work();
    } finally {
      await store.releaseLease(lease, holder, epoch);
    }
  };
}
