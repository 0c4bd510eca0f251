// A secret that a file holds (`file:/run/secrets/token`). Who may change the file, or where its name leads, decides whose
// credential is sent; who may read it is worth a warning only, because orchestrators mount secrets for everybody.
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { SyncError } from '../errors.ts';

export type SecretFile = { readonly text: string; readonly readableByAll: boolean };

/** No credential is longer. */
const MOST_BYTES = 64 * 1024;
const WRITABLE_BY_OTHERS = 0o022;
const READABLE_BY_ALL = 0o004;

/** `modes`: whether the file system's permission bits mean anything (not on Windows). Throws SyncError with the cure. */
export function readSecretFile(path: string, modes: boolean): SecretFile {
  const real = realpathSync(path);
  if (lstatSync(path).isSymbolicLink() && leaves(dirname(path), real)) {
    throw new SyncError(
      `The file ${path} is a link out of its folder (to ${real})`,
      'Name the file itself, or put it beside the link.',
    );
  }
  // Not blocking: opening a pipe would wait for somebody to write.
  const file = openSync(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(file);
    if (!stat.isFile())
      throw new SyncError(`${path} is no file`, 'Name a file that holds the secret and nothing else.');
    if (stat.size > MOST_BYTES) {
      throw new SyncError(`The file ${path} is larger than 64 KB`, 'Write the secret into it and nothing else.');
    }
    if (modes && (stat.mode & WRITABLE_BY_OTHERS) !== 0) {
      throw new SyncError(
        `The file ${path} can be written by others than its owner`,
        `Take that right away: chmod go-w ${path}`,
      );
    }
    const bytes = Buffer.alloc(MOST_BYTES);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    return {
      text: bytes.toString('utf8', 0, length),
      readableByAll: modes && (stat.mode & READABLE_BY_ALL) !== 0,
    };
  } finally {
    closeSync(file);
  }
}

/** Kubernetes mounts each secret as a link to `..data/<name>` in the same folder: that stays inside. */
function leaves(folder: string, real: string): boolean {
  return relative(realpathSync(folder), real).split(/[\\/]/)[0] === '..';
}
