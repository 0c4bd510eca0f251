// How fast requests leave a connection. Bitrix24 drains 2 per second (Enterprise 5) and blocks above 50 (250) waiting;
// all programs behind one address share that, so we start just below it and slow down when told.
import type { Budget } from '../limiter.ts';

export type Plan = 'standard' | 'enterprise';

export type Pace = {
  /** A live view: the limiter reads the rate anew at each refill. */
  readonly budget: Budget;
  /** Refused: slower from now on. Answers for how long to hold everything, growing with each refusal in a row. */
  slower(): number;
  /** An answer came: refusals in a row are over, and the rate creeps back. */
  answered(): void;
};

const START: Readonly<Record<Plan, Budget>> = {
  standard: { perSecond: 1.95, burst: 45 },
  enterprise: { perSecond: 4.9, burst: 240 },
};
const FIRST_HOLD_MS = 1000;
const LONGEST_HOLD_MS = 60_000;
const SLOWEST_SHARE = 0.2;

export function createPace(plan: Plan, full: Budget = START[plan]): Pace {
  let share = 1;
  let refusals = 0;
  const budget: Budget = {
    get perSecond() {
      return full.perSecond * share;
    },
    get burst() {
      return Math.max(1, full.burst * share);
    },
  };

  function slower(): number {
    share = Math.max(SLOWEST_SHARE, share * 0.7);
    refusals += 1;
    return Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** (refusals - 1));
  }

  function answered(): void {
    refusals = 0;
    share = Math.min(1, share + 0.005);
  }

  return { budget, slower, answered };
}
