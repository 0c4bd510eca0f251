// Every error class that crosses a folder, and what becomes of the work. Nothing above a connector looks at a status
// code or a vendor's text: it looks at the class. See docs/errors.md, which is generated from ERROR_CLASSES.
import type { Side, Value } from './model.ts';

/** One thing that is wrong in a file a person edits. Line and column start at 1. */
export type Problem = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What to write or do instead. */
  readonly cure: string;
};

export class SyncError extends Error {
  /** The next step for the person who reads the message. */
  readonly cure: string;
  constructor(message: string, cure: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.cure = cure;
  }
}

/** All problems of all files at once. Exit code 78 at start; on reload the last good version stays. */
export class ConfigError extends SyncError {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(
      `${problems.length} problem${problems.length === 1 ? '' : 's'} in the configuration`,
      'Correct the lines named and try again.',
    );
    this.problems = problems;
  }
}

/** The state was written by a newer version of this program. Exit code 78. */
export class NewerStateError extends SyncError {}

/** The credential is refused, or answers as somebody else: the connection is paused and probed every 5 minutes. */
export class AuthError extends SyncError {}

/** Refused before execution: try again at `retryAt` (epoch ms); the attempt does not count. */
export class RateLimitedError extends SyncError {
  readonly retryAt: number;
  constructor(message: string, cure: string, retryAt: number, cause?: unknown) {
    super(message, cure, cause);
    this.retryAt = retryAt;
  }
}

/**
 * Network, time limit, 5xx: retried with back-off. `ambiguous`: a write may have happened all the same. `arrived`: what did
 * not arrive so far never will, because there was an answer or the connection broke.
 */
export class UnavailableError extends SyncError {
  readonly ambiguous: boolean;
  readonly arrived: boolean;
  constructor(message: string, cure: string, options: { ambiguous: boolean; arrived?: boolean; cause?: unknown }) {
    super(message, cure, options.cause);
    this.ambiguous = options.ambiguous;
    this.arrived = options.arrived ?? false;
  }
}

/** The record moved under us: retried soon from a fresh read. */
export class StaleError extends SyncError {}

/** Somebody else works on it: delayed; the attempt does not count. */
export class BusyError extends SyncError {}

/** The remote refuses a value. `field` is that side's field id, or null when the whole record is refused. */
export class RejectedError extends SyncError {
  readonly side: Side;
  readonly field: string | null;
  constructor(message: string, cure: string, side: Side, field: string | null, cause?: unknown) {
    super(message, cure, cause);
    this.side = side;
    this.field = field;
  }
}

/** A body that does not parse. `path`: where in it; `excerpt`: without secrets. A write may have happened. */
export class BadResponseError extends SyncError {
  readonly path: string;
  readonly excerpt: string;
  constructor(message: string, cure: string, where: { path: string; excerpt: string }, cause?: unknown) {
    super(message, cure, cause);
    this.path = where.path;
    this.excerpt = where.excerpt;
  }
}

/** No translation for a value: the field is parked, the others go on. */
export class MappingError extends SyncError {
  readonly value: Value;
  constructor(message: string, cure: string, value: Value) {
    super(message, cure);
    this.value = value;
  }
}

/** The brake: the profile halts until a person resumes it. */
export class HaltError extends SyncError {}

/** One row of docs/errors.md. `work`: tried again, set aside, or never begun. */
export type ErrorClass = {
  readonly name: string;
  readonly thrownBy: string;
  readonly means: string;
  readonly work: 'again' | 'parked' | 'not begun';
  /** Whether a try that ended like this counts towards the eight after which the record is parked. */
  readonly counts: boolean;
  readonly how: string;
};

export const ERROR_CLASSES: readonly ErrorClass[] = [
  {
    name: 'ConfigError',
    thrownBy: 'config, profiles',
    means: 'Something is wrong in a file that a person edits; every problem has file, line, column and cure.',
    work: 'not begun',
    counts: false,
    how: 'At the start the command ends with exit code 78; on a reload the last good version goes on running.',
  },
  {
    name: 'NewerStateError',
    thrownBy: 'state',
    means: 'A newer version of this program has written the state; an older one would damage it.',
    work: 'not begun',
    counts: false,
    how: 'The command ends with exit code 78 and leaves the state as it is.',
  },
  {
    name: 'AuthError',
    thrownBy: 'connectors',
    means: 'The credential is refused, expired or answers as somebody else.',
    work: 'again',
    counts: false,
    how: 'The connection is paused and probed every 5 minutes; its records wait until it answers.',
  },
  {
    name: 'RateLimitedError',
    thrownBy: 'connectors',
    means: 'The product refused the request before doing anything, because of a limit, and said until when.',
    work: 'again',
    counts: false,
    how: 'At the time the product named.',
  },
  {
    name: 'UnavailableError',
    thrownBy: 'connectors, state',
    means: 'No answer in time, a broken connection, a server error, or a full disk. A write may have happened.',
    work: 'again',
    counts: true,
    how: 'After 5 s, 10 s, 20 s … 15 min; three in a row pause the connection. A create in doubt is looked for first.',
  },
  {
    name: 'StaleError',
    thrownBy: 'connectors, state, sync',
    means: 'The record or its pair moved while we worked on it.',
    work: 'again',
    counts: true,
    how: 'Within seconds, from a fresh read.',
  },
  {
    name: 'BusyError',
    thrownBy: 'state',
    means: 'Another piece of work has the record.',
    work: 'again',
    counts: false,
    how: 'Right after that work, where it has the partner; else within a second; after a while, when half as long again has passed, at most 10 s.',
  },
  {
    name: 'RejectedError',
    thrownBy: 'connectors',
    means: 'The product refuses a value, or the whole record, and says why.',
    work: 'parked',
    counts: false,
    how: 'The field is parked and the others go on; without a field in the answer each value is tried alone.',
  },
  {
    name: 'BadResponseError',
    thrownBy: 'connectors',
    means: 'The product answered with something that cannot be read as an answer. A write may have happened.',
    work: 'again',
    counts: true,
    how: 'As where no answer came; what lasts is parked under this name, with the place in the answer. A create is looked for first.',
  },
  {
    name: 'MappingError',
    thrownBy: 'mapping, profiles, sync',
    means: 'A value has no translation for the other side.',
    work: 'parked',
    counts: false,
    how: 'The field is parked until its value or the profile changes, or until `parked retry`.',
  },
  {
    name: 'HaltError',
    thrownBy: 'sync',
    means: 'The brake holds the profile: it would give up or overwrite far more pairs than usual.',
    work: 'again',
    counts: false,
    how: 'When a person has looked and said `resume --accept`.',
  },
];
