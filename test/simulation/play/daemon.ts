// The daemon as its supervisor sees it: started, killed between any two of its steps, started again on what it left.
import type { Log } from '../../../src/ports.ts';
import type { Store } from '../../../src/state/store.ts';
import type { Absence, Violation } from '../check/evidence.ts';
import { scanState } from '../check/state-scan.ts';
import { PROFILE, PROFILE_FILE } from '../stage/profile-text.ts';
import type { Life, Stage, Step } from '../stage/stage.ts';
import { takeState } from './states.ts';
import { createUnrecorded } from './unrecorded.ts';

const MINUTE = 60_000;

export type Daemon = {
  /** Of the life that is, or of the last one. */
  readonly store: Store;
  readonly life: Life | null;
  readonly fatal: readonly unknown[];
  /** What was wrong with the state when a life began. */
  readonly scanned: readonly Violation[];
  /** Happenings that it had not recorded when it died. */
  readonly unrecorded: ReadonlySet<number>;
  /** From the end of a life to the beginning of the next one. */
  readonly absences: readonly Absence[];
  start(): Promise<void>;
  /** Dies at its n-th step from now. */
  doom(steps: number, then: () => void): void;
  /** It does not die any more. */
  spare(): void;
  kill(): void;
  /** The state is gone when it starts again. */
  loseState(): void;
  watch(onStep: ((step: Step) => void) | null): void;
  /** Reads the profile and both schemas again. */
  reload(): Promise<void>;
  /** The same under another version: somebody has changed a remark in the file. */
  editProfile(): void;
  /** Whether nothing is worked on and nothing is due. */
  isQuiet(): Promise<boolean>;
  stop(): Promise<void>;
};

export function createDaemon(options: {
  readonly stage: Stage;
  readonly log: Log;
  readonly tickMs: number;
  readonly profile: string;
  /** What stands between the engine and its store, if anything. */
  readonly through?: (store: Store) => Store;
}): Daemon {
  const { stage, log, tickMs } = options;
  const { clock } = stage;
  const fatal: unknown[] = [];
  const scanned: Violation[] = [];
  const records = createUnrecorded(stage.happenings);
  let { profile } = options;
  let editions = 0;
  let state = takeState();
  let store = state.open();
  let life: Life | null = null;
  let fresh = true;
  let doomed: { left: number; then: () => void } | null = null;
  let watcher: ((step: Step) => void) | null = null;
  const absences: Absence[] = [];
  let diedAt: number | null = null;

  function kill(): void {
    if (life !== null) diedAt = clock.now();
    life?.kill();
    records.died();
    life = null;
    doomed = null;
  }

  function onStep(step: Step): void {
    watcher?.(step);
    if (doomed === null) return;
    doomed.left -= 1;
    if (doomed.left > 0) return;
    const { then } = doomed;
    kill();
    then();
  }

  /** As the daemon does it: a product that does not answer yet is asked again, a profile that does not fit ends it. */
  async function load(own: Life): Promise<void> {
    for (;;) {
      const { problems, unreachable, changed } = await own.profiles.load([{ file: PROFILE_FILE, text: profile }]);
      for (const name of changed) await store.ringProfile(name, clock.now());
      own.engine.ring();
      if (problems.length === 0 && unreachable === null && own.profiles.current().has(PROFILE)) return;
      if (own !== life) return;
      await clock.sleep(MINUTE);
      if (own !== life) return;
    }
  }

  return {
    get store() {
      return store;
    },
    get life() {
      return life;
    },
    fatal,
    scanned,
    unrecorded: records.unrecorded,
    absences,
    async start() {
      kill();
      if (diedAt !== null) absences.push({ from: diedAt, to: clock.now() });
      diedAt = null;
      await store.close();
      store = state.open();
      scanned.push(...(await scanState(store)));
      await store.doubtSentIntents(clock.now());
      const own = await stage.begin({
        store: records.through(options.through?.(store) ?? store),
        fresh,
        log,
        tickMs,
        onStep,
        onFatal: (error) => fatal.push(error),
      });
      fresh = false;
      life = own;
      load(own).catch((error) => fatal.push(error));
      await clock.settle();
      for (let rounds = 0; own === life && !own.profiles.current().has(PROFILE) && rounds < 200; rounds += 1) {
        await clock.runFor(500);
      }
      if (own !== life) return;
      own.engine.start();
      own.open();
    },
    doom(steps, then) {
      doomed = { left: steps, then };
    },
    spare() {
      doomed = null;
    },
    kill,
    loseState() {
      state.leave();
      state = takeState();
      store = state.open();
      fresh = true;
    },
    watch(next) {
      watcher = next;
    },
    async reload() {
      if (life === null) return;
      const { changed } = await clock.until(life.profiles.load([{ file: PROFILE_FILE, text: profile }]));
      for (const name of changed) await store.ringProfile(name, clock.now());
      life.engine.ring();
    },
    editProfile() {
      editions += 1;
      profile = `${options.profile}\n# Edition ${editions}.\n`;
      if (life !== null) load(life).catch((error) => fatal.push(error));
    },
    async isQuiet() {
      if (life === null) return true;
      if (!life.profiles.current().has(PROFILE) || !life.engine.sweeper.matched(PROFILE)) return false;
      const due = await store.nextDue();
      return life.engine.running() === 0 && (due === null || due > clock.now());
    },
    async stop() {
      const last = life;
      life = null;
      await last?.stop();
      state.leave();
    },
  };
}
