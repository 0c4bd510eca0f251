// What a connector counts of itself, for metrics alone: nothing decides by it.
import type { Lane } from '../model.ts';
import type { Usage } from './connector.ts';

/** Fixed words, because they become labels. */
export type ErrorKind =
  | 'timeout'
  | 'dns'
  | 'tls'
  | 'connection'
  | 'too-large'
  | 'unreadable'
  | 'redirect'
  | 'denied'
  | 'limited'
  | 'server'
  /** A good status with an error inside. */
  | 'refused';

export type Tallied = Omit<Usage, 'requests' | 'failures' | 'limited' | 'heldUntil' | 'waiting'>;

export type Tally = {
  write(): void;
  error(kind: ErrorKind): void;
  anomaly(kind: 'repeated-token' | 'empty-page' | 'broken-chain'): void;
  refresh(outcome: 'renewed' | 'refused' | 'unanswered' | 'by-spare'): void;
  waited(lane: Lane, ms: number): void;
  /** The vendor's clock minus ours. */
  skew(ms: number): void;
  indexLag(ms: number): void;
  operating(method: string, seconds: number): void;
  read(): Tallied;
};

export function createTally(): Tally {
  const errors: Record<string, number> = {};
  const anomalies: Record<string, number> = {};
  const refreshes: Record<string, number> = {};
  const operating: Record<string, number> = {};
  const waitedMs: Record<Lane, number> = { live: 0, bulk: 0 };
  let writes = 0;
  let skewMs: number | null = null;
  let indexLagMs: number | null = null;

  function count(counts: Record<string, number>, word: string): void {
    counts[word] = (counts[word] ?? 0) + 1;
  }

  return {
    write: () => {
      writes += 1;
    },
    error: (kind) => count(errors, kind),
    anomaly: (kind) => count(anomalies, kind),
    refresh: (outcome) => count(refreshes, outcome),
    waited: (lane, ms) => {
      waitedMs[lane] += ms;
    },
    skew: (ms) => {
      skewMs = ms;
    },
    indexLag: (ms) => {
      indexLagMs = ms;
    },
    operating: (method, seconds) => {
      operating[method] = seconds;
    },
    read: () => ({
      writes,
      errors: { ...errors },
      anomalies: { ...anomalies },
      refreshes: { ...refreshes },
      operating: { ...operating },
      waitedMs: { ...waitedMs },
      skewMs,
      indexLagMs,
    }),
  };
}
