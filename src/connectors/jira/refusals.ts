// What a status of Jira means for the work above. The text of an answer is shown, never matched: it is localised.
import { AuthError, BadResponseError, RejectedError, StaleError, UnavailableError } from '../../errors.ts';
import type { TransportResponse } from '../transport.ts';
import { wireErrors } from './wire.ts';

export type Call = {
  /** What is being done, as a sentence goes on: `reading issues`, `changing BUY-12`. */
  readonly what: string;
  readonly writes: boolean;
  /** Method and endpoint. */
  readonly budget?: string;
};

/** No single record can spoil these: what is refused here is refused to the account, or there is no Jira at all. */
const SITE_WIDE = new Set([
  'GET myself',
  'GET serverInfo',
  'GET field',
  'GET project/search',
  'POST search/jql',
  'POST issue/bulkfetch',
]);

/** Jira answers anonymous data with status 200 when a token died; only this header tells. */
export function anonymousAnswer(response: TransportResponse): AuthError | null {
  const reason = response.headers['x-seraph-loginreason'] ?? '';
  if (!/AUTHENTICATED_FAILED|AUTHENTICATION_DENIED/.test(reason)) return null;
  return denied(
    /AUTHENTICATION_DENIED/.test(reason)
      ? 'Jira demands a captcha for this account after too many failed logins'
      : 'Jira did not accept the e-mail and API token and answered as if nobody were logged in',
  );
}

function denied(message: string): AuthError {
  return new AuthError(
    message,
    'Make a new API token at id.atlassian.com for the same account, put it where `auth.token` points, and reload.',
  );
}

/** The error that an answer outside 2xx stands for. */
export function refusal(response: TransportResponse, call: Call): Error {
  const { status } = response;
  const said = textOf(response.data);
  if (status === 401) return denied(`Jira refused the e-mail and API token while ${call.what}`);
  if (status === 403 && response.headers['x-authentication-denied-reason'] !== undefined) {
    return denied('Jira demands a captcha for this account after too many failed logins');
  }
  if (status >= 500 || status === 408) {
    return new UnavailableError(
      `Jira failed with status ${status} while ${call.what}${said}`,
      'It is tried again by itself; see status.atlassian.com if it lasts.',
      { ambiguous: call.writes, arrived: true },
    );
  }
  if ((status === 403 || status === 404) && SITE_WIDE.has(call.budget ?? '')) return shutOut(status, call, said);
  if (status === 404 || status === 409) {
    return new StaleError(
      `${status === 404 ? 'The issue is gone or hidden' : 'Somebody changed the issue at the same moment'} (${call.what})`,
      'It is read again and planned anew by itself.',
    );
  }
  if (status === 410 || (status >= 300 && status < 400)) {
    return new BadResponseError(
      `Jira answered ${status} while ${call.what}${said}`,
      status === 410
        ? 'Jira removed this operation: update jira-crm-sync.'
        : 'Redirects are not followed: set `url` of the connection to the address that Jira itself shows.',
      { path: '', excerpt: said },
    );
  }
  return rejected(response.data, call, status);
}

/** An allowlist of addresses, a product taken away from the account, a site that was renamed or has expired. */
function shutOut(status: number, call: Call, said: string): AuthError {
  return status === 403
    ? new AuthError(
        `Jira lets the integration account do nothing (403 while ${call.what}${said})`,
        'Check at admin.atlassian.com that the account has access to Jira and the IP allowlist lets this machine in.',
      )
    : new AuthError(
        `There is no Jira at this address (404 while ${call.what}${said})`,
        'Correct `url` of the connection; a site that was renamed or whose subscription ended answers like this.',
      );
}

/** A 4xx answer or one element of a bulk answer: the first field named is the one to blame. */
export function rejected(data: unknown, call: Call, status: number): RejectedError {
  const parsed = wireErrors.safeParse(data);
  const field = parsed.success ? (Object.keys(parsed.data.errors ?? {})[0] ?? null) : null;
  const cure =
    status === 403
      ? 'Give the integration account the permission in the project’s permission scheme, then retry what is parked.'
      : field === null
        ? 'Correct what Jira names in the record or the profile, then retry.'
        : `Correct the value, its mapping, or the field ${field} in Jira, then retry.`;
  return new RejectedError(`Jira refused ${call.what}${textOf(data)}`, cure, 'jira', field);
}

/** `: first text; second text`, or nothing where the body says nothing. */
export function textOf(data: unknown): string {
  const parsed = wireErrors.safeParse(data);
  if (!parsed.success) return typeof data === 'string' && data !== '' ? `: ${short(data)}` : '';
  const { errorMessages, errors, message } = parsed.data;
  const texts = [...(errorMessages ?? []), ...Object.entries(errors ?? {}).map(([name, text]) => `${name}: ${text}`)];
  if (texts.length === 0 && message) texts.push(message);
  return texts.length === 0 ? '' : `: ${short(texts.join('; '))}`;
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
