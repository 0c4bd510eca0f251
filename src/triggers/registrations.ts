// What `connect` registered in a product is looked at every hour: administrators and the products themselves disable,
// double and lose registrations, and nobody notices, because the sweeps go on.
import type { EventSource } from '../connectors/connector.ts';
import { SyncError } from '../errors.ts';
import type { ScopeSpec } from '../model.ts';
import type { Clock, Log } from '../ports.ts';
import type { Metrics } from './metrics.ts';

export type Registration = {
  readonly name: string;
  readonly subscribe: EventSource['subscribe'];
  /** Where its deliveries have to arrive. */
  readonly handler: string;
};

export type RegistrationKeeper = {
  /** Looks at what is due; called every minute or so. */
  tick(): Promise<void>;
  /** Due at the next tick: the product has dropped everything. */
  lookAgain(connection: string): void;
};

const EVERY_MS = 3_600_000;
/** The first look waits until the start is over, and work of people goes before it. */
const FIRST_AFTER_MS = 60_000;

export function createRegistrationKeeper(options: {
  readonly registrations: readonly Registration[];
  /** Side blocks of the profiles on a connection. */
  readonly specs: (connection: string) => readonly ScopeSpec[];
  /** Whether `connect` has been run for it; what somebody registered by hand is theirs. */
  readonly isOurs: (connection: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'registration'>;
}): RegistrationKeeper {
  const { clock, log } = options;
  const looks = new Map(
    options.registrations.map((one) => [one.name, { ...one, due: clock.now() + FIRST_AFTER_MS, about: '' }]),
  );

  async function look(name: string): Promise<void> {
    const one = looks.get(name);
    if (one === undefined) return;
    const specs = options.specs(name);
    const about = JSON.stringify(specs);
    if (clock.now() < one.due && (one.about === '' || one.about === about)) return;
    if (!(await options.isOurs(name))) return;
    one.due = clock.now() + EVERY_MS;
    one.about = about;
    try {
      const { steps } = await one.subscribe({ lane: 'bulk', handler: one.handler, specs, takeOver: false });
      const done = steps.filter((step) => step.done !== 'kept').map((step) => `${step.done}: ${step.what}`);
      options.metrics.registration(name, done.length > 0 ? 'repaired' : 'kept');
      if (done.length > 0) log.warn('registration of webhooks put right', { connection: name, steps: done });
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      options.metrics.registration(name, 'failed');
      log.warn('registration of webhooks not checked', { connection: name, error });
    }
  }

  return {
    async tick() {
      for (const name of looks.keys()) await look(name);
    },
    lookAgain(connection) {
      const one = looks.get(connection);
      if (one !== undefined) one.due = clock.now();
    },
  };
}

/** `https://sync.acme.example` and `jira` -> where Jira's deliveries arrive. */
export function handlerAddress(publicUrl: string, connection: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/webhooks/${connection}`;
}
