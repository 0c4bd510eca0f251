// What the writes of a plan would cost, one line per connection.
import type { Connector, PlannedWrite } from '../connectors/connector.ts';
import type { NotedWrite } from '../work/dry-connector.ts';

type Action = PlannedWrite['action'];

export type ConnectionBill = {
  readonly connection: string;
  readonly writes: Readonly<Record<Action, number>>;
  readonly calls: number;
  readonly seconds: number;
};

const ACTIONS: readonly Action[] = ['create', 'update', 'stamp', 'delete'];

/** Of the connections that would be written to. */
export function billsOf(
  writes: readonly NotedWrite[],
  connectors: ReadonlyMap<string, Pick<Connector, 'bill'>>,
): ConnectionBill[] {
  const bills: ConnectionBill[] = [];
  for (const [connection, connector] of connectors) {
    const own = writes.filter((write) => write.connection === connection);
    if (own.length === 0) continue;
    const counts = { create: 0, update: 0, stamp: 0, delete: 0 };
    for (const { action } of own) counts[action] += 1;
    const planned = own.map(({ action, patch }) => ({ action, fields: Object.keys(patch) }));
    const { calls, seconds } = connector.bill(planned);
    bills.push({ connection, writes: counts, calls, seconds: Math.ceil(seconds) });
  }
  return bills;
}

export function billLine({ connection, writes, calls, seconds }: ConnectionBill): string {
  const parts = ACTIONS.filter((action) => writes[action] > 0).map((action) => counted(writes[action], action));
  return `${connection}: ${parts.join(', ')} = ${counted(calls, 'request')}, about ${lasting(seconds)} at its limits`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function lasting(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}
