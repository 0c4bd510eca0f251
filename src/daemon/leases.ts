// Under which name this process shares the connections with others, and what it notes when it takes one over.
import type { Config } from '../config.ts';
import type { Random } from '../ports.ts';
import type { LeaseOptions } from '../work/territory.ts';

export function leaseOptions(options: {
  readonly config: Pick<Config, 'connections'>;
  readonly random: Random;
  readonly startedAt: number;
  /** A lock keeps all others out. */
  readonly alone: boolean;
  /** Only borrows the engine for a command. */
  readonly guest: boolean;
}): LeaseOptions {
  const { alone, guest, startedAt } = options;
  const host = process.env.HOSTNAME ?? 'localhost';
  const connections = Object.entries(options.config.connections)
    .filter(([, { type }]) => type !== 'jira')
    .map(([name]) => name)
    .sort();
  // Process ids come again, so they alone tell nobody apart.
  const id = `${host}-${process.pid}-${options.random.hex(3)}`;
  const about = { host, pid: process.pid, startedAt };
  return { me: { id, serves: guest ? [] : connections, about }, connections, alone, guest };
}
