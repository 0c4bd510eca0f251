// The one way to Jira: takes a place in the right budget, announces a write as it leaves, checks that the answer is
// meant for us, and resends only what Jira refused before execution.
import { AuthError, RateLimitedError } from '../../errors.ts';
import type { Lane } from '../../model.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import type { Usage, WriteAsk } from '../connector.ts';
import { type Budget, createLimiter } from '../limiter.ts';
import type { Redact } from '../redact.ts';
import type { Transport, TransportRequest, TransportResponse } from '../transport.ts';
import type { JiraClient, SendRequestOptions } from './jira-js.ts';
import { holdFor, isQuota, PER_ISSUE } from './limits.ts';
import { anonymousAnswer, type Call, refusal } from './refusals.ts';

export type JiraCall = Call & {
  readonly ask: Pick<WriteAsk, 'lane' | 'signal' | 'mayLeave'>;
  /** Method and endpoint, as Jira counts them: `POST search/jql`. */
  readonly budget: string;
  /** The issue that is written to: it has a budget of its own. */
  readonly issue?: string;
  readonly onSend?: (() => Promise<void>) | undefined;
  /** A coalescer has already waited for the budget. */
  readonly admitted?: boolean;
  /** Statuses outside 2xx whose body the caller wants to read. */
  readonly accept?: readonly number[];
  readonly onAnswer?: (response: TransportResponse) => void;
};

export type Client = {
  request(request: TransportRequest, call: JiraCall): Promise<TransportResponse>;
  /** What jira.js's typed functions take; one per call, because each call has its own lane, budget and hooks. */
  api(call: JiraCall): JiraClient;
  /** Waits for a place in a budget. */
  admit(budget: string, lane: Lane, signal?: AbortSignal): Promise<void>;
  /** The same for a coalescer: lets those who were woken together join first. */
  gather(budget: string, lane: Lane): Promise<void>;
  /** Whose answers these are, as far as answers have told. */
  account(): string | null;
  /** From now on an answer made for another account is refused. */
  expectAccount(accountId: string): void;
  /** For what a good answer says about a failure; all others have lost their secrets already. */
  readonly redact: Redact;
  usage(): Usage;
};

export type ClientOptions = {
  readonly transport: Transport;
  readonly budgetOf: (name: string) => Budget;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

const MAX_RESENDS = 4;
/** Longer holds are handed up with their time, so that no claim is kept through a whole quota hour. */
const LONGEST_WAIT_MS = 60_000;
const GATHERING_TURNS = 8;

export function createClient({ transport, clock, random, log, budgetOf }: ClientOptions): Client {
  const { tally } = transport;
  const limiter = createLimiter({ clock, budgetOf, onLeave: tally.waited });
  let quotaUntil = 0;
  let limited = 0;
  let failed = 0;
  let expected: string | null = null;
  let answeredAs: string | null = null;

  async function admit(budget: string, lane: Lane, signal?: AbortSignal): Promise<void> {
    if (quotaUntil - clock.now() > LONGEST_WAIT_MS) throw quotaSpent(quotaUntil);
    await limiter.acquire(budget, lane, signal);
  }

  async function gather(budget: string, lane: Lane): Promise<void> {
    // Paths that started together ask within a few turns of each other; those turns are let pass, and no time.
    for (let turn = 0; turn < GATHERING_TURNS; turn += 1) await null;
    await admit(budget, lane);
  }

  async function request(what: TransportRequest, call: JiraCall): Promise<TransportResponse> {
    const { ask } = call;
    for (let attempt = 0; ; attempt += 1) {
      if (call.issue !== undefined) await admit(`${PER_ISSUE}${call.issue}`, ask.lane, ask.signal);
      if (!call.admitted || attempt > 0) await admit(call.budget, ask.lane, ask.signal);
      if (attempt === 0) await call.onSend?.();
      if (call.writes) ask.mayLeave?.();
      const response = await transport.send({ ...what, reads: !call.writes }, { signal: ask.signal });
      const stranger = anonymousAnswer(response) ?? otherAccount(response);
      if (stranger) throw stranger;
      if (response.status >= 500) failed += 1;
      if (response.status !== 429) {
        call.onAnswer?.(response);
        return response;
      }
      limited += 1;
      const until = hold(response, call, attempt);
      if (attempt === MAX_RESENDS || until - clock.now() > LONGEST_WAIT_MS) throw quotaSpent(until);
    }
  }

  /** A 429 was not executed. Its reason says what must slow down; the rest goes on. */
  function hold(response: TransportResponse, call: JiraCall, attempt: number): number {
    const reason = response.headers['ratelimit-reason'] ?? '';
    const until = clock.now() + holdFor(response.headers, attempt, clock.now(), random);
    log.info('Jira asked to slow down', { reason, budget: call.budget, ms: until - clock.now() });
    if (isQuota(reason)) {
      quotaUntil = Math.max(quotaUntil, until);
      limiter.hold(null, until);
    } else if (reason === 'jira-per-issue-on-write' && call.issue !== undefined) {
      limiter.hold(`${PER_ISSUE}${call.issue}`, until);
    } else {
      limiter.hold(call.budget, until);
    }
    return until;
  }

  function otherAccount(response: TransportResponse): AuthError | null {
    // Jira percent-encodes the colon of newer account ids.
    const header = (response.headers['x-aaccountid'] ?? '').replace(/%3A/gi, ':');
    if (header === '') return null;
    answeredAs = header;
    if (expected === null || expected === header) return null;
    return new AuthError(
      'Jira answered for another account than the one this connection was checked with',
      'Restart after changing `auth` of the connection, so that the new account is checked.',
    );
  }

  function api(call: JiraCall): JiraClient {
    return {
      // jira.js's own schemas are not applied: they describe whole objects, and one odd avatar would fail an issue.
      async sendRequest<T>(options: SendRequestOptions<T>): Promise<T> {
        const response = await request(
          {
            method: (options.method ?? 'GET') as TransportRequest['method'],
            path: options.url,
            query: queryOf(options.searchParams ?? {}),
            ...(options.body === undefined ? {} : { body: options.body }),
          },
          call,
        );
        const good = response.status >= 200 && response.status <= 299;
        if (!good && !call.accept?.includes(response.status)) throw refusal(response, call);
        return response.data as T;
      },
    };
  }

  function usage(): Usage {
    return {
      ...tally.read(),
      waiting: limiter.waiting(),
      requests: transport.requests(),
      failures: transport.failures() + failed,
      limited,
      heldUntil: limiter.heldUntil(),
    };
  }

  return {
    request,
    api,
    admit,
    gather,
    usage,
    redact: transport.redact,
    account: () => expected ?? answeredAs,
    expectAccount: (accountId) => {
      expected = accountId;
    },
  };
}

function queryOf(params: Readonly<Record<string, unknown>>): NonNullable<TransportRequest['query']> {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null) query[name] = Array.isArray(value) ? value.join(',') : String(value);
  }
  return query;
}

function quotaSpent(until: number): RateLimitedError {
  return new RateLimitedError(
    `Jira accepts no more requests of this kind until ${new Date(until).toISOString()}`,
    'It goes on by itself then. If it happens often, sweep less often or spread resyncs.',
    until,
  );
}
