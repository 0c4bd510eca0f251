// Waits for the disk beside everything else: whoever asks while one wait is under way shares the next one.
import { type FileHandle, open } from 'node:fs/promises';
import { UnavailableError } from '../errors.ts';

export type DiskSync = {
  /** Resolves when everything that was written to the file before is on the disk. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

export function createDiskSync(path: string): DiskSync {
  let file: Promise<FileHandle> | null = null;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function flush(): Promise<void> {
    try {
      file ??= open(path, 'r+');
      await (await file).datasync();
    } catch (error) {
      file = null;
      const reason = error instanceof Error ? error.message : String(error);
      const cure = 'Look at the disk: the system reports an input/output error.';
      throw new UnavailableError(`The disk does not take ${path}: ${reason}`, cure, { ambiguous: false, cause: error });
    }
  }

  async function afterRunning(): Promise<void> {
    await running?.catch(() => {});
    next = null;
    running = flush();
    await running;
  }

  return {
    settled() {
      // The one that runs may have begun before the caller's pages were there.
      next ??= afterRunning();
      return next;
    },
    async close() {
      await next?.catch(() => {});
      await running?.catch(() => {});
      await (await file?.catch(() => null))?.close();
    },
  };
}
