// What nobody caught: told as every other failure is, never as a stack.
import { EXIT, explainFailure } from './output.ts';

let handle = (error: unknown): void => process.exit(explainFailure(error));

/** From now on what nobody catches comes here. A daemon lets its work end first, so it takes over. */
export function takeUncaught(handler: (error: unknown) => void): void {
  handle = handler;
}

export function catchEverything(longRunning: boolean): void {
  process.on('unhandledRejection', (error) => handle(error));
  process.on('uncaughtException', (error) => handle(error));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') return handle(error);
    // Whoever read us has seen enough (`| head`); a daemon goes on without a reader.
    if (!longRunning) process.exit(process.exitCode ?? EXIT.fine);
  });
}
