// Plays every flow once without a fault, and those faults that lead into ways which no calm flow takes.
import type { Call } from './border.ts';
import { openFaultWorld } from './fault-world.ts';
import { FLOWS } from './flows.ts';
import { playFlow } from './play-flow.ts';

const DETOURS: readonly (readonly [flow: string, call: string, fault: string])[] = [
  ['create-issue', 'request Jira POST issue', 'reset after'],
  ['create-deal', 'request Bitrix24 crm.item.add', 'reset before'],
  ['update-deal', 'delivery of Jira', 'lost'],
];

export async function reachFlows(): Promise<{ readonly calls: readonly Call[]; readonly asked: ReadonlySet<string> }> {
  const calls: Call[] = [];
  const asked = new Set<string>();
  for (const flow of FLOWS) {
    const world = await openFaultWorld(flow);
    const ask: typeof world.ask = (kind, args) => {
      asked.add(kind);
      return world.ask(kind, args);
    };
    const overheard = { ...world, ask };
    const calm = await playFlow(overheard, flow, 0, [], null);
    calls.push(...calm.calls);
    for (const [name, call, fault] of DETOURS) {
      if (name !== flow.name) continue;
      const played = await playFlow(overheard, flow, 1, [{ name: call, nth: 0, fault }], calm);
      if (played.met.length === 0) throw new Error(`${name} makes no ${call}`);
      calls.push(...played.calls);
    }
    await world.close();
  }
  return { calls, asked };
}
