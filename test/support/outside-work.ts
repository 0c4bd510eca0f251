// What happens in real time beside a virtual clock: verbs of a store on PostgreSQL, bells on their way through Redis. The
// clock does not go on before they have ended.

export type OutsideWork = {
  pending(): boolean;
  /** Counts as pending until it settles. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Something else that may be under way, asked before the clock goes on: resolves when it has ended. */
  alsoAwait(idle: () => Promise<void>): void;
  /** Resolves when anything that is pending has ended. */
  next(): Promise<void>;
  /** Resolves when everything named by `alsoAwait` has ended. */
  others(): Promise<void>;
};

export function createOutsideWork(): OutsideWork {
  let count = 0;
  let wake: (() => void) | null = null;
  const idles: (() => Promise<void>)[] = [];

  function ended(): void {
    count -= 1;
    wake?.();
    wake = null;
  }

  return {
    pending: () => count > 0,
    track(work) {
      count += 1;
      work.then(ended, ended);
      return work;
    },
    alsoAwait: (idle) => {
      idles.push(idle);
    },
    next: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    async others() {
      for (const idle of idles) await idle();
    },
  };
}

/** Every verb of an object whose verbs answer promises is tracked. */
export function trackVerbs<T extends object>(verbs: T, outside: OutsideWork): T {
  return new Proxy(verbs, {
    get(target, name) {
      const verb = target[name as keyof T];
      if (typeof verb !== 'function') return verb;
      return (...args: never[]) => {
        const answer: unknown = verb.apply(target, args);
        return answer instanceof Promise ? outside.track(answer) : answer;
      };
    },
  });
}
