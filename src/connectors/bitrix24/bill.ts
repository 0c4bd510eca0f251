// What writes cost a portal, before any is made: requests at the pace of its plan, or the operating time of a method
// where that is the narrower limit.
import type { Bill, PlannedWrite } from '../connector.ts';
import { UNLIMITED } from '../limiter.ts';
import { MAX_COMMANDS } from './batch.ts';
import { MOST_UNITS } from './commands.ts';
import { createPace, type Plan } from './pace.ts';

/** Nobody knows a portal's robots before they have run; half a second is what a write takes with a few of them. */
const SECONDS_PER_WRITE = 0.5;
/** Bitrix24 docs: a method may run for 480 s within 10 minutes. */
const OPERATING_SECONDS = 480;
const OPERATING_WINDOW_SECONDS = 600;

const METHODS = { create: 'add', update: 'update', stamp: 'update', delete: 'delete' } as const;

export function billOf(plan: Plan, limits: 'vendor' | 'off' = 'vendor'): (writes: readonly PlannedWrite[]) => Bill {
  const { perSecond } = limits === 'off' ? UNLIMITED : createPace(plan).budget;
  return (writes) => {
    const perMethod = new Map<string, number>();
    for (const { action } of writes) perMethod.set(METHODS[action], (perMethod.get(METHODS[action]) ?? 0) + 1);
    // A stamp looks first whether somebody else's mark is there.
    const looks = writes.filter(({ action }) => action === 'stamp').length;
    const calls = Math.ceil(writes.length / MOST_UNITS) + Math.ceil(looks / MAX_COMMANDS);
    const waits = [...perMethod.values()].map((times) => {
      const windows = Math.ceil((times * SECONDS_PER_WRITE) / OPERATING_SECONDS);
      return (windows - 1) * OPERATING_WINDOW_SECONDS;
    });
    return { calls, seconds: Math.max(calls / perSecond, ...waits) };
  };
}
