// What comes back from the network, or does not, in our own terms.
import { AxiosError, type AxiosResponse } from 'axios';
import { BadResponseError, UnavailableError } from '../errors.ts';
import type { Redact } from './redact.ts';
import type { ErrorKind } from './tally.ts';

export type TransportResponse = {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; the text where an error answer is not JSON; null for an empty body. */
  readonly data: unknown;
  readonly bytes: number;
};

const EXCERPT_LENGTH = 200;
/** The connection was never made, so nothing can have been done. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ERR_ADDRESS_REFUSED)$|CERT|ERR_TLS|UNABLE_TO_VERIFY/;
/** The connection is dead: what it still held is thrown away at this end, and refused at the other one. */
const BROKEN_OFF = /^(ECONNRESET|EPIPE)$/;

export type ParseOptions = {
  /** Method and path, for the message. */
  readonly what: string;
  readonly maxBytes: number;
  readonly redact: Redact;
};

export function parseResponse(response: AxiosResponse, { what, maxBytes, redact }: ParseOptions): TransportResponse {
  const raw = bytesOf(response.data);
  if (raw.byteLength > maxBytes) throw tooLarge(maxBytes);
  const good = response.status >= 200 && response.status <= 299;
  // What a refusal says is shown to people, so it loses its secrets before anybody can quote it.
  const text = good ? raw.toString('utf8') : redact(raw.toString('utf8'));
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value);
  }
  const result = { status: response.status, headers, bytes: raw.byteLength };
  if (text.trim() === '') return { ...result, data: null };
  try {
    return { ...result, data: JSON.parse(text) };
  } catch (cause) {
    // Gateways answer failures in HTML; their status says enough.
    if (!good) return { ...result, data: text.slice(0, 1000) };
    throw new BadResponseError(
      `The answer to ${redact(what)} is not JSON`,
      'Open the address of the connection in a browser: a login page, proxy or maintenance page may stand in between.',
      { path: '', excerpt: excerptOf(text, redact) },
      new Error(redact(cause instanceof Error ? cause.message : String(cause))),
    );
  }
}

function bytesOf(data: unknown): Buffer {
  if (data === undefined || data === null) return Buffer.alloc(0);
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(JSON.stringify(data), 'utf8');
}

/** Redacted before it is cut, so that no half of a secret is left at the end. */
export function excerptOf(text: string, redact: Redact): string {
  const line = redact(text).replace(/\s+/g, ' ').trim();
  return line.length > EXCERPT_LENGTH ? `${line.slice(0, EXCERPT_LENGTH)}…` : line;
}

function tooLarge(maxBytes: number): BadResponseError {
  return new BadResponseError(
    `The answer is larger than ${maxBytes} bytes`,
    'Map fewer or smaller fields in the profile.',
    { path: '', excerpt: '' },
  );
}

/** A fixed word for metrics. */
export function errorKind(error: unknown): ErrorKind {
  if (error instanceof BadResponseError) return 'unreadable';
  if (!(error instanceof AxiosError)) return 'timeout';
  if (isTooLarge(error)) return 'too-large';
  const code = error.code ?? '';
  if (code === AxiosError.ERR_CANCELED || code === 'ECONNABORTED' || code === 'ETIMEDOUT') return 'timeout';
  if (/^(ENOTFOUND|EAI_AGAIN)$/.test(code)) return 'dns';
  return /CERT|TLS|SSL|UNABLE_TO_VERIFY/.test(code) ? 'tls' : 'connection';
}

/** Null for an answer that says something about a record, or is a good one. */
export function statusKind(status: number): ErrorKind | null {
  if (status >= 500) return 'server';
  if (status === 429) return 'limited';
  if (status === 401 || status === 403) return 'denied';
  return status >= 300 && status < 400 ? 'redirect' : null;
}

/** Not a time limit, not somebody's wish to stop: the connection itself. */
export function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof AxiosError)) return false;
  return error.code !== AxiosError.ERR_CANCELED && !isTooLarge(error);
}

function isTooLarge(error: AxiosError): boolean {
  return error.message.startsWith('maxContentLength');
}

export type FailureOptions = {
  readonly reads: boolean;
  readonly origin: string;
  readonly maxBytes: number;
  readonly redact: Redact;
};

/** What it means that no answer came. */
export function failureOf(error: unknown, { reads, origin, maxBytes, redact }: FailureOptions): Error {
  if (error instanceof AxiosError && isTooLarge(error)) return tooLarge(maxBytes);
  const code = error instanceof AxiosError ? (error.code ?? '') : '';
  const reason = redact(error instanceof Error ? error.message : String(error));
  const ambiguous = !reads && !NEVER_SENT.test(code);
  // The client's own error carries the request with its credentials; only code and message may travel further.
  const cause = Object.assign(new Error(reason), { code });
  return new UnavailableError(
    `${origin} did not answer: ${reason || code || 'the connection broke'}`,
    'It is tried again by itself; check the address, the network and the vendor’s status page if it lasts.',
    { ambiguous, arrived: BROKEN_OFF.test(code), cause },
  );
}
