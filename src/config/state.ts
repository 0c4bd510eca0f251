// `state`: a file of SQLite, or a PostgreSQL as one text, one reference, or a block where the password is a reference of
// its own.
import { isMap } from 'yaml';
import { SyncError } from '../errors.ts';
import { quoted } from '../nearest.ts';
import { type Entry, isEmpty, type Located, type Reader } from '../profiles/reader.ts';
import { POSTGRES, postgresAddress } from '../state/postgres/address.ts';
import { STATE } from './config-keys.ts';
import type { References } from './references.ts';

export const DEFAULT_STATE = 'sqlite:data/state.db';

const CURE = `Write \`state: ${DEFAULT_STATE}\` or \`state: postgres://…\`.`;
const PASSWORD_CURE = `Write \`state: { url: postgres://sync@db/sync, password: "\${STATE_PASSWORD}" }\`.`;

/** With the password in it where it is a PostgreSQL; the default also where it cannot be read: a problem says so. */
export function readState(reader: Reader, entry: Entry | undefined, references: References): string {
  if (entry === undefined || isEmpty(entry.node)) return DEFAULT_STATE;
  const state = isMap(entry.node) ? readBlock(reader, entry, references) : readText(reader, entry, references);
  return state ?? DEFAULT_STATE;
}

function readText(reader: Reader, entry: Entry, references: References): string | null {
  const written = reader.text(entry);
  return written === null ? null : locationOf(reader, written, references, null);
}

function readBlock(reader: Reader, entry: Entry, references: References): string | null {
  const block = reader.block(entry.node, STATE, entry.key.at);
  const url = reader.text(block?.entries.get('url'));
  const written = reader.text(block?.entries.get('password'));
  const password = written === null ? null : (references.secret('password', written.value, written.at) ?? null);
  return url === null ? null : locationOf(reader, url, references, password);
}

function locationOf(
  reader: Reader,
  written: Located<string>,
  references: References,
  password: string | null,
): string | null {
  // What stands behind a reference may hold a password: it does not stand in the file then.
  const hidden = written.value.includes('${') || written.value.startsWith('file:');
  const text = hidden ? references.secret('state', written.value, written.at) : written.value;
  if (text === undefined) return null;
  if (/^sqlite:.+$/.test(text) && password === null) return text;
  if (!POSTGRES.test(text)) {
    const shown = hidden ? 'What the reference holds' : quoted(text.replace(/:[^:@/]*@/, ':…@'));
    reader.problems.add(written.at, `${shown} is not a place for the state.`, CURE);
    return null;
  }
  try {
    const address = postgresAddress(text);
    if (!hidden && address.password !== undefined) {
      const what = 'The password of `state` is a secret and must not stand in the file.';
      reader.problems.add(written.at, what, PASSWORD_CURE);
      return null;
    }
    const known = password ?? address.password;
    if (known !== undefined) references.hide(known);
    if (password === null) return text;
    const url = new URL(text);
    url.password = encodeURIComponent(password);
    references.hide(url.password);
    return url.href;
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    reader.problems.add(written.at, `${error.message}.`, error.cure);
    return null;
  }
}
