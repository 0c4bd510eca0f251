// The lease table in memory, for tests of those who share it: the same statements as the stores', without a store.
import type { Lease, LeaseTable, LeaseVerbs } from '../../src/state/lease-table.ts';

export type LeaseMemory = Omit<LeaseVerbs, 'confine'> & {
  /** While it is set every verb fails with it. */
  failing: Error | null;
  /** While it is set no verb answers, nor is it carried out. */
  hanging: Promise<void> | null;
};

export function createLeaseMemory(): LeaseMemory {
  const leases = new Map<string, Lease>();
  const members = new Map<string, LeaseTable['members'][number]>();

  const memory: LeaseMemory = {
    failing: null,
    hanging: null,
    async renewLeases(me, held, now, silent) {
      await reached();
      for (const { id, beat } of silent) if (members.get(id)?.beat === beat) members.delete(id);
      members.set(me.id, { ...me, beat: (members.get(me.id)?.beat ?? 0) + 1, at: now });
      for (const { name, epoch } of held) {
        const row = leases.get(name);
        if (row?.holder === me.id && row.epoch === epoch) leases.set(name, { ...row, beat: row.beat + 1 });
      }
      return table();
    },
    async takeLease(name, holder, seen) {
      await reached();
      const row = leases.get(name);
      if (row === undefined ? seen !== null : row.epoch !== seen?.epoch || row.beat !== seen.beat) return null;
      const epoch = (row?.epoch ?? 0) + 1;
      leases.set(name, { name, holder, epoch, beat: (row?.beat ?? 0) + 1 });
      return epoch;
    },
    async releaseLease(name, holder, epoch) {
      await reached();
      const row = leases.get(name);
      if (row?.holder === holder && row.epoch === epoch) {
        leases.set(name, { ...row, holder: null, beat: row.beat + 1 });
      }
    },
    async leaveLeases(holder) {
      await reached();
      for (const row of leases.values()) {
        if (row.holder === holder) leases.set(row.name, { ...row, holder: null, beat: row.beat + 1 });
      }
      members.delete(holder);
    },
    async leaseTable() {
      await reached();
      return table();
    },
  };

  async function reached(): Promise<void> {
    await memory.hanging;
    if (memory.failing !== null) throw memory.failing;
  }

  function table(): LeaseTable {
    return { leases: [...leases.values()], members: [...members.values()] };
  }

  return memory;
}
