// `queue`: the address of a Redis as one text or one reference, or a block where the password is a reference of its own.
import { isMap } from 'yaml';
import type { Problem } from '../errors.ts';
import { quoted } from '../nearest.ts';
import { type Entry, isEmpty, type Located, type Reader } from '../profiles/reader.ts';
import { nodeStart } from '../profiles/yaml-source.ts';
import { QUEUE } from './config-keys.ts';
import type { References } from './references.ts';

export type QueueAddress = {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly tls: boolean;
  readonly username: string | null;
  readonly password: string | null;
};

/** `place`: where it stands in the file, for what the Redis itself turns out to be. */
export type QueueConfig = {
  readonly address: QueueAddress;
  readonly place: Pick<Problem, 'file' | 'line' | 'column'>;
};

const EXAMPLE = 'Write for example `queue: redis://redis:6379`.';
const PASSWORD_CURE = `Write \`queue: { url: redis://redis:6379, password: "\${REDIS_PASSWORD}" }\`.`;
const DEFAULT_PORT = 6379;

/** Null: left out, or not readable (then a problem says so). */
export function readQueue(reader: Reader, entry: Entry | undefined, references: References): QueueConfig | null {
  if (entry === undefined || isEmpty(entry.node)) return null;
  const address = isMap(entry.node) ? readBlock(reader, entry, references) : readText(reader, entry, references);
  return address === null ? null : { address, place: reader.problems.place(nodeStart(entry.node)) };
}

function readText(reader: Reader, entry: Entry, references: References): QueueAddress | null {
  const written = reader.text(entry);
  return written === null ? null : addressOf(reader, written, references, {});
}

function readBlock(reader: Reader, entry: Entry, references: References): QueueAddress | null {
  const block = reader.block(entry.node, QUEUE, entry.key.at);
  const url = reader.text(block?.entries.get('url'));
  const password = reader.text(block?.entries.get('password'));
  const secret = password === null ? null : (references.secret('password', password.value, password.at) ?? null);
  const username = reader.text(block?.entries.get('username'))?.value ?? null;
  return url === null ? null : addressOf(reader, url, references, { username, password: secret });
}

function addressOf(
  reader: Reader,
  written: Located<string>,
  references: References,
  given: { readonly username?: string | null; readonly password?: string | null },
): QueueAddress | null {
  // An address behind a reference may hold its password: it does not stand in the file then.
  const hidden = written.value.includes('${') || written.value.startsWith('file:');
  const text = hidden ? references.secret('queue', written.value, written.at) : written.value;
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const db = Number(url?.pathname.replace(/^\/$|^\//, '') || '0');
  const shown = hidden ? 'What the reference holds' : quoted(withoutPassword(text));
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || !Number.isInteger(db)) {
    reader.problems.add(written.at, `${shown} is not the address of a Redis.`, EXAMPLE);
    return null;
  }
  if (!hidden && url.password !== '') {
    reader.problems.add(
      written.at,
      'The password of `queue` is a secret and must not stand in the file.',
      PASSWORD_CURE,
    );
    return null;
  }
  const password = given.password ?? (url.password === '' ? null : decodeURIComponent(url.password));
  if (password !== null) references.hide(password);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    db,
    tls: url.protocol === 'rediss:',
    username: given.username ?? (url.username === '' ? null : decodeURIComponent(url.username)),
    password,
  };
}

function withoutPassword(text: string): string {
  return text.replace(/:[^:@/]*@/, ':…@');
}
