// Operating time (Bitrix24 docs: limits): a method of one credential may work so many seconds in ten minutes, then it is
// refused until the oldest minute is forgiven. Answers say how many it has worked; from that we know beforehand what
// would be refused, and keep it here. A portal that says nothing is not held back.
import type { Lane } from '../../model.ts';
import type { Time } from './batch.ts';

/** The documented figure; a portal is configured with its own. */
const DOCUMENTED_S = 480;
/** So long a refusal tells the limit; afterwards one command tries whether more is allowed by now. */
const BELIEVED_MS = 3_600_000;
/** Of the limit bulk work leaves so much to live edits, and at least what one command costs. */
const KEPT_FOR_LIVE = 0.03;
/** Minutes are forgiven one by one, where the portal does not say when. */
const SLICE_MS = 60_000;

/** `open`: answers under way decide. `until`: nothing is left before then, epoch ms. */
export type Outlook = 'free' | 'open' | { readonly until: number };

type Gauge = {
  /** Seconds, as last told. More may be forgiven by now, so it is never too little. */
  seen: number;
  seenAt: number;
  resetAt: number | null;
  /** Seconds of one command: up at once, down slowly. */
  cost: number;
  /** The highest count at which a command was still accepted. */
  passed: number;
  limit: number;
  /** The limit before we tried for more. */
  sure: number;
  refusedAt: number;
  underWay: number;
};

export type OperatingTime = {
  /** What would become of one more command of that lane. */
  outlook(method: string, lane: Lane, now: number): Outlook;
  leaves(method: string): void;
  isBack(method: string): void;
  /** `before`: the count that the command before it in the same batch came back with. */
  answered(method: string, time: Time, before: number | null, now: number): void;
  refused(method: string, now: number): void;
};

export function createOperatingTime(): OperatingTime {
  const gauges = new Map<string, Gauge>();

  function gaugeOf(method: string): Gauge {
    const known = gauges.get(method);
    if (known) return known;
    const gauge: Gauge = {
      seen: 0,
      seenAt: 0,
      resetAt: null,
      cost: 0,
      passed: 0,
      limit: DOCUMENTED_S,
      sure: DOCUMENTED_S,
      refusedAt: Number.NEGATIVE_INFINITY,
      underWay: 0,
    };
    gauges.set(method, gauge);
    return gauge;
  }

  function outlook(method: string, lane: Lane, now: number): Outlook {
    const gauge = gauges.get(method);
    if (!gauge || gauge.seen + gauge.underWay * gauge.cost <= gauge.limit - keptFrom(lane, gauge)) return 'free';
    // From here on one after the other, so that a guess costs one refusal.
    if (gauge.underWay > 0) return 'open';
    const until = gauge.resetAt ?? gauge.seenAt + SLICE_MS;
    return now >= until || !isBelieved(gauge, now) ? 'free' : { until };
  }

  function answered(method: string, { operating, resetAt }: Time, before: number | null, now: number): void {
    if (operating === null) return;
    const gauge = gaugeOf(method);
    const sameMinutes = gauge.seenAt > 0 && resetAt === gauge.resetAt;
    const from = before ?? (sameMinutes && gauge.underWay <= 1 ? gauge.seen : null);
    if (from !== null && from <= operating) {
      const cost = operating - from;
      gauge.cost = cost > gauge.cost ? cost : gauge.cost + (cost - gauge.cost) / 10;
      accepted(gauge, from, now);
    }
    // Answers overtake each other: the count of the same minutes only grows, and the oldest minute only gets younger.
    if (resetAt !== null && gauge.resetAt !== null && resetAt < gauge.resetAt) return;
    gauge.seen = sameMinutes && resetAt !== null ? Math.max(gauge.seen, operating) : operating;
    gauge.seenAt = now;
    gauge.resetAt = resetAt;
  }

  function accepted(gauge: Gauge, at: number, now: number): void {
    gauge.passed = Math.max(gauge.passed, at);
    if (at <= gauge.limit) return;
    // More than was known: trying for more still doubles what is beyond, so that a generous portal is soon used in full.
    gauge.limit = isBelieved(gauge, now) ? at : at + (at - gauge.sure);
  }

  function refused(method: string, now: number): void {
    const gauge = gaugeOf(method);
    // With much left by our count, others use the credential too: that says nothing about the limit.
    if (gauge.seen < gauge.limit / 2) return;
    gauge.refusedAt = now;
    if (gauge.passed === 0 || gauge.passed > gauge.seen) gauge.passed = Math.max(0, gauge.seen - gauge.cost);
    gauge.limit = gauge.passed;
    gauge.sure = gauge.limit;
  }

  return {
    outlook,
    leaves: (method) => {
      gaugeOf(method).underWay += 1;
    },
    isBack: (method) => {
      gaugeOf(method).underWay -= 1;
    },
    answered,
    refused,
  };
}

/** While the limit is only guessed, one bulk command at a time may go on and find it out. */
function keptFrom(lane: Lane, { limit, cost }: Gauge): number {
  return lane === 'live' ? 0 : Math.max(KEPT_FOR_LIVE * limit, cost);
}

function isBelieved({ refusedAt }: Gauge, now: number): boolean {
  return now - refusedAt < BELIEVED_MS;
}

export type Turns = {
  /** Null: the commands count as under way from now on. A promise: from then on. Throws what `refuse` throws. */
  take(methods: readonly string[], lane: Lane, signal?: AbortSignal): Promise<void> | null;
  /** To be called once for what was taken, whatever became of it. */
  end(methods: readonly string[]): void;
};

type Waiter = {
  readonly methods: readonly string[];
  readonly go: () => void;
  readonly fail: (error: unknown) => void;
};

/** Who leaves when: what depends on answers under way waits for them, live edits before the rest. */
export function createTurns(
  time: OperatingTime,
  now: () => number,
  /** Throws while a method has nothing left for that lane. */
  refuse: (method: string, lane: Lane) => void,
): Turns {
  const waiting: Record<Lane, Waiter[]> = { live: [], bulk: [] };

  function tookThem(methods: readonly string[], lane: Lane): boolean {
    for (const method of methods) refuse(method, lane);
    if (methods.some((method) => time.outlook(method, lane, now()) !== 'free')) return false;
    for (const method of methods) time.leaves(method);
    return true;
  }

  function wake(lane: Lane): void {
    // Replaced first: one that goes may end at once and come here again.
    const waiters = waiting[lane];
    waiting[lane] = [];
    for (const waiter of waiters) {
      try {
        if (tookThem(waiter.methods, lane)) waiter.go();
        else waiting[lane].push(waiter);
      } catch (error) {
        waiter.fail(error);
      }
    }
  }

  function take(methods: readonly string[], lane: Lane, signal?: AbortSignal): Promise<void> | null {
    if (tookThem(methods, lane)) return null;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        methods,
        go: () => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        },
        fail: (error) => {
          signal?.removeEventListener('abort', giveUp);
          reject(error);
        },
      };
      function giveUp(): void {
        waiting[lane] = waiting[lane].filter((one) => one !== waiter);
        reject(signal?.reason);
      }
      if (signal?.aborted) return reject(signal.reason);
      waiting[lane].push(waiter);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  return {
    take,
    end: (methods) => {
      for (const method of methods) time.isBack(method);
      wake('live');
      wake('bulk');
    },
  };
}
