// Starting takes memory that running does not: parsed sources, compiled initialisers, schemas that were read. V8 keeps it until it
// needs it for something else, which an idle daemon never does.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock, Log } from '../ports.ts';

/** What a start finds to do first is over by then. */
const REST_MS = 3_000;

type Collect = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** Once, some seconds after the start; everything waits for some 50 ms meanwhile. */
export async function giveBackWhatTheStartTook(clock: Clock, log: Log): Promise<void> {
  await clock.sleep(REST_MS);
  const before = process.memoryUsage.rss();
  collector()({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  log.debug('memory of the start given back', { bytes: before - process.memoryUsage.rss() });
}

/** V8 shows its collector only to contexts that are made while the flag is set (https://nodejs.org/api/v8.html#v8setflagsfromstringflags). */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  const collect: Collect = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return collect;
}
