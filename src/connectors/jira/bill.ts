// What writes cost a Jira site, before any is made; README.md says the same in words.
import type { Bill, PlannedWrite } from '../connector.ts';
import type { Budget } from '../limiter.ts';
import { MAX_CREATED } from './create.ts';
import { STATUS } from './transitions.ts';

const MAX_READ_BACK = 100;

export function billOf(budgetOf: (name: string) => Budget): (writes: readonly PlannedWrite[]) => Bill {
  return (writes) => {
    const calls = new Map<string, number>();
    const count = (budget: string, times: number) => calls.set(budget, (calls.get(budget) ?? 0) + times);
    let creates = 0;
    for (const { action, fields } of writes) {
      if (action === 'create') creates += 1;
      if (action === 'delete') count('DELETE issue', 1);
      if (action === 'stamp') {
        count('POST issue/bulkfetch', 1);
        count('PUT issue', 1);
      }
      if (action !== 'update') continue;
      if (fields.some((field) => field !== STATUS)) count('PUT issue', 1);
      if (!fields.includes(STATUS)) continue;
      count('GET issue/transitions', 1);
      count('POST issue/transitions', 1);
      count('GET issue', 1);
    }
    count('POST issue/bulk', Math.ceil(creates / MAX_CREATED));
    count('POST issue/bulkfetch', Math.ceil(creates / MAX_READ_BACK));
    // Each operation has a pace of its own; the slowest one tells.
    const seconds = [...calls].map(([budget, times]) => times / budgetOf(budget).perSecond);
    return { calls: [...calls.values()].reduce((sum, times) => sum + times, 0), seconds: Math.max(...seconds) };
  };
}
