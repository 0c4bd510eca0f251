// Brings due rows to the path: the contract of both dispatchers, which test/contract/dispatcher-suite.ts runs on each.
import type { Clock, Log } from '../ports.ts';
import type { Claim, Store } from '../state/store.ts';

/** What carries the bells. `reason`, `cure`: why the queue cannot be used now; the work goes on from the store meanwhile. */
export type QueueHealth =
  | { readonly kind: 'in-process' }
  | {
      readonly kind: 'redis';
      /** Host, port and database; never with a password. */
      readonly address: string;
      readonly up: boolean;
      /** Since when it is as it is. */
      readonly since: number;
      readonly reason: string | null;
      readonly cure: string | null;
      readonly warnings: readonly string[];
    };

export type Dispatcher = {
  start(): void;
  /** Something was marked, or a place where to look has changed. */
  ring(): void;
  /** Takes no new work and resolves when what runs has ended. */
  stop(): Promise<void>;
  running(): number;
  health(): QueueHealth;
  /**
   * What is under way outside of this process and comes back by itself within moments of real time: bells that were rung
   * and not heard yet (not delayed ones), answers of Redis. A virtual clock must not move while this is above zero. It can stay there for ever, where Redis
   * loses a bell (the next look at the store finds out): whoever waits for it needs a limit of real time.
   */
  outstanding(): number;
};

export type DispatcherParts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** How many records are worked on at once. */
  readonly concurrency: number;
  /** How often to look at the store when nothing rings: another process may have marked something. */
  readonly lookAgainMs: number;
  /** The CRM connection of a profile, by which queues are divided; null while the profile is not loaded. */
  readonly connectionOf: (profile: string) => string | null;
  /** Settles or releases the claim; must not throw. */
  readonly work: (claim: Claim) => Promise<void>;
  readonly onFatal: (error: unknown) => void;
};

export type MakeDispatcher = (parts: DispatcherParts) => Dispatcher;
