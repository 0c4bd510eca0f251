// Plays a part of the index and says what came of it; with TEST_CASE one case alone.
import { byDepth, grouped, NIGHTLY, reportGoal } from '../support/cases.ts';
import type { Flow } from './flow.ts';
import { FLOWS } from './flows.ts';
import { blocksOf, type Case, type Failure, nameOf, playAlone, playBlock, recordFlow } from './index-flow.ts';

export const TEST_TIMEOUT = 24 * 3_600_000;
export const PARTS = 4;

const ONLY = process.env.TEST_CASE;
const MOST_FAILURES = 8;

/** Flows of one part: dealt out one by one, so that every part has some of each kind. */
export function flowsOf(part: number): readonly Flow[] {
  return FLOWS.filter((_, at) => at % PARTS === part - 1);
}

/** Those of this run: all, or every n-th of a flow that is played whole at night only; of a night, this machine's share. */
function chosen(flow: Flow, cases: readonly Case[]): readonly Case[] {
  const [share = 1, shares = 1] = (process.env.TEST_SHARD ?? '1/1').split('/').map(Number);
  const step = byDepth(flow.everyRun ?? 1, shares);
  const first = byDepth(0, share - 1);
  return cases.filter((_, at) => at % step === first);
}

export async function playPart(part: number, file: string): Promise<void> {
  const flows = flowsOf(part);
  if (ONLY !== undefined) return playOnly(flows, ONLY);
  const began = performance.now();
  const failures: Failure[] = [];
  let plays = 0;
  let calls = 0;
  for (const flow of flows) {
    const { cases, calm } = await recordFlow(flow);
    calls += calm.calls.length;
    for (const block of blocksOf(chosen(flow, cases))) {
      failures.push(...(await playBlock(block, calm)).failures);
      plays += block.length;
      if (failures.length >= MOST_FAILURES) break;
    }
  }
  const whole = flows.filter(({ everyRun }) => NIGHTLY || everyRun === undefined).length;
  reportGoal(
    {
      goal: 'G3',
      what: `fault index, part ${part} of ${PARTS}: each call of ${flows.length} flows fails in each way`,
      file,
      reached: (count) =>
        `0 of ${grouped(count)} plays broke a promise (${grouped(calls)} calls; ${whole} flows whole)`,
    },
    {
      cases: plays,
      ms: performance.now() - began,
      reached: failures.length === 0 ? null : `${failures.length} of ${grouped(plays)} plays broke a promise`,
    },
  );
  if (failures.length > 0) throw new Error(failures.map((failure) => told(failure, file)).join('\n'));
}

/** Each file has flows of its own: one of them plays it. */
async function playOnly(flows: readonly Flow[], wanted: string): Promise<void> {
  const flow = flows.find(({ name }) => wanted.startsWith(`${name}:`));
  if (flow === undefined) return;
  const { cases, calm } = await recordFlow(flow);
  const one = cases.find((candidate) => nameOf(candidate) === wanted);
  if (one === undefined) throw new Error(`${flow.name} has no case ${wanted}`);
  const failure = await playAlone(one, calm);
  if (failure !== null) throw new Error(`${failure.what}:\n  ${failure.wrong.join('\n  ')}`);
}

function told({ what, wrong, case: name }: Failure, file: string): string {
  const path = file.slice(file.indexOf('test/faults/'));
  return `${what}:\n  ${wrong.slice(0, 5).join('\n  ')}\n  replay: TEST_CASE='${name}' npx vitest run ${path}`;
}
