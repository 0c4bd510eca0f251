// batch: up to 50 commands in sequence, each with its own answer or error; later ones may refer to earlier answers.
import { errorBody, RestError } from './errors.ts';
import { asMap, type Params, parseForm, phpArray } from './form.ts';
import type { Answer } from './paging.ts';
import type { Portal } from './portal.ts';

type Run = (method: string, params: Params) => { readonly answer: Answer; readonly time: Record<string, unknown> };
type Entries = [key: string, value: unknown][];

const BATCH_LENGTH = 50;
const REFERENCE = /\$result((?:\[[^\]]*\])+)/g;
const NOT_IN_BATCH = new Set(['batch', 'upload', 'download']);

export function runBatch(portal: Portal, params: Params, run: Run): unknown {
  const commands = commandsOf(params);
  const { variants } = portal.settings;
  if (commands.length > BATCH_LENGTH && variants['batch-overflow'] === 'B') throw tooLong();
  const halt = phpTrue(named(params, 'halt'));
  const [results, errors, totals, nexts, times]: Entries[] = [[], [], [], [], []] as unknown as Entries[];
  const seen: Record<string, unknown> = Object.create(null);
  for (const [index, [key, command]] of commands.entries()) {
    try {
      if (index >= BATCH_LENGTH) throw tooLong();
      const { answer, time } = runCommand(command, seen, run);
      seen[key] = answer.result;
      results?.push([key, answer.result]);
      if (answer.total !== undefined) totals?.push([key, answer.total]);
      if (answer.next !== undefined) nexts?.push([key, answer.next]);
      times?.push([key, time]);
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      if (error.code === 'OPERATION_TIME_LIMIT' && variants['batch-operating-limit'] === 'B') throw error;
      errors?.push([key, errorBody(error)]);
      if (halt) break;
    }
  }
  const encode = variants['batch-numeric-keys'] === 'A' ? phpArray : mapUnlessEmpty;
  return {
    result: encode(results ?? []),
    result_error: encode(errors ?? []),
    result_total: encode(totals ?? []),
    result_next: encode(nexts ?? []),
    result_time: encode(times ?? []),
  };
}

/** Commands in the order they run; what is not a string is skipped without a trace. */
function commandsOf(params: Params): [key: string, command: string][] {
  const raw = named(params, 'cmd');
  const map = typeof raw === 'string' ? asMap(tryJson(raw)) : asMap(raw);
  return Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Parameter names of batch are read in any letter case. */
function named(params: Params, name: string): unknown {
  return Object.entries(params).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** The text "false" is true, as PHP casts it. */
function phpTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== '0' && value !== 0 && value !== false;
}

function runCommand(command: string, seen: Record<string, unknown>, run: Run): ReturnType<Run> {
  const cut = command.indexOf('?');
  const name = (cut < 0 ? command : command.slice(0, cut)).toLowerCase().replace(/\.(json|xml)$/, '');
  if (NOT_IN_BATCH.has(name)) {
    throw new RestError(405, 'ERROR_BATCH_METHOD_NOT_ALLOWED', 'Method is not allowed for batch usage');
  }
  const params = cut < 0 ? {} : parseForm(command.slice(cut + 1));
  return run(name, resolve(params, seen) as Params);
}

function resolve(value: unknown, seen: Record<string, unknown>): unknown {
  if (typeof value === 'string') return resolveText(value, seen);
  if (Array.isArray(value)) return value.map((one) => resolve(one, seen));
  return Object.fromEntries(Object.entries(asMap(value)).map(([key, inner]) => [key, resolve(inner, seen)]));
}

/** A text that is one reference takes the value as it is; inside other text it is printed; unresolved ones are empty. */
function resolveText(text: string, seen: Record<string, unknown>): unknown {
  const whole = new RegExp(`^${REFERENCE.source}$`).exec(text);
  if (whole) return lookUp(seen, whole[1] ?? '') ?? '';
  return text.replace(REFERENCE, (_, path: string) => {
    const value = lookUp(seen, path);
    return value === null || value === undefined || typeof value === 'object' ? '' : String(value);
  });
}

function lookUp(seen: Record<string, unknown>, path: string): unknown {
  let value: unknown = seen;
  for (const match of path.matchAll(/\[([^\]]*)\]/g)) {
    const map = asMap(value);
    const key = match[1] ?? '';
    if (!Object.hasOwn(map, key)) return null;
    value = map[key];
  }
  return value;
}

function mapUnlessEmpty(entries: Entries): unknown {
  return entries.length === 0 ? [] : Object.fromEntries(entries);
}

function tooLong(): RestError {
  return new RestError(400, 'ERROR_BATCH_LENGTH_EXCEEDED', 'Max batch length exceeded');
}
