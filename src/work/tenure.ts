// The time in which this process works for a CRM connection. It begins when the lease is taken and what a new holder has
// to do is done, and it is over at the first doubt: then nothing more may leave on its account.
import { StaleError } from '../errors.ts';

export type Tenure = {
  readonly connection: string;
  /** Raised whenever the lease changes hands. */
  readonly epoch: number;
  /** Aborted when it is over. */
  readonly signal: AbortSignal;
  /** StaleError unless the lease is ours beyond doubt at this very moment; asked right before something is sent. */
  check(): void;
};

export function leaseLost(connection: string): StaleError {
  return new StaleError(
    `This process does not work for the connection ${connection} any more`,
    'Whichever process has taken it over does the work; nothing to do.',
  );
}
