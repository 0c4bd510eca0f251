// One portal over HTTP: POST JSON, failures judged by code, resent only what the portal refused before it ran.
import { BadResponseError, RateLimitedError, type SyncError, UnavailableError } from '../../errors.ts';
import type { Lane } from '../../model.ts';
import type { Usage } from '../connector.ts';
import { createLimiter, UNLIMITED } from '../limiter.ts';
import { createTally, type Tally } from '../tally.ts';
import {
  type ConnectorDeps,
  createTransport,
  excerptOf,
  type Transport,
  type TransportResponse,
} from '../transport.ts';
import type { Access } from './access.ts';
import {
  type Answer,
  type Command,
  type CommandOutcome,
  encodeCommands,
  mapOf,
  numberOf,
  type Params,
  readBatch,
  type Time,
  timeOf,
} from './batch.ts';
import {
  errorOf,
  type Failure,
  failureOf,
  isNamed,
  isOperatingLimit,
  isRateLimit,
  isStaleToken,
  shownFailure,
} from './failures.ts';
import { createOperatingTime, createTurns, type Turns } from './operating-time.ts';
import { type Bitrix24Options, DEFAULT_TIME_LIMIT_MS } from './options.ts';
import { createPace } from './pace.ts';
import { renamedTo } from './rename.ts';

export type CallAsk = {
  readonly lane: Lane;
  readonly writes: boolean;
  readonly signal?: AbortSignal | undefined;
  /** The caller already holds a place from `slot`. */
  readonly slotTaken?: boolean;
  /** Asked before every request of a write: what it throws keeps the request here. */
  readonly mayLeave?: (() => void) | undefined;
};

export type BatchAnswer = { readonly outcomes: readonly CommandOutcome[]; readonly time: Time };

export type Client = {
  /** A single method. A refusal is an outcome; trouble of the whole connection is thrown. */
  call(command: Command, ask: CallAsk): Promise<CommandOutcome>;
  batch(commands: readonly Command[], ask: CallAsk): Promise<BatchAnswer>;
  /** Resolves when a request may leave. */
  slot(lane: Lane): Promise<void>;
  /** Throws while a method is out of operating time for that lane; asked before anything is announced. */
  refuseHeld(method: string, lane: Lane): void;
  readonly turns: Turns;
  error(failure: Failure, method: string, writes: boolean, fieldIn?: (text: string) => string | null): SyncError;
  /** From now on these parameters go with every write of records; `mark` is null where they are known. */
  markWrites(mark: () => Promise<Params> | Params): void;
  /** To be awaited before a write is announced, so that nothing stands between that and its leaving. */
  prepareWrites(): Promise<void> | null;
  readonly access: Access;
  readonly tally: Tally;
  origin(): string;
  usage(): Usage;
  close(): void;
};

const PORTAL = 'portal';
const READ_ONE = 'crm.item.get';
/** With the growing delay this waits about a minute before the work layer takes over. */
const MAX_REFUSALS = 6;
/** A write was announced with its time: leaving much later, it could succeed when it is believed lost. */
const PROMPT_MS = 4_000;
const OVERLOAD_HOLD_MS = 5 * 60_000;
/** Operating time is forgiven by the minute, where the portal does not say when. */
const OPERATING_HOLD_MS = 60_000;

