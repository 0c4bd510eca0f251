// A small company, the whole product at full depth, and a supervisor that starts the daemon again whenever it has died.
// Many plays of a flow share one world, as long as it holds: each play ends at rest.
import { silentLog } from '../../src/ports.ts';
import type { CommandKind } from '../../src/state/store.ts';
import { ABANDONED } from '../../src/work/abandoned.ts';
import { createCommands } from '../../src/work/commands.ts';
import type { UndoResult } from '../../src/work/undo.ts';
import type { Kept } from '../simulation/check/collect.ts';
import { createDaemon, type Daemon } from '../simulation/play/daemon.ts';
import { CALM } from '../simulation/script/calm-setup.ts';
import { MINUTE, SECOND } from '../simulation/script/chance.ts';
import type { Action, Script, Setup } from '../simulation/script/script.ts';
import { createFullStage, type FullStage } from '../simulation/stage/full-stage.ts';
import { PROFILE, profileText } from '../simulation/stage/profile-text.ts';
import { createBorder, type FaultBorder } from './border.ts';
import type { Flow } from './flow.ts';

export type FaultWorld = {
  readonly stage: FullStage;
  readonly daemon: Daemon;
  readonly border: FaultBorder;
  readonly script: Script;
  readonly kept: Kept;
  readonly fatal: () => number;
  /** Lets time pass until nothing is left to be done, or the time is up. */
  settle(): Promise<boolean>;
  run(ms: number): Promise<void>;
  /** What a person asks for at the command line, again where it was cut off. */
  ask(kind: CommandKind, args: Readonly<Record<string, unknown>>): Promise<void>;
  ring(): void;
  close(): Promise<void>;
};

const SETUP: Setup = { ...CALM, pairs: 3, sweepMinutes: 5, latencyMs: 0, hours: 1 };
const SEED = 1;
const LONGEST_MS = 3 * 60 * MINUTE;
const TRIES = 8;
const ASK_AGAIN_MS = 2 * MINUTE;

export async function openFaultWorld(flow: Pick<Flow, 'setup' | 'coerces'> = {}): Promise<FaultWorld> {
  const setup = { ...SETUP, ...flow.setup };
  const cut: Action = { do: 'coerce', at: 0, side: 'crm', field: 'note', forMs: 0 };
  const script: Script = { kind: 'day', seed: SEED, setup, actions: flow.coerces ? [cut] : [] };
  const border = createBorder(
    () => stage.clock,
    () => daemon.kill(),
  );
  const stage = createFullStage({ seed: SEED, setup, border: border.border });
  const { through } = border;
  const daemon = createDaemon({ stage, log: silentLog, tickMs: setup.tickMs, profile: profileText(setup), through });
  const { clock } = stage;
  let seen = 0;
  let asked: Asked | null = null;

  type Asked = {
    readonly kind: CommandKind;
    readonly args: Readonly<Record<string, unknown>>;
    id: number | null;
    life: unknown;
    tries: number;
  };

  /** A fatal error ends the process, as a crash does. */
  async function revive(): Promise<void> {
    if (daemon.fatal.length > seen) daemon.kill();
    seen = daemon.fatal.length;
    if (daemon.life !== null) return;
    await clock.runFor(SECOND);
    await daemon.start();
    if (asked?.id != null) await daemon.store.failRunningCommands(ABANDONED);
  }

  async function goOnAsking(): Promise<void> {
    const { life, store } = daemon;
    if (asked === null || life === null) return;
    asked.id ??= await store.addCommand(asked.kind, asked.args, clock.now());
    const row = await store.command(asked.id);
    if ((row?.state === 'done' && !isLeft(row.result)) || asked.tries > TRIES) {
      asked = null;
      return;
    }
    if (row?.state === 'failed' || row?.state === 'done') {
      asked = { ...asked, id: null, life: null, tries: asked.tries + 1 };
      await clock.runFor(ASK_AGAIN_MS);
      return;
    }
    if (asked.life === life) return;
    asked.life = life;
    const commands = createCommands({
      engine: life.engine,
      profiles: life.profiles.current,
      clock,
      log: silentLog,
      signal: new AbortController().signal,
    });
    commands.tick().catch(() => {
      if (asked !== null) asked.life = null;
    });
  }

  async function isSettled(): Promise<boolean> {
    const { life, store, fatal } = daemon;
    if (life === null || fatal.length > seen || asked !== null) return false;
    const up = Object.values(life.engine.health()).every(({ state }) => state === 'up');
    return up && (await daemon.isQuiet()) && (await store.nextDue()) === null;
  }

  async function nextStep(rounds: number): Promise<number> {
    if (rounds < 4 || daemon.life === null || asked !== null) return SECOND;
    const due = await daemon.store.nextDue();
    return due === null ? 20 * SECOND : Math.min(5 * MINUTE, Math.max(SECOND, due - clock.now()));
  }

  async function settle(): Promise<boolean> {
    const end = clock.now() + LONGEST_MS;
    for (let rounds = 0; clock.now() < end; rounds += 1) {
      await revive();
      await goOnAsking();
      await clock.runFor(await nextStep(rounds));
      if (rounds >= 3 && (await isSettled())) return true;
    }
    return false;
  }

  await daemon.start();
  const world: FaultWorld = {
    stage,
    daemon,
    border,
    script,
    kept: { conflicts: [], parked: [], triedAgain: [], retried: 0, losses: [], undoAskedAt: null },
    fatal: () => daemon.fatal.length,
    settle,
    async run(ms) {
      for (const end = clock.now() + ms; clock.now() < end; ) {
        await revive();
        await clock.runFor(Math.min(MINUTE, end - clock.now()));
      }
    },
    async ask(kind, args) {
      if (kind === 'undo') world.kept.undoAskedAt ??= clock.now();
      asked = { kind, args, id: null, life: null, tries: 0 };
    },
    ring: () => daemon.life?.engine.ring(),
    async close() {
      await daemon.stop();
      stage.close();
    },
  };
  if (!(await settle())) throw new Error('a world without faults does not settle');
  return world;
}

/** An undo that could not be carried out, which a person sees and asks for again. */
function isLeft(result: unknown): boolean {
  const { pairs } = (result ?? {}) as Partial<UndoResult>;
  return (pairs ?? []).some(({ fields }) =>
    fields.some(({ what, why }) => what === 'left' && !why.includes('already')),
  );
}

/** Over everything, as every night; one that breaks off is begun again a minute later, as the sweeper does it. */
export function beginPass({ daemon, stage }: FaultWorld): void {
  const { life } = daemon;
  const profile = life?.profiles.current().get(PROFILE);
  if (!life || !profile) return;
  const pass = { pass: 'all', cause: 'sweep', lane: 'bulk', force: false } as const;
  const again = async () => {
    await stage.clock.sleep(MINUTE);
    if (daemon.life === life) attempt();
  };
  const attempt = () => void life.engine.sweeper.run(profile, pass).catch(again);
  attempt();
}
