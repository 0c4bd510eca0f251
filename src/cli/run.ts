// `run`: the daemon, until a signal.
import type { Command } from 'commander';
import { startDaemon } from '../daemon.ts';
import { giveBackWhatTheStartTook } from './give-back.ts';
import { takeUncaught } from './last-resort.ts';
import { EXIT, explainFailure } from './output.ts';
import { ownVersion } from './package-files.ts';
import { type ConfigFlags, readSetup } from './setup.ts';
import { untilStopped } from './until-stopped.ts';

/** Whoever stops us waits so long before it kills. */
const DRAIN_MS = 25_000;

export async function run(flags: ConfigFlags, command: Command): Promise<void> {
  const level = command.getOptionValueSource('logLevel') === 'default' ? 'info' : flags.logLevel;
  const setup = readSetup({ ...flags, logLevel: level }, { stream: process.stdout });
  const { log, clock } = setup.ports;
  for (const { what, cure } of setup.remarks) log.warn('unwise configuration', { what, cure });
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<{ error: unknown }>((resolve) => {
    fail = (error) => resolve({ error });
  });
  takeUncaught(fail);
  const stopped = untilStopped().then(() => null);
  const wanted = { ...setup, version: ownVersion(), triggers: true, onFatal: fail };
  const starting = startDaemon(wanted).catch((error: unknown) => ({ error }));
  const daemon = await Promise.race([starting, stopped, failed]);
  // Before it has started nothing is under way that would have to end.
  if (daemon === null) process.exit(EXIT.fine);
  if ('error' in daemon) process.exit(explainFailure(daemon.error));
  giveBackWhatTheStartTook(clock, log).catch((error: unknown) => {
    log.debug('memory of the start kept', { error });
  });
  process.on('SIGHUP', () => {
    daemon.reload().catch((error: unknown) => log.error('profiles not reloaded', { error }));
  });

  const over = await Promise.race([stopped, failed]);
  const exitCode = over === null ? EXIT.fine : explainFailure(over.error);
  if (over !== null) log.error('the daemon cannot go on', { error: over.error });
  log.info('daemon stops', { drainSeconds: DRAIN_MS / 1000 });
  // A second signal, or work that does not end in time: leave at once. The state keeps what was not settled.
  process.once('SIGINT', () => process.exit(EXIT.failed));
  process.once('SIGTERM', () => process.exit(EXIT.failed));
  const inTime = await Promise.race([daemon.stop().then(() => true), clock.sleep(DRAIN_MS).then(() => false)]);
  if (!inTime) process.exit(EXIT.failed);
  log.info('daemon stopped');
  process.exit(exitCode);
}
