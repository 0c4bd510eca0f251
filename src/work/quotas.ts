// How much a staged resync (`--match-only`, `--limit`) may write. What is beyond it stays dirty, due only when somebody
// asks for it: the next resync of the profile, or the next start of the daemon.
import { RateLimitedError } from '../errors.ts';
import type { Lane } from '../model.ts';
import type { Clock } from '../ports.ts';
import type { Quota } from '../sync/context.ts';

export type Staged = { readonly writes: number; readonly heldBack: number };

export type Quotas = {
  /** For work on one record or pair, whatever it is called. */
  of(profile: string, lane: Lane, record: string): Quota | null;
  /** From now on the bulk work of the profile may write so much; `end` answers what became of it. */
  begin(profile: string, limit: number): { readonly end: () => Staged; readonly now: () => Staged };
};

const FAR_MS = 10 * 365 * 24 * 3_600_000;

/** `staged`: an engine that works for staged resyncs alone writes nothing besides, in no lane and no other profile. */
export function createQuotas(clock: Clock, staged: boolean): Quotas {
  const open = new Map<string, { left: number; writes: number; readonly heldBack: Set<string> }>();

  function refuse(): never {
    const message = 'held back: this resync may write no more';
    throw new RateLimitedError(message, 'Run resync again to go on.', clock.now() + FAR_MS);
  }

  return {
    of(profile, lane, record) {
      // Beside a daemon the edits of people go on as ever.
      if (!staged && (lane === 'live' || !open.has(profile))) return null;
      return {
        take(writes) {
          const quota = open.get(profile);
          if (writes === 0 || (quota === undefined && !staged)) return;
          if (quota === undefined) refuse();
          if (writes > quota.left) {
            quota.heldBack.add(record);
            // Of the next record too: what goes over is a beginning, not a selection of small ones.
            quota.left = 0;
            refuse();
          }
          quota.left -= writes;
          quota.writes += writes;
          quota.heldBack.delete(record);
        },
      };
    },
    begin(profile, limit) {
      const quota = { left: limit, writes: 0, heldBack: new Set<string>() };
      open.set(profile, quota);
      const now = () => ({ writes: quota.writes, heldBack: quota.heldBack.size });
      return {
        now,
        end() {
          if (open.get(profile) === quota) open.delete(profile);
          return now();
        },
      };
    },
  };
}
