// When a long-running command ends: at the first signal, or when the npm that started it is gone.

const LOOK_EVERY_MS = 500;

/** Resolves at SIGINT or SIGTERM. A second signal is left to Node, which then ends the process at once. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    if (!process.env.npm_lifecycle_event) return;
    // npm passes a signal on to the shell between us, which dies of it without passing it on: `npm run cli` would leave
    // a server behind. Started without npm a changed parent means nothing (nohup, a service manager).
    const parent = process.ppid;
    const look = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(look);
      resolve();
    }, LOOK_EVERY_MS);
    look.unref();
  });
}
