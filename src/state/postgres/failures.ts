// PostgreSQL's errors as our classes, https://www.postgresql.org/docs/current/errcodes-appendix.html.
import { SyncError, UnavailableError } from '../../errors.ts';

const CURES: Readonly<Record<string, string>> = {
  '28P01': 'Correct user or password in `state`.',
  '28000': 'Correct user or password in `state`, or let the user in by the pg_hba.conf of the server.',
  '3D000': 'Create the database, or correct its name in `state`.',
  '42501': 'Give the user of `state` rights on the database: GRANT CREATE, CONNECT ON DATABASE … TO …',
  '25006': 'The server only lets us read: point `state` at the primary one.',
  '53100': 'Free space on the disk of the database server.',
  '53200': 'Give the database server more memory.',
  '53300': 'Raise max_connections of the database server, or let fewer programs use it.',
  '55P03': 'Another process holds the state for long; look for one that hangs: pg_stat_activity of the server tells.',
  '57014': 'The database server is slow, or a statement took too long; look at its load.',
};
const AWAY = 'Start the database server, or correct host and port in `state`; it is tried again by itself.';

/** Of the connection, not of what was asked: the same may be asked again on another one. */
const BROKEN_CLASSES = ['08', '57P'];
const BROKEN_CODES = ['25P03', '25P04'];
const UNAVAILABLE_CLASSES = ['53', '58'];

export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** True also for everything that is no answer of the server at all. */
export function isBroken(error: unknown): boolean {
  if (error instanceof SyncError || !(error instanceof Error)) return false;
  const code = sqlState(error);
  if (code === null) return isOfTheConnection(error);
  return BROKEN_CODES.includes(code) || BROKEN_CLASSES.some((start) => code.startsWith(start));
}

/** pg rejects with plain errors when a connection ends; bugs of ours are of other classes. */
function isOfTheConnection(error: Error): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return false;
  return 'syscall' in error || 'errno' in error || 'code' in error || OF_PG.test(error.message);
}

const OF_PG = /connection|timeout|terminated|not queryable|client was closed|ssl|socket/i;

/** Constraints and mistakes in statements go on as they are: answers to the verb that asked, or bugs. */
export function asSyncError(error: unknown, shown: string, ambiguous = false): unknown {
  if (error instanceof SyncError || !(error instanceof Error)) return error;
  const code = sqlState(error);
  const known =
    code !== null && (CURES[code] !== undefined || UNAVAILABLE_CLASSES.some((start) => code.startsWith(start)));
  if (!known && !isBroken(error)) return error;
  const cure = (code === null ? undefined : CURES[code]) ?? AWAY;
  // AggregateError, for a name with several addresses, has no message of its own.
  const reason = error.message || ('code' in error ? String(error.code) : error.name);
  return new UnavailableError(`The state ${shown} cannot be used: ${reason}`, cure, { ambiguous, cause: error });
}
