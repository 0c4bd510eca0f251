// Runs the real engine on a copy of the state with connectors that only note what they would write: what is shown is
// what `run` would do, decided by the same path and not by a second implementation.
import { startDaemon } from '../daemon.ts';
import { copyState } from '../state/copy-state.ts';
import { stateFile } from '../state/open-store.ts';
import type { Store } from '../state/store.ts';
import type { Report } from '../sync/report.ts';
import { dryConnector, type NotedWrite } from '../work/dry-connector.ts';
import { type Ask, asking } from './ask-engine.ts';
import type { Setup } from './setup.ts';

export type DryRun = {
  /** The copy, as it stands after the run so far. */
  readonly store: Store;
  readonly profiles: readonly string[];
  readonly writes: readonly NotedWrite[];
  readonly reports: readonly Report[];
  readonly ask: Ask;
};

export async function dryRun<T>(setup: Setup, use: (run: DryRun) => Promise<T>): Promise<T> {
  const copy = copyState(stateFile(setup.config.state, setup.workDir));
  const writes: NotedWrite[] = [];
  const reports: Report[] = [];
  try {
    const daemon = await startDaemon({
      ...setup,
      config: { ...setup.config, state: `sqlite:${copy.path}` },
      triggers: false,
      wrap: (connector) => dryConnector(connector, (write) => writes.push(write)),
      onReport: (report) => reports.push(report),
      onFatal: (error) => setup.ports.log.error('the dry run cannot go on', { error }),
    });
    try {
      const profiles = [...daemon.profiles.current().keys()];
      const ask = asking(daemon.store, setup.ports.clock);
      return await use({ store: daemon.store, profiles, writes, reports, ask });
    } finally {
      await daemon.stop();
    }
  } finally {
    copy.remove();
  }
}
