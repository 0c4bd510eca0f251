// The index of a flow: it is played once without a fault, and then once for every call and every way in which that call
// can fail. Plays share a world in blocks; what breaks there is played again alone.
import { type Call, nameOfCall, tellCall } from './border.ts';
import { type FaultWorld, openFaultWorld } from './fault-world.ts';
import type { Flow } from './flow.ts';
import { faultsOf } from './kinds.ts';
import { type Calm, type Played, playFlow } from './play-flow.ts';

export type Case = {
  readonly flow: Flow;
  /** Which call of the flow, and which of those of its name; from 0. */
  readonly at: number;
  readonly nth: number;
  readonly call: Call;
  readonly fault: string;
};
export type Recorded = { readonly flow: Flow; readonly cases: readonly Case[]; readonly calm: Played };
export type Failure = { readonly case: string; readonly what: string; readonly wrong: readonly string[] };

/** Plays that share a world. */
const BLOCK = 40;

/** The second play is the one that counts: the first fills what is kept in memory. */
async function openWarm(flow: Flow): Promise<FaultWorld> {
  const world = await openFaultWorld(flow);
  const first = await playFlow(world, flow, 0, [], null);
  if (first.wrong.length === 0) return world;
  await world.close();
  throw new Error(`${flow.name} breaks without any fault: ${first.wrong.join('; ')}`);
}

export async function recordFlow(flow: Flow): Promise<Recorded> {
  const world = await openWarm(flow);
  try {
    const calm = await playFlow(world, flow, 1, [], null);
    if (calm.wrong.length > 0) throw new Error(`${flow.name} breaks without any fault: ${calm.wrong.join('; ')}`);
    const cases = calm.calls.flatMap((call, at) => {
      const nth = calm.calls.slice(0, at).filter((one) => nameOfCall(one) === nameOfCall(call)).length;
      return faultsOf(call).map((fault) => ({ flow, at, nth, call, fault }));
    });
    return { flow, cases, calm };
  } finally {
    await world.close();
  }
}

export const nameOf = ({ flow, at, fault }: Case) => `${flow.name}:${at}:${fault.replaceAll(' ', '_')}`;

function tell({ flow, at, call, fault }: Case): string {
  return `${flow.name}, call ${at} (${tellCall(call)}), ${fault}`;
}

/** Null: it held. */
export async function playAlone(one: Case, calm: Calm): Promise<Failure | null> {
  const world = await openWarm(one.flow);
  try {
    return await play(world, one, 1, calm);
  } finally {
    await world.close();
  }
}

async function play(world: FaultWorld, one: Case, round: number, calm: Calm): Promise<Failure | null> {
  const planned = { name: nameOfCall(one.call), nth: one.nth, fault: one.fault };
  const played = await playFlow(world, one.flow, round, [planned], calm);
  const wrong = [...played.wrong];
  const [met] = played.met;
  if (met === undefined || tellCall(met.call) !== tellCall(one.call)) wrong.push(MISSED);
  return wrong.length === 0 ? null : { case: nameOf(one), what: tell(one), wrong };
}

const MISSED = 'this call was not made';

/** Tokens that were renewed and never arrived are replaced by the spare one; there is one until a person installs anew. */
function spendsTheSpare(call: Call): boolean {
  return /^Bitrix24 \/oauth\/token|^saveSecret$/.test(call.name);
}

export type BlockResult = { readonly failures: readonly Failure[]; readonly alone: number };

/** Cases that follow each other, in one world; a case that breaks, or does not meet its call there, gets one of its own. */
export async function playBlock(cases: readonly Case[], calm: Calm): Promise<BlockResult> {
  const [first] = cases;
  if (first === undefined) return { failures: [], alone: 0 };
  const failures: Failure[] = [];
  let alone = 0;
  let world = await openWarm(first.flow);
  try {
    for (const [round, one] of cases.entries()) {
      if (spendsTheSpare(one.call)) {
        alone += 1;
        const failure = await playAlone(one, calm);
        if (failure !== null) failures.push(failure);
        continue;
      }
      const failed = await play(world, one, round + 1, calm);
      if (failed === null) continue;
      alone += 1;
      const again = await playAlone(one, calm);
      if (again !== null) failures.push(again);
      else if (!failed.wrong.every((what) => what === MISSED)) {
        failures.push({ ...failed, what: `${failed.what}, after others in one world, not alone` });
      }
      if (failed.wrong.every((what) => what === MISSED)) continue;
      await world.close();
      world = await openWarm(first.flow);
    }
  } finally {
    await world.close();
  }
  return { failures, alone };
}

export function blocksOf(cases: readonly Case[]): readonly (readonly Case[])[] {
  const blocks: Case[][] = [];
  for (let at = 0; at < cases.length; at += BLOCK) blocks.push(cases.slice(at, at + BLOCK));
  return blocks;
}
