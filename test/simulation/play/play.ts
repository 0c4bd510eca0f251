// One schedule from beginning to end: everything settles, a day goes by as the schedule says, everything is healed and
// becomes quiet, people clear up what was left to them, and then nothing may happen any more.
import { type Log, silentLog } from '../../../src/ports.ts';
import type { Store } from '../../../src/state/store.ts';
import { createListeningLog, leaks } from '../check/canaries.ts';
import { checkHistory } from '../check/check-history.ts';
import { collectEvidence, type Kept, keepBeforeLoss } from '../check/collect.ts';
import type { Evidence, Violation } from '../check/evidence.ts';
import { secondWriters } from '../check/single-writer.ts';
import { writesInAll } from '../check/writes.ts';
import { HOUR, MINUTE, SECOND } from '../script/chance.ts';
import type { Script } from '../script/script.ts';
import { createFullStage } from '../stage/full-stage.ts';
import { profileText } from '../stage/profile-text.ts';
import type { Stage } from '../stage/stage.ts';
import { createThinStage } from '../thin/thin-stage.ts';
import { createActor } from './actor.ts';
import { createDaemon, type Daemon } from './daemon.ts';
import { createDesk, type Desk } from './desk.ts';

export type Depth = 'full' | 'thin';

export type PlayOptions = {
  readonly depth: Depth;
  readonly log?: Log;
  readonly through?: (store: Store) => Store;
};

export type Played = {
  readonly script: Script;
  readonly depth: Depth;
  readonly violations: readonly Violation[];
  readonly evidence: Evidence;
  readonly story: readonly { readonly at: number; readonly text: string }[];
};

export async function play(script: Script, options: PlayOptions): Promise<Played> {
  const { setup } = script;
  const create = options.depth === 'full' ? createFullStage : createThinStage;
  const stage = create({ seed: script.seed, setup });
  // Without HTTP there are no secrets.
  const listening = options.depth === 'full' ? createListeningLog() : null;
  const daemon = createDaemon({
    stage,
    log: options.log ?? listening ?? silentLog,
    tickMs: setup.tickMs,
    profile: profileText(setup, script.kind !== 'no-sweeps' && script.kind !== 'told'),
    ...(options.through ? { through: options.through } : {}),
  });
  const violations: Violation[] = [];
  const kept: Kept = { conflicts: [], parked: [], triedAgain: [], retried: 0, losses: [], undoAskedAt: null };
  const desk = createDesk({ stage, daemon, script, kept });
  try {
    await daemon.start();
    await untilQuiet(stage, daemon, 2 * HOUR);
    const onLoss = () => keepBeforeLoss(stage, daemon.store, kept);
    const actor = createActor({ stage, daemon, desk, setup, onLoss });
    stage.skew(setup.skewMs);
    await actor.perform(script.actions);
    await actor.heal();
    violations.push(...(await quiesce(stage, daemon, setup.sweepMinutes)));
    const first = await collectEvidence({ script, stage, daemon, kept, phase: 'healed' });
    violations.push(...checkHistory(first));
    kept.triedAgain = first.parked;
    await clearUp(stage, desk);
    violations.push(...(await quiesce(stage, daemon, setup.sweepMinutes)));
    const second = await collectEvidence({ script, stage, daemon, kept, phase: 'cleared' });
    violations.push(...checkHistory(second));
    violations.push(...(await silence(stage, daemon, desk, setup.sweepMinutes)));
    violations.push(...daemon.scanned, ...writesInAll(second), ...secondWriters(second));
    for (const what of stage.needless) violations.push({ invariant: 'S12', what });
    if (listening !== null) violations.push(...(await leaks(stage.secrets, listening.said, daemon.store)));
    for (const error of daemon.fatal) violations.push({ invariant: 'S17', what: `fatal: ${String(error)}` });
    return { script, depth: options.depth, violations, evidence: second, story: actor.story };
  } finally {
    await daemon.stop();
    stage.close();
    // A day may be promises alone: what else the process does gets its turn after it.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function untilQuiet(stage: Stage, daemon: Daemon, limitMs: number): Promise<boolean> {
  const end = stage.clock.now() + limitMs;
  do {
    await stage.clock.runFor(10 * SECOND);
    if (await daemon.isQuiet()) return true;
  } while (stage.clock.now() < end);
  return false;
}

/** Three sweeps and the longest back-off, and the time after which a create in doubt is sure. */
async function quiesce(stage: Stage, daemon: Daemon, sweepMinutes: number): Promise<Violation[]> {
  await stage.clock.runFor((3 * sweepMinutes + 60) * MINUTE);
  if (await untilQuiet(stage, daemon, 3 * HOUR)) return [];
  return [{ invariant: 'S17', what: 'hours after all faults are over it is still not quiet' }];
}

/** Every conflict is decided, everything parked is tried again, brakes are let go, and whatever was deleted unheard is
 * looked for. */
async function clearUp(stage: Stage, desk: Desk): Promise<void> {
  await desk.resume(true);
  await desk.decide();
  await desk.retry();
  await stage.clock.until(desk.resync(false));
}

/** Two hours of sweeps, a pass over everything, and every delivery once more: nothing is written, nothing moves. */
async function silence(stage: Stage, daemon: Daemon, desk: Desk, sweepMinutes: number): Promise<Violation[]> {
  const [writes, happenings] = [stage.sent.length, stage.happenings.length];
  const violations: Violation[] = [];
  const moved = (invariant: string, during: string) => {
    const [more, changed] = [stage.sent.length - writes, stage.happenings.length - happenings];
    if (more === 0 && changed === 0) return;
    const what = stage.sent.slice(writes).map(({ side, what: verb, id, fields }) => `${verb} ${side} ${id} ${fields}`);
    violations.push({
      invariant,
      what: `${during}: ${more} writes (${what.slice(0, 5).join('; ')}), ${changed} changes`,
    });
  };
  await stage.clock.runFor(2 * sweepMinutes * MINUTE + MINUTE);
  await stage.clock.until(desk.resync(true));
  await untilQuiet(stage, daemon, HOUR);
  moved('S6', 'idle with a pass over everything');
  if (violations.length > 0) return violations;
  await stage.redeliver((count) => Array.from({ length: count }, (_, at) => (at * 7 + 3) % Math.max(1, count)));
  await stage.clock.runFor(MINUTE);
  await untilQuiet(stage, daemon, HOUR);
  moved('S7', 'every delivery once more');
  return violations;
}
