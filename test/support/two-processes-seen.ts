// What is to be seen of two processes on one state: who works, and what came of it in the products.
import { differences, office } from './office.ts';
import type { Twin, TwoProcesses } from './two-processes.ts';

export function holder({ twins }: TwoProcesses): Twin | undefined {
  return twins.find(({ life, pausable }) => !pausable.paused() && life.engine.leases().some(({ held }) => held));
}

/** Doubled records, and pairs that tell different things. */
export function wrong(world: TwoProcesses): string[] {
  const desk = office(world);
  const found: string[] = [];
  const deals = new Map(desk.deals().map((deal) => [deal.id, deal]));
  const issues = desk.issues();
  for (const number of new Set(issues.map(({ dealNumber }) => dealNumber))) {
    const carriers = issues.filter(({ dealNumber }) => dealNumber === number);
    if (number !== null && carriers.length > 1)
      found.push(`${number}: ${carriers.map(({ key }) => key).join(' and ')}`);
  }
  const origins = [...deals.values()].flatMap(({ origin }) => origin ?? []);
  if (new Set(origins).size < origins.length) found.push(`deals made twice: ${origins.join(', ')}`);
  for (const issue of issues) {
    const deal = deals.get(issue.dealNumber ?? '');
    if (deal === undefined) found.push(`${issue.key} has no deal`);
    else found.push(...differences(issue, deal).map((what) => `${issue.key}: ${what}`));
  }
  for (const { id, title } of deals.values()) {
    if (!issues.some(({ dealNumber }) => dealNumber === id)) found.push(`the deal ${title} has no issue`);
  }
  return found;
}
