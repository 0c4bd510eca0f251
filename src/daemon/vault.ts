// Tokens that have to be stored are stored encrypted, with a key made of `secrets-key`; the store only ever sees what
// comes out of here.
import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto';
import { AuthError } from '../errors.ts';
import type { Random, Vault } from '../ports.ts';
import type { Store } from '../state/store.ts';
import { type Turns, takingTurns } from './turns.ts';

const CIPHER = 'aes-256-gcm';
const VERSION = 'v1';
const IV_BYTES = 12;

/**
 * Of `secrets-key`, as the configuration gives it; made to take long, so that nobody tries many. The salt is fixed: the
 * same configuration has to open the same state on another machine.
 */
export function vaultKey(secretsKey: string): Buffer {
  return scryptSync(secretsKey, 'jira-crm-sync', 32);
}

export function createVault(options: {
  readonly store: Pick<Store, 'loadSecret' | 'saveSecret'>;
  readonly key: Buffer;
  readonly random: Random;
  /** Where other processes may use the same secrets. */
  readonly turns?: Turns;
}): Vault {
  const { store, key, random } = options;

  return {
    async load(name) {
      const sealed = await store.loadSecret(name);
      return sealed === null ? null : open(key, name, sealed);
    },
    async save(name, secret) {
      await store.saveSecret(name, seal(key, name, secret, Buffer.from(random.hex(IV_BYTES), 'hex')));
    },
    ...(options.turns === undefined ? {} : { exclusively: takingTurns(options.turns) }),
  };
}

function seal(key: Buffer, name: string, secret: string, iv: Buffer): string {
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(name));
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return [VERSION, ...[iv, text, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.');
}

/** The name is sealed in, so that nobody can put one connection's tokens in another's place. */
function open(key: Buffer, name: string, sealed: string): string {
  const [version, iv, text, tag] = sealed.split('.');
  try {
    if (version !== VERSION) throw new Error(`sealed as ${version}`);
    const decipher = createDecipheriv(CIPHER, key, Buffer.from(iv ?? '', 'base64url'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(name)).setAuthTag(Buffer.from(tag ?? '', 'base64url'));
    return Buffer.concat([decipher.update(Buffer.from(text ?? '', 'base64url')), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new AuthError(
      `The stored tokens of the connection ${name} do not open with this \`secrets-key\``,
      `Give it the value it had when they were stored, or get new ones: jira-crm-sync connect ${name}`,
      cause,
    );
  }
}
