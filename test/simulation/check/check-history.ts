// Judges a schedule: which of the invariants did not hold. Shares no code with the engine.
import { convergence } from './convergence.ts';
import { deeds } from './deeds.ts';
import { deletions } from './deletions.ts';
import { duplicates } from './duplicates.ts';
import type { Evidence, Violation } from './evidence.ts';
import { ledger } from './ledger.ts';
import { parkedRows } from './parked.ts';
import { policies } from './policies.ts';
import { provenance } from './provenance.ts';
import { timelinesOf } from './timelines.ts';

export function checkHistory(evidence: Evidence): Violation[] {
  const timelines = timelinesOf(evidence);
  const found = [
    ...convergence(evidence),
    ...duplicates(evidence, timelines),
    ...ledger(evidence, timelines).violations,
    ...provenance(evidence, timelines),
    ...deletions(evidence, timelines),
    ...deeds(evidence, timelines),
    ...policies(evidence),
    ...parkedRows(evidence),
  ];
  if (evidence.dueNow) found.push({ invariant: 'S17', what: 'there is work due that nobody does' });
  return found.map(({ invariant, what }) => ({ invariant, what: `${what} (${evidence.phase})` }));
}
