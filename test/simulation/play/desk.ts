// What is left to people who run the sync, as they do it: open conflicts are decided, parked rows tried again, a brake is
// let go, everything is passed over.
import { type Side, valueText } from '../../../src/model.ts';
import type { Conflict } from '../../../src/state/store.ts';
import type { Kept } from '../check/collect.ts';
import type { Script } from '../script/script.ts';
import { PROFILE } from '../stage/profile-text.ts';
import type { Stage } from '../stage/stage.ts';
import type { Daemon } from './daemon.ts';

export type Desk = {
  decide(): Promise<void>;
  retry(): Promise<void>;
  pause(): Promise<void>;
  /** `accept`: also where a brake has halted it. */
  resume(accept: boolean): Promise<void>;
  /** Ends with the pass; one that a product does not let come to its end is left as it is. */
  resync(force: boolean): Promise<void>;
};

export function createDesk(options: {
  readonly stage: Stage;
  readonly daemon: Daemon;
  readonly script: Script;
  readonly kept: Kept;
}): Desk {
  const { stage, daemon, script, kept } = options;
  const { now } = stage.clock;

  return {
    async decide() {
      for (const conflict of await daemon.store.conflicts({ status: 'open' })) {
        await daemon.store.decideConflict(conflict.id, { side: sideFor(conflict, script) }, now());
      }
      daemon.life?.engine.ring();
    },
    async retry() {
      kept.retried += await daemon.store.retryParked({}, now());
      daemon.life?.engine.ring();
    },
    async pause() {
      await daemon.store.holdProfile(PROFILE, 'paused', 'somebody looks at it');
    },
    async resume(accept) {
      await daemon.store.resumeProfile(PROFILE, accept, now());
      daemon.life?.engine.ring();
    },
    async resync(force) {
      const { life } = daemon;
      const profile = life?.profiles.current().get(PROFILE);
      if (life === null || profile === undefined) return;
      await life.engine.sweeper.run(profile, { pass: 'all', cause: 'resync', lane: 'bulk', force });
    },
  };
}

/** Either; by what was written where the two sides may stand exchanged. */
function sideFor({ id, values }: Conflict, { kind }: Script): Side {
  const first = kind === 'both-ways' ? valueText(values.jira) > valueText(values.crm) : id % 2 === 0;
  return first ? 'jira' : 'crm';
}
