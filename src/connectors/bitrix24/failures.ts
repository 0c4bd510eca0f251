// What an error of Bitrix24 means. The code decides first and the HTTP status second, because statuses differ between
// the docs and live portals; codes may be empty, 0, or a sentence (Bitrix24 docs: system errors).
import {
  AuthError,
  BadResponseError,
  RateLimitedError,
  RejectedError,
  StaleError,
  type SyncError,
  UnavailableError,
} from '../../errors.ts';
import { plainOf } from '../plain.ts';
import type { Redact } from '../redact.ts';

/** `status` is null inside a batch, which always answers 200. */
export type Failure = {
  readonly code: string;
  readonly description: string;
  readonly status: number | null;
  /** The body is no JSON: a page for browsers. */
  readonly page?: true;
};

export type FailureContext = {
  readonly method: string;
  readonly writes: boolean;
  /** When a method out of operating time may be called again, epoch ms. */
  readonly retryAt: number;
  /** Finds the field that a description talks about; null where it names none. */
  readonly fieldIn?: (description: string) => string | null;
  /** What to do about a refused credential, and about one that lacks a scope. */
  readonly cures: { readonly cure: string; readonly scopeCure: string };
};

const AUTH_CODES = new Set(
  `EXPIRED_TOKEN NO_AUTH_FOUND INVALID_TOKEN INVALID_CREDENTIALS INSUFFICIENT_SCOPE INVALID_SCOPE USER_ACCESS_ERROR
  ALLOWED_ONLY_INTRANET_USER WRONG_AUTH_TYPE AUTHORIZATION_ERROR ERROR_OAUTH APPLICATION_NOT_FOUND INVALID_CLIENT
  INVALID_GRANT WRONG_CLIENT NOT_INSTALLED METHOD_CONFIRM_WAITING METHOD_CONFIRM_DENIED PAYMENT_REQUIRED
  PORTAL_DELETED`.split(/\s+/),
);
const LONGEST_READ = 10_000;
const LONGEST_SHOWN = 300;

const SERVER_CODES = new Set(['INTERNAL_SERVER_ERROR', 'ERROR_UNEXPECTED_ANSWER', 'CONNECTION_ERROR']);

const AUTH_CURES: Readonly<Record<string, string>> = {
  PAYMENT_REQUIRED: 'Renew the Bitrix24 subscription: REST works on commercial plans only.',
  PORTAL_DELETED: 'The Bitrix24 account is closed or gone: correct `url` and the credential, or restore the account.',
  METHOD_CONFIRM_WAITING: 'An administrator of Bitrix24 has to approve this method for the credential.',
};
const SCOPE_CODES = new Set(['INSUFFICIENT_SCOPE', 'INVALID_SCOPE']);

/** Failure is a status of 400 and above or the presence of the `error` key, never the truth of its value. */
export function failureOf(status: number, data: unknown): Failure | null {
  const named = data !== null && typeof data === 'object' && !Array.isArray(data) && Object.hasOwn(data, 'error');
  if (!named && status < 400) return null;
  return failureIn(data, status);
}

export function failureIn(data: unknown, status: number | null): Failure {
  const body = data !== null && typeof data === 'object' ? (data as Record<string, unknown>) : {};
  return {
    code: plainOf(body.error),
    description: plainText(typeof data === 'string' ? data : plainOf(body.error_description)),
    status,
    ...(typeof data === 'string' ? { page: true } : {}),
  };
}

