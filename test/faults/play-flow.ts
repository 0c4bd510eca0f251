// Plays a flow with the faults that are planned, lets the daemon go on until it is quiet, and judges what is there then.
import { checkHistory } from '../simulation/check/check-history.ts';
import { collectEvidence } from '../simulation/check/collect.ts';
import type { Evidence } from '../simulation/check/evidence.ts';
import { MINUTE } from '../simulation/script/chance.ts';
import type { Call, MetFault, PlannedFault } from './border.ts';
import { beginPass, type FaultWorld } from './fault-world.ts';
import type { Flow } from './flow.ts';
import { mayAskAPerson } from './kinds.ts';

export type Played = {
  readonly calls: readonly Call[];
  readonly met: readonly MetFault[];
  /** What is wrong, as sentences; none: it held. */
  readonly wrong: readonly string[];
  readonly requests: number;
  readonly writes: number;
  /** What was left for a person: kinds of parked rows and fields of open conflicts. */
  readonly left: string;
};

/** Those that the profile maps. */
const FIELDS = 10;
/** What a start of the daemon asks for, probes of a product that did not answer, looks for a create in doubt. */
const START = 40;

/** What the same flow comes to without a fault. */
export type Calm = Pick<Played, 'requests' | 'writes' | 'left'>;

export async function playFlow(
  world: FaultWorld,
  flow: Flow,
  round: number,
  plan: readonly PlannedFault[],
  calm: Calm | null,
): Promise<Played> {
  const { stage, daemon, border } = world;
  const wrong: string[] = [];
  const judge = async (phase: Evidence['phase']) => {
    const evidence = await collectEvidence({ script: world.script, stage, daemon, kept: world.kept, phase });
    for (const { invariant, what } of checkHistory(evidence)) {
      if (invariant === 'S3' && flow.unmarked) continue;
      wrong.push(`${invariant}: ${what}`);
    }
    return evidence;
  };

  await flow.prepare?.(world, round);
  if (!(await world.settle())) wrong.push('what stands before does not settle');
  const before = { sent: stage.sent.length, fatal: world.fatal(), scanned: daemon.scanned.length };
  border.begin(plan);
  await flow.act(world, round);
  if (!(await world.settle())) wrong.push('S17: it does not come to rest');
  const { calls, met } = border.end();
  const writes = stage.sent.length - before.sent;
  if (flow.nightly) beginPass(world);
  await world.run((world.script.setup.sweepMinutes + 1) * MINUTE);
  if (!(await world.settle())) wrong.push('S17: it does not come to rest after a sweep');

  const evidence = await judge('healed');
  const late = stage.sent.length - before.sent - writes;
  const left = leftIn(evidence);
  const requests = calls.filter(({ kind }) => kind === 'request').length;
  wrong.push(...daemon.scanned.slice(before.scanned).map(({ invariant, what }) => `${invariant}: ${what}`));
  const refusals = met.filter(({ fault }) => fault === 'refused').length;
  if (world.fatal() > before.fatal && refusals === 0) wrong.push(`fatal: ${String(daemon.fatal.at(-1))}`);
  if (calm !== null) wrong.push(...beyond(calm, { requests, writes: writes + late, left }, met));
  else if (late > 0) wrong.push('S6: it writes again when it is quiet');
  if (left !== '') {
    world.kept.triedAgain = evidence.parked;
    await clearUp(world);
    await judge('cleared');
  }
  await flow.after?.(world, round);
  return { calls, met, wrong, requests, writes: writes + late, left };
}

/** What one fault may cost, and what it may leave to a person. */
function beyond(calm: Calm, now: Calm, met: readonly MetFault[]): string[] {
  const wrong: string[] = [];
  const asks = met.some(({ fault }) => mayAskAPerson(fault));
  if (!asks && now.left !== calm.left) {
    wrong.push(`a fault that passes leaves to a person: ${now.left} (else: ${calm.left})`);
  }
  // Whatever went wrong, nothing is sent more than twice; of a refused record each field may be tried alone.
  const writes = 2 * calm.writes + (asks ? FIELDS : 0);
  if (now.writes > writes) wrong.push(`S5: ${now.writes} writes, without a fault ${calm.writes}`);
  if (now.requests > 3 * calm.requests + START) {
    wrong.push(`${now.requests} requests, without a fault ${calm.requests}`);
  }
  return wrong;
}

function leftIn({ parked, conflicts }: Evidence): string {
  const rows = parked.map(({ side, field, kind }) => `${kind} in ${side} ${field ?? 'record'}`);
  const open = conflicts.filter((one) => one.open).map(({ field }) => `conflict in ${field}`);
  return [...rows, ...open].sort().join(', ');
}

/** A person decides every conflict and has everything parked tried again, until nothing new comes of it. */
async function clearUp(world: FaultWorld): Promise<void> {
  const { store } = world.daemon;
  for (let round = 0; round < ROUNDS; round += 1) {
    const now = world.stage.clock.now();
    const open = await store.conflicts({ status: 'open' });
    for (const { id } of open) await store.decideConflict(id, { side: id % 2 === 0 ? 'jira' : 'crm' }, now);
    const retried = await store.retryParked({}, now);
    if (open.length === 0 && retried === 0) break;
    world.ring();
    await world.settle();
  }
  // A deletion of which nobody told is found by a pass over everything.
  beginPass(world);
  await world.settle();
}

const ROUNDS = 3;
