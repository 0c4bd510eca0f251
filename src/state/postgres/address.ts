// `postgres://user:password@host:port/database?schema=…&sslmode=…`, strictly: what is not understood is refused, because
// a misspelt `sslmode` would otherwise be a connection in clear.
import { readFileSync } from 'node:fs';
import { SyncError } from '../../errors.ts';

export type PostgresAddress = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly schema: string;
  /** Null: in clear. */
  readonly tls: { readonly verify: boolean; readonly rootCertificate: string | null } | null;
  /** For messages: without user and password. */
  readonly shown: string;
};

export const POSTGRES = /^postgres(ql)?:/i;

const DEFAULT_PORT = 5432;
const DEFAULT_SCHEMA = 'jira_crm_sync';
const PARAMETERS = ['schema', 'sslmode', 'sslrootcert', 'host'];
/** As libpq names them; but what asks for TLS always checks the certificate, unless it says that it does not. */
const VERIFIES: Readonly<Record<string, boolean | null>> = {
  disable: null,
  require: true,
  'verify-ca': true,
  'verify-full': true,
  'no-verify': false,
};
const EXAMPLE = '`postgres://sync@db.acme.example:5432/sync?sslmode=verify-full`';

/** Throws a SyncError that shows nothing of what was written but names of parameters. */
export function postgresAddress(text: string): PostgresAddress {
  // The host may be missing where `host=` names a socket's folder; URL insists on one.
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !POSTGRES.test(text)) throw refused('is not an address', `Write for example ${EXAMPLE}.`);
  const parameters = url.searchParams;
  for (const name of parameters.keys()) {
    if (!PARAMETERS.includes(name)) throw refused(`has a parameter \`${name}\``, `Known are ${PARAMETERS.join(', ')}.`);
  }
  const host = parameters.get('host') ?? url.hostname.replace(/^\[|\]$/g, '');
  const database = decodeURIComponent(url.pathname.slice(1));
  if (host === '' || database === '') throw refused('names no host or no database', `Write for example ${EXAMPLE}.`);
  const schema = parameters.get('schema') ?? DEFAULT_SCHEMA;
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw refused('has no usable schema', 'Use lower-case letters, digits and _ for `schema`.');
  }
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  return {
    host,
    port,
    database,
    user: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    schema,
    tls: tlsOf(parameters),
    shown: `postgres://${host.includes(':') ? `[${host}]` : host}:${port}/${database}, schema ${schema}`,
  };
}

function tlsOf(parameters: URLSearchParams): PostgresAddress['tls'] {
  const mode = parameters.get('sslmode') ?? 'disable';
  const verify = Object.hasOwn(VERIFIES, mode) ? VERIFIES[mode] : undefined;
  if (verify === undefined) {
    throw refused('has no usable sslmode', `Write one of ${Object.keys(VERIFIES).join(', ')}.`);
  }
  if (verify === null) return null;
  const file = parameters.get('sslrootcert');
  return { verify, rootCertificate: file === null ? null : certificateIn(file) };
}

function certificateIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SyncError(`The certificate of the state cannot be read: ${reason}`, 'Correct `sslrootcert`.', error);
  }
}

function refused(why: string, cure: string): SyncError {
  return new SyncError(`The \`postgres://…\` of \`state\` ${why}`, cure);
}
