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

/** Network, time limit, 5xx: retried with back-off. `ambiguous`: a write may have happened all the same. */
export class UnavailableError extends SyncError {
  readonly ambiguous: boolean;
  constructor(message: string, cure: string, options: { ambiguous: boolean; cause?: unknown }) {
    super(message, cure, options.cause);
    this.ambiguous = options.ambiguous;
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
