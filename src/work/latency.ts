import type { Clock } from '../ports.ts';
import type { Claim } from '../state/store.ts';
import type { Meters } from '../sync/context.ts';
import { isFromOutside } from '../sync/sync-record.ts';

/** To be called as writes leave: the first one tells how long somebody outside has waited for it. */
export function tellLatency(claim: Claim, clock: Clock, meters: Pick<Meters, 'wrote'>): () => void {
  const hinted = claim.rows.filter((row) => isFromOutside(row.cause)).map((row) => row.since);
  let told = hinted.length === 0;
  return () => {
    if (!told) meters.wrote(claim.profile, clock.now() - Math.min(...hinted));
    told = true;
  };
}
