// A process that can be stopped and continued as SIGSTOP and SIGCONT do: time goes on for everybody else, none of its
// timers fires and no answer arrives; afterwards all of them come at once, in the order in which they would have come.
import type { Clock } from '../../src/ports.ts';

export type Pausable = {
  readonly clock: Clock;
  pause(): void;
  resume(): void;
  paused(): boolean;
  /** Resolves at once, or when the process goes on. */
  awake(): Promise<void>;
  /** Answers arrive only while the process runs; what was asked before is carried out all the same. */
  wrap<T extends object>(target: T): T;
};

export function createPausable(clock: Clock): Pausable {
  let waiting: (() => void)[] | null = null;

  function awake(): Promise<void> {
    if (waiting === null) return Promise.resolve();
    return new Promise((resolve) => waiting?.push(resolve));
  }

  async function delivered<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      await awake();
    }
  }

  return {
    clock: {
      now: clock.now,
      steady: clock.steady,
      sleep: (ms, signal) => delivered(clock.sleep(ms, signal)),
    },
    pause() {
      waiting ??= [];
    },
    resume() {
      const all = waiting ?? [];
      waiting = null;
      for (const wake of all) wake();
    },
    paused: () => waiting !== null,
    awake,
    wrap: (target) =>
      new Proxy(target, {
        get(inner, name) {
          const verb = inner[name as keyof typeof inner];
          if (typeof verb !== 'function') return verb;
          return (...args: unknown[]) => {
            const answer = (verb as (...args: unknown[]) => unknown).apply(inner, args);
            return answer instanceof Promise ? delivered(answer) : answer;
          };
        },
      }),
  };
}
