// What has to be quick whatever somebody gives it: patterns, nesting, sizes. A bound on time alone fails where the machine
// is slow, so the time is that of the processor for this thread, in terms of known work done at the same moment, and what
// is slow once may be a collection of garbage: only what is slow each time is slow.
const TRIES = 5;
/** Of `knownWork`, on the machine that the bounds are meant for: one core at 2.5 GHz. */
const KNOWN_WORK_MS = 5;
const MEASURED = 3;

const TEXT = JSON.stringify(Array.from({ length: 200 }, (_, at) => ({ id: `issue-${at}`, fields: { at, ok: true } })));

/** What parsers do: texts, small objects, maps. */
function knownWork(): number {
  const seen = new Map<string, number>();
  for (let round = 0; round < 24; round += 1) {
    for (const { id, fields } of JSON.parse(TEXT) as { id: string; fields: { at: number } }[]) {
      seen.set(`${id}/${round}`, fields.at);
      if (/^issue-(\d+)$/.exec(id)?.[1] !== `${fields.at}`) seen.clear();
    }
  }
  return seen.size;
}

/** Of this thread: what others take of the machine does not count. */
function processorMs(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

/** How many times slower than the machine that bounds are meant for this one is now; never below 1. */
export function slowness(): number {
  const times = Array.from({ length: MEASURED }, () => processorMs(knownWork));
  return Math.max(1, Math.min(...times) / KNOWN_WORK_MS);
}

/** For tests of this file. */
export type Watch = { readonly timeOf: (work: () => unknown) => number; readonly slowness: () => number };

/** What `work` answers; throws when it takes more than `mostMs` each time. */
export function quick<T>(
  what: string,
  mostMs: number,
  work: () => T,
  watch: Watch = { timeOf: processorMs, slowness },
): T {
  for (let tries = 1; ; tries += 1) {
    let answer: { readonly value: T } | null = null;
    const ms = watch.timeOf(() => {
      answer = { value: work() };
    });
    const { value } = answer as unknown as { readonly value: T };
    if (ms <= mostMs) return value;
    const times = watch.slowness();
    if (ms <= mostMs * times) return value;
    if (tries === TRIES) {
      throw new Error(
        `${what} took ${Math.round(ms)} ms on a machine ${times.toFixed(1)} times as slow as it should be`,
      );
    }
  }
}
