// The wire form of `batch` (Bitrix24 docs: batch). Commands are query strings, so types are lost on the way: what
// cannot be said in a query string has to leave as a plain JSON call.
import type { Failure } from './failures.ts';
import { failureIn } from './failures.ts';

export type Params = Readonly<Record<string, unknown>>;
export type Command = { readonly method: string; readonly params: Params };

export type Time = {
  /** Server clock at the start of the call, epoch ms. */
  readonly start: number | null;
  /** Seconds of execution. */
  readonly processing: number | null;
  /** When the oldest minute of this method's operating time is forgiven, epoch ms. */
  readonly resetAt: number | null;
  /** Seconds that count against this method's limit of 480 in ten minutes. */
  readonly operating: number | null;
};

export type Answer = { readonly result: unknown; readonly total: number | null; readonly time: Time };

/** What a single command came to, alone or inside a batch. `not-run`: its key is in neither map. */
export type CommandOutcome =
  | { readonly kind: 'done'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'not-run' };

export const MAX_COMMANDS = 50;

/** PHP would turn a map with keys 0, 1, 2 into a list, so keys are named. */
export function keyAt(index: number): string {
  return `p${index}`;
}

export function encodeCommands(commands: readonly Command[]): Record<string, string> {
  return Object.fromEntries(commands.map((command, index) => [keyAt(index), encodeCommand(command)]));
}

/** Encoded once: the JSON body needs no second round. */
export function encodeCommand({ method, params }: Command): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(params)) pushPairs(pairs, name, value);
  return pairs.length === 0 ? method : `${method}?${pairs.join('&')}`;
}

function pushPairs(pairs: string[], name: string, value: unknown): void {
  if (value === undefined) return;
  if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) pushPairs(pairs, `${name}[${key}]`, inner);
    return;
  }
  pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(value === null ? '' : String(value))}`);
}

/** What the portal replaces by the answer of an earlier command, wherever it stands: also in what a person typed. */
const REFERENCE = /\$result/i;

/**
 * True when a command of a batch cannot carry these parameters: an empty list vanishes, null becomes an empty text, and a
 * text that looks like a reference becomes a part of somebody else's record.
 */
export function losesMeaning(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value === 'string') return REFERENCE.test(value);
  if (typeof value !== 'object') return false;
  const inner = Object.values(value);
  return inner.length === 0 || inner.some(losesMeaning);
}

/** Judges every command alone. An empty map of PHP arrives as `[]`. */
export function readBatch(result: unknown, count: number): readonly CommandOutcome[] {
  const maps = mapOf(result);
  const results = mapOf(maps.result);
  const errors = mapOf(maps.result_error);
  const totals = mapOf(maps.result_total);
  const times = mapOf(maps.result_time);
  const outcomes: CommandOutcome[] = [];
  for (let index = 0; index < count; index += 1) {
    const key = keyAt(index);
    if (Object.hasOwn(errors, key)) {
      outcomes.push({ kind: 'failed', failure: failureIn(errors[key], null) });
    } else if (Object.hasOwn(results, key)) {
      const answer = { result: results[key], total: numberOf(totals[key]), time: timeOf(times[key]) };
      outcomes.push({ kind: 'done', answer });
    } else {
      outcomes.push({ kind: 'not-run' });
    }
  }
  return outcomes;
}

export function timeOf(raw: unknown): Time {
  const time = mapOf(raw);
  const start = numberOf(time.start);
  const printed = typeof time.date_start === 'string' ? Date.parse(time.date_start) : Number.NaN;
  const resetAt = numberOf(time.operating_reset_at);
  return {
    start: start !== null ? Math.floor(start * 1000) : Number.isNaN(printed) ? null : printed,
    processing: numberOf(time.processing) ?? numberOf(time.duration),
    resetAt: resetAt === null ? null : resetAt * 1000,
    operating: numberOf(time.operating),
  };
}

export function mapOf(raw: unknown): Readonly<Record<string, unknown>> {
  return raw !== null && typeof raw === 'object' && !Array.isArray(raw) ? (raw as Record<string, unknown>) : {};
}

export function numberOf(raw: unknown): number | null {
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : null;
  if (typeof raw !== 'string' || raw.trim() === '') return null;
  const value = Number(raw);
  return Number.isFinite(value) ? value : null;
}
