// The sleep of a loop that is woken when there is something to do; being woken while awake is not forgotten.
import type { Clock } from '../ports.ts';

export type Doze = {
  wake(): void;
  /** A round begins: what woke it until now is about to be seen. */
  begin(): void;
  /** Not at all if it was woken since the round began. Answers whether the time ran out. */
  sleep(ms: number): Promise<boolean>;
};

/** Nobody reads it; without one, a DOMException with its stack is made each time. */
const AWAKE = 'awake';

export function createDoze(clock: Clock): Doze {
  let woken = false;
  let resolveNow: (() => void) | null = null;

  return {
    wake() {
      woken = true;
      resolveNow?.();
    },
    begin() {
      woken = false;
    },
    async sleep(ms) {
      if (woken) return false;
      const awake = new AbortController();
      await new Promise<void>((resolve) => {
        resolveNow = resolve;
        clock.sleep(Math.max(1, ms), awake.signal).then(resolve, resolve);
      });
      resolveNow = null;
      awake.abort(AWAKE);
      return !woken;
    },
  };
}
