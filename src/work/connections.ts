// The connections of this engine: each watched for its health, each knowing whose site it speaks to.
import type { Connector } from '../connectors/connector.ts';
import { SIDES, type Side } from '../model.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Store } from '../state/store.ts';
import { type ConnectionHealth, createConnectionHealth, type HealthState } from './connection-health.ts';
import { watchedConnector } from './watched-connector.ts';

export type Connections = {
  connectorOf(profile: Profile, side: Side): Connector;
  /** Stable identity of a side's site. */
  tenantOf(profile: Profile, side: Side): Promise<string>;
  /** Both connections of the profile work; probes a paused one when it is time to. */
  usable(profile: Profile): Promise<boolean>;
  /** Why a connection of the profile is paused, or null. */
  paused(profile: Profile): Extract<HealthState, { state: 'paused' }> | null;
  health(): Readonly<Record<string, HealthState>>;
};

export function createConnections(options: {
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Whether what this process learns of a connection is what is told of it; others may see it otherwise. */
  readonly tells: (connection: string) => boolean;
  readonly onUp: (connection: string) => void;
  readonly onFatal: (error: unknown) => void;
}): Connections {
  const { store, clock, random, log, signal } = options;
  const healths = new Map<string, ConnectionHealth>();
  const watched = new Map<string, Connector>();
  const tenants = new Map<string, Promise<string>>();
  for (const [name, connector] of options.connectors) {
    const onChange = (state: HealthState) => {
      if (options.tells(name)) store.note(`connection/${name}`, state).catch(options.onFatal);
      if (state.state === 'up') options.onUp(name);
    };
    const health = createConnectionHealth({ connector, clock, random, log, onChange });
    healths.set(name, health);
    watched.set(name, watchedConnector(connector, health));
  }

  function connectorOf(profile: Profile, side: Side): Connector {
    return watched.get(profile.sides[side].scope.connection) as Connector;
  }

  /** Asked once per connection, however many records are under way. */
  function tenantOf(profile: Profile, side: Side): Promise<string> {
    const { connection } = profile.sides[side].scope;
    const known = tenants.get(connection);
    if (known !== undefined) return known;
    const asked = connectorOf(profile, side)
      .identify({ lane: 'live', signal })
      .then((account) => account.tenant);
    tenants.set(connection, asked);
    asked.catch(() => tenants.delete(connection));
    return asked;
  }

  async function usable(profile: Profile): Promise<boolean> {
    for (const side of SIDES) {
      if (!(await healths.get(profile.sides[side].scope.connection)?.ready(signal))) return false;
    }
    return true;
  }

  function paused(profile: Profile): Extract<HealthState, { state: 'paused' }> | null {
    for (const side of SIDES) {
      const state = healths.get(profile.sides[side].scope.connection)?.state();
      if (state?.state === 'paused') return state;
    }
    return null;
  }

  return {
    connectorOf,
    tenantOf,
    usable,
    paused,
    health: () => Object.fromEntries([...healths].map(([name, health]) => [name, health.state()])),
  };
}
