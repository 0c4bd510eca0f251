// Ports for programs that have to be told theirs, or that come back on the same one. Never one of those that the system
// gives to outgoing connections (from 32,768 on under Linux): while nobody listens it could go to somebody else, and a
// caller who comes again and again would in the end meet itself.
import { once } from 'node:events';
import { createServer } from 'node:net';

const FIRST = 10_000;
/** Of one worker of vitest; what runs beside it has another number. */
const SPAN = 400;

const first = FIRST + Number(process.env.VITEST_POOL_ID ?? 0) * SPAN;
/** Not where the process began that had the number before: it may be about to end. */
const offset = process.pid % SPAN;
let given = 0;

/** One that nobody listens on, and that this process has not given out before. */
export async function freePort(): Promise<number> {
  while (given < SPAN) {
    const port = first + ((offset + given) % SPAN);
    given += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${first} to ${first + SPAN - 1}`);
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return false;
  }
  await new Promise((resolve) => probe.close(resolve));
  return true;
}