/** Descriptions may hold HTML and are localised: shown, never matched. */
function plainText(text: string): string {
  return text
    .slice(0, LONGEST_READ)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Without secrets, and only then cut: half a secret is not known for one. */
export function shownFailure(failure: Failure, redact: Redact): Failure {
  const description = redact(failure.description);
  const cut = description.length > LONGEST_SHOWN ? `${description.slice(0, LONGEST_SHOWN)}…` : description;
  return { ...failure, code: redact(failure.code), description: cut };
}

export function isNamed(failure: Failure, code: string): boolean {
  return failure.code.toUpperCase() === code;
}

/** The whole portal is meant: refused before execution, so the same request may leave again. */
export function isRateLimit(failure: Failure): boolean {
  return isNamed(failure, 'QUERY_LIMIT_EXCEEDED') || (failure.status === 429 && !isOperatingLimit(failure));
}

export function isOperatingLimit(failure: Failure): boolean {
  return isNamed(failure, 'OPERATION_TIME_LIMIT');
}

/** The token of an application has run out, or is unknown to the portal: refused before anything ran. */
export function isStaleToken(failure: Failure): boolean {
  return isNamed(failure, 'EXPIRED_TOKEN') || isNamed(failure, 'INVALID_TOKEN');
}

/** Gone and hidden look the same to a reader. */
export function isAbsent(failure: Failure): boolean {
  return isNamed(failure, 'NOT_FOUND') || (isNamed(failure, 'ACCESS_DENIED') && !isForbidden(failure));
}

function isForbidden({ status }: Failure): boolean {
  return status === 401 || status === 403;
}

export function errorOf(failure: Failure, context: FailureContext): SyncError {
  const code = failure.code.toUpperCase();
  const said = sentence(failure, context.method);
  if (isRateLimit(failure) || isOperatingLimit(failure)) {
    return new RateLimitedError(said, 'It goes on by itself when Bitrix24 allows it again.', context.retryAt);
  }
  if (code === 'OVERLOAD_LIMIT') {
    return new UnavailableError(said, 'Bitrix24 blocked REST by hand: ask its support, and sweep less often.', {
      ambiguous: false,
    });
  }
  const { cure, scopeCure } = context.cures;
  if (SCOPE_CODES.has(code)) return new AuthError(said, scopeCure);
  if (AUTH_CODES.has(code)) return new AuthError(said, AUTH_CURES[code] ?? cure);
  if (code === 'INVALID_REQUEST') return new AuthError(said, 'Use the https address of the portal in `url`.');
  if (code === 'ACCESS_DENIED' && isForbidden(failure)) return new AuthError(said, cure);
  if (code === 'ERROR_METHOD_NOT_FOUND') {
    return rejected(said, 'This Bitrix24 lacks the method: update it, or leave the entity out of the profiles.', null);
  }
  if (SERVER_CODES.has(code) || (failure.status ?? 0) >= 500) {
    return new UnavailableError(said, 'It is tried again by itself.', { ambiguous: context.writes, arrived: true });
  }
  if (code === '' && failure.status !== null) return errorByStatus(failure, failure.status, said, cure);
  if (code === 'NOT_FOUND' && context.writes) {
    return new StaleError(said, 'The record is gone from Bitrix24, or hidden from the webhook’s user.');
  }
  if (isForbidden(failure)) return new AuthError(said, cure);
  return refusal(failure, code, said, context);
}

/** No code at all: a gateway, a page for browsers, or one of the methods whose codes are empty. */
function errorByStatus(failure: Failure, status: number, said: string, cure: string): SyncError {
  if (status === 401 || status === 403 || status === 404) return new AuthError(said, cure);
  if (failure.page === undefined && status === 400) {
    return rejected(said, 'Correct the value in the other product, or the profile.', null);
  }
  return new BadResponseError(said, 'Open the portal in a browser: a proxy may stand in between.', {
    path: '',
    excerpt: failure.description.slice(0, 200),
  });
}

function refusal(failure: Failure, code: string, said: string, context: FailureContext): RejectedError {
  const field = context.fieldIn?.(failure.description) ?? null;
  if (code === 'ACCESS_DENIED') {
    return rejected(
      said,
      'Give the webhook’s user the right to this record in Bitrix24, then retry what is parked.',
      null,
    );
  }
  // Bitrix24's code for "no right to move to this stage" is a dash.
  if (code === '-') {
    const stage = context.fieldIn?.('stageId') ?? field;
    return rejected(said, 'Give the webhook’s user the right to this stage, then retry what is parked.', stage);
  }
  return rejected(said, 'Correct the value in the other product, or the profile.', field);
}

function rejected(message: string, cure: string, field: string | null): RejectedError {
  return new RejectedError(message, cure, 'crm', field);
}

function sentence({ code, description, status }: Failure, method: string): string {
  const told = [code, description].filter((part) => part !== '').join(': ');
  return `Bitrix24 refused ${method}: ${told || `HTTP ${status ?? 200} without a reason`}`;
}
