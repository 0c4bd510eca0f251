// One life of the daemon on records in memory: engine, store and webhook handlers as they are, connectors as given. A
// killed life reaches nothing any more.
import type { Connector } from '../../../src/connectors/connector.ts';
import { assembleEngine } from '../../../src/daemon/assemble-engine.ts';
import type { Clock, Log, Random } from '../../../src/ports.ts';
import type { Store } from '../../../src/state/store.ts';
import { createWebhookHandlers } from '../../../src/triggers/webhooks.ts';
import { PEOPLE } from '../stage/people.ts';
import type { Delivery } from './webhooks.ts';

/** After these the daemon may die; all else only looks. */
const WRITES = new Set(
  'markDirty acceptDelivery observe claimPartner settle release planIntent moveIntent unlink saveProfileState note ringProfile'.split(
    ' ',
  ),
);

export type Existence = { alive: boolean };

/** Answers for ever later once the life is over. */
export async function ifAlive<T>(life: Existence, work: Promise<T>): Promise<T> {
  try {
    const result = await work;
    if (life.alive) return result;
  } catch (error) {
    if (life.alive) throw error;
  }
  return new Promise<T>(() => {});
}

export function beginThinLife(options: {
  readonly life: Existence;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly tickMs: number;
  readonly onStored: (verb: string) => void;
  readonly onFatal: (error: unknown) => void;
}) {
  const { life, connectors, clock, random, log } = options;
  const store = Object.fromEntries(
    Object.entries(options.store).map(([name, verb]: [string, (...args: never[]) => Promise<unknown>]) => [
      name,
      async (...args: never[]) => {
        if (!life.alive) return new Promise(() => {});
        const result = await ifAlive(life, verb(...args));
        if (!WRITES.has(name)) return result;
        options.onStored(name);
        return ifAlive(life, Promise.resolve(result));
      },
    ]),
  ) as Store;
  const { engine, profiles, metrics } = assembleEngine({
    store,
    connectors,
    people: PEOPLE,
    clock,
    random,
    log,
    staged: false,
    lookAgainMs: 3_600_000,
    tickMs: options.tickMs,
    onFatal: options.onFatal,
  });
  const handlers = createWebhookHandlers({
    connections: [...connectors].map(([name, { receive }]) => ({
      name,
      side: name === 'jira' ? 'jira' : 'crm',
      receive: receive as NonNullable<Connector['receive']>,
    })),
    profilesFor: profiles.watching,
    store,
    clock,
    log,
    metrics,
    onHint: engine.ring,
  });
  return {
    engine,
    profiles,
    async receive({ side, headers, body }: Delivery): Promise<number> {
      if (!life.alive) throw new Error('connect ECONNREFUSED');
      const answer = await handlers.handle(side === 'jira' ? 'jira' : 'bitrix24', { headers, body: Buffer.from(body) });
      return answer.status;
    },
  };
}