export function createClient(
  options: Bitrix24Options,
  deps: ConnectorDeps,
  access: Access,
  tally: Tally = createTally(),
): Client {
  const { clock, log } = deps;
  const insecure = options['insecure-http'] ?? false;
  const pace = createPace(options.plan ?? 'standard', options.limits === 'off' ? UNLIMITED : undefined);
  // Methods have a budget only so that what they are held for shows in `usage`.
  const limiter = createLimiter({ clock, budgetOf: () => pace.budget, onLeave: tally.waited });
  const operating = createOperatingTime();
  const turns = createTurns(operating, () => clock.now(), refuseHeld);
  const resetAt = new Map<string, number>();
  const heldUntil: Record<Lane, Map<string, number>> = { live: new Map(), bulk: new Map() };
  const transports: Transport[] = [];
  let origin = new URL(options.url).origin;
  let mark: () => Promise<Params> | Params = () => ({});
  let marks: Params = {};
  let refused = 0;
  let limited = 0;
  let transport = open(origin);

  function open(at: string): Transport {
    const opened = createTransport({
      clock,
      log,
      origin: at,
      allowInsecureHttp: insecure,
      timeoutMs: options['time-limit'] ?? DEFAULT_TIME_LIMIT_MS,
      userAgent: 'jira-crm-sync',
      tally,
      secrets: () => [...access.secrets(), options['application-token'] ?? '', ...(deps.secrets ?? [])],
      ...(deps.adapter ? { adapter: deps.adapter } : {}),
    });
    transports.push(opened);
    return opened;
  }

  async function exchange(method: string, body: unknown, ask: CallAsk): Promise<TransportResponse> {
    const path = `${access.path}/${method}.json`;
    const request = { method: 'POST', path, body, reads: !ask.writes } as const;
    // A write that has left is waited for. What became of a queue's rows shows at the next look.
    const signal = ask.writes && !method.startsWith('event.offline.') ? undefined : ask.signal;
    const from = origin;
    ask.mayLeave?.();
    const response = await transport.send(request, { signal });
    const moved = renamedTo(response, from, path);
    if (moved === null) return response;
    if (origin === from) {
      log.warn('portal renamed: change `url` and the webhook of the connection', { from, to: moved });
      origin = moved;
      transport = open(moved);
    }
    // Once, with its body: the old address did nothing but point here.
    ask.mayLeave?.();
    const second = await transport.send(request, { signal });
    renamedTo({ ...second, status: isRedirect(second) ? 303 : second.status }, origin, path);
    return second;
  }

  /** The parsed envelope, or the failure that it names. */
  async function post(
    method: string,
    params: Params,
    ask: CallAsk,
  ): Promise<Failure | Readonly<Record<string, unknown>>> {
    let slotTaken = ask.slotTaken ?? false;
    let renewed = false;
    // Event methods have a parameter of the same name that means something else.
    const marked = ask.writes && !method.startsWith('event.') ? { ...marks, ...params } : params;
    const startedAt = clock.now();
    for (let refusals = 0; ; ) {
      if (!slotTaken) await limiter.acquire(PORTAL, ask.lane, ask.signal);
      slotTaken = false;
      const credential = await access.credential();
      const response = await exchange(method, { ...marked, ...credential }, ask);
      const failure = failureOf(response.status, response.data);
      if (failure === null) {
        pace.answered();
        return envelopeOf(method, response.data);
      }
      refused += 1;
      if (response.status < 300) tally.error('refused');
      if (isStaleToken(failure) && !renewed && (await access.renew(credential))) {
        renewed = true;
        if (ask.writes && clock.now() - startedAt > PROMPT_MS) throw late(method);
        continue;
      }
      if (!isRateLimit(failure)) return failure;
      limited += 1;
      refusals += 1;
      const until = clock.now() + Math.max(pace.slower(), retryAfter(response));
      limiter.hold(null, until);
      log.debug('held by the portal', { method, until });
      if (refusals >= MAX_REFUSALS) {
        throw new RateLimitedError(
          `Bitrix24 refuses ${method}: too many requests`,
          'It goes on by itself; other programs behind the same address share the limit.',
          until,
        );
      }
    }
  }

  function prepareWrites(): Promise<void> | null {
    const next = mark();
    if (!(next instanceof Promise)) {
      marks = next;
      return null;
    }
    return next.then((known) => {
      marks = known;
    });
  }

  function envelopeOf(method: string, data: unknown): Readonly<Record<string, unknown>> {
    const envelope = mapOf(data);
    if (Object.hasOwn(envelope, 'result')) return envelope;
    throw new BadResponseError(
      `The answer to ${method} has no result`,
      'Open the address of the connection in a browser: a login or maintenance page may stand in between.',
      { path: 'result', excerpt: excerptOf(JSON.stringify(data) ?? '', transport.redact) },
    );
  }

  async function call(command: Command, ask: CallAsk): Promise<CommandOutcome> {
    refuseHeld(command.method, ask.lane);
    const answered = await post(command.method, command.params, ask);
    const outcome: CommandOutcome = isFailure(answered)
      ? { kind: 'failed', failure: answered }
      : { kind: 'done', answer: answerOf(answered) };
    note(command.method, outcome, null);
    return outcome;
  }

  async function batch(commands: readonly Command[], ask: CallAsk): Promise<BatchAnswer> {
    const answered = await post('batch', { halt: 0, cmd: encodeCommands(commands) }, ask);
    if (isFailure(answered)) {
      // Some portals refuse the whole batch for one method's operating time, and do not say which: a write's most likely.
      const suspects = new Set(commands.map(({ method }) => method));
      if (ask.writes) suspects.delete(READ_ONE);
      if (isOperatingLimit(answered)) for (const method of suspects) exhausted(method);
      throw error(answered, 'batch', ask.writes);
    }
    const outcomes = readBatch(answered.result, commands.length);
    const before = new Map<string, number>();
    for (const [index, { method }] of commands.entries()) {
      const outcome = outcomes[index];
      if (!outcome) continue;
      note(method, outcome, before.get(method) ?? null);
      const counted = outcome.kind === 'done' ? outcome.answer.time.operating : null;
      if (counted !== null) before.set(method, counted);
    }
    return { outcomes, time: timeOf(answered.time) };
  }

  function note(method: string, outcome: CommandOutcome, before: number | null): void {
    if (outcome.kind === 'done') {
      const { time } = outcome.answer;
      const { resetAt: reset, start } = time;
      if (reset !== null) resetAt.set(method, reset);
      if (time.operating !== null) tally.operating(method, time.operating);
      operating.answered(method, time, before, clock.now());
      if (start !== null) tally.skew(start - clock.now());
    }
    if (outcome.kind !== 'failed') return;
    if (isOperatingLimit(outcome.failure)) exhausted(method);
    if (isNamed(outcome.failure, 'OVERLOAD_LIMIT')) limiter.hold(null, clock.now() + OVERLOAD_HOLD_MS);
  }

  /** The portal says so. */
  function exhausted(method: string): void {
    limited += 1;
    operating.refused(method, clock.now());
    const told = resetAt.get(method) ?? 0;
    hold(method, 'live', told > clock.now() ? told : clock.now() + OPERATING_HOLD_MS);
  }

  /** What holds live edits holds everything. */
  function hold(method: string, lane: Lane, until: number): void {
    // Each command of a batch is refused by itself.
    if (heldUntil[lane].get(method) === until) return;
    heldUntil[lane].set(method, until);
    if (lane === 'live') heldUntil.bulk.set(method, until);
    limiter.hold(method, until);
    log.warn('method out of operating time', { method, lane, until });
  }

  function refuseHeld(method: string, lane: Lane): void {
    const held = heldUntil[lane];
    if ((held.get(method) ?? 0) <= clock.now()) {
      const outlook = operating.outlook(method, lane, clock.now());
      if (typeof outlook === 'string') return;
      hold(method, lane, outlook.until);
    }
    throw new RateLimitedError(
      `${method} is out of operating time`,
      'It goes on by itself when Bitrix24 forgives the oldest minute.',
      held.get(method) ?? clock.now(),
    );
  }

  function error(
    failure: Failure,
    method: string,
    writes: boolean,
    fieldIn?: (text: string) => string | null,
  ): SyncError {
    const described = shownFailure(failure, transport.redact);
    const retryAt = heldUntil.live.get(method) ?? limiter.heldUntil() ?? clock.now() + OPERATING_HOLD_MS;
    return errorOf(described, { method, writes, retryAt, cures: access, ...(fieldIn ? { fieldIn } : {}) });
  }

  function usage(): Usage {
    const sum = (pick: (one: Transport) => number) => transports.reduce((total, one) => total + pick(one), 0);
    return {
      ...tally.read(),
      waiting: limiter.waiting(),
      requests: sum((one) => one.requests()),
      failures: sum((one) => one.failures()) + refused,
      limited,
      heldUntil: limiter.heldUntil(),
    };
  }

  return {
    call,
    batch,
    slot: (lane) => limiter.acquire(PORTAL, lane),
    refuseHeld,
    turns,
    error,
    access,
    tally,
    markWrites: (next) => {
      mark = next;
    },
    prepareWrites,
    origin: () => origin,
    usage,
    close: () => {
      for (const opened of transports) opened.close();
    },
  };
}

function late(method: string): UnavailableError {
  const message = `${method} was not sent: new tokens came too late for it`;
  return new UnavailableError(message, 'It is sent again by itself.', { ambiguous: false });
}

function isFailure(answered: Failure | Readonly<Record<string, unknown>>): answered is Failure {
  return Object.hasOwn(answered, 'code') && Object.hasOwn(answered, 'description');
}

function isRedirect({ status }: TransportResponse): boolean {
  return status >= 300 && status < 400;
}

function answerOf(envelope: Readonly<Record<string, unknown>>): Answer {
  return { result: envelope.result, total: numberOf(envelope.total), time: timeOf(envelope.time) };
}

/** Undocumented, but honoured where it comes. */
function retryAfter({ headers }: TransportResponse): number {
  return (numberOf(headers['retry-after']) ?? 0) * 1000;
}
