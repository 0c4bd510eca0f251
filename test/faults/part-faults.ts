// One command of a batch, or one element of a bulk call, comes to something else than its neighbours.
import type { Side } from '../../src/model.ts';
import type { SandboxResponse } from '../../src/sandbox/http.ts';
import type { FaultAsk } from './request-faults.ts';

type Json = Record<string, unknown>;

/** As the portal answers a command inside a batch. */
const COMMAND_ERRORS: Readonly<Record<string, string>> = {
  QUERY_LIMIT_EXCEEDED: 'Too many requests',
  OPERATION_TIME_LIMIT: 'Method is blocked due to operation time limit.',
  INTERNAL_SERVER_ERROR: 'Internal server error',
  ACCESS_DENIED: 'Доступ запрещён',
  NOT_FOUND: 'Элемент не найден',
};
/** Of longer lists the first, the middle and the last part stand for all. */
const LONG = 8;
const NAME = /^part (\d+): (.+)$/;

export function partFaultsOf(side: Side, parts: readonly string[]): readonly string[] {
  const kinds = side === 'crm' ? [...Object.keys(COMMAND_ERRORS), 'not run'] : ['left out'];
  const places = parts
    .map((_, at) => at)
    .filter((at) => parts.length <= LONG || at % Math.ceil((parts.length - 1) / 2) === 0);
  return places.flatMap((at) => kinds.map((kind) => `part ${at + 1}: ${kind}`));
}

export function partFault(name: string): (ask: FaultAsk) => Promise<SandboxResponse> {
  const [, number, kind = ''] = NAME.exec(name) ?? [];
  if (number === undefined) throw new Error(`no fault is called "${name}"`);
  const at = Number(number) - 1;
  return (ask) => (ask.side === 'crm' ? commandFails(ask, at, kind) : elementMisses(ask, at));
}

/** The command is not carried out, all others are. */
async function commandFails({ request, handle }: FaultAsk, at: number, kind: string): Promise<SandboxResponse> {
  const body = JSON.parse(Buffer.from(request.body).toString('utf8')) as { cmd: Record<string, string> };
  const keys = Object.keys(body.cmd);
  const failed = new Set(kind === 'not run' ? keys.slice(at) : keys.slice(at, at + 1));
  const cmd = Object.fromEntries(Object.entries(body.cmd).filter(([key]) => !failed.has(key)));
  const good = await handle({ ...request, body: Buffer.from(JSON.stringify({ ...body, cmd })) });
  if (good.status !== 200 || kind === 'not run') return good;
  const told = JSON.parse(Buffer.from(good.body as string).toString('utf8')) as { result: Json };
  const errors = Array.isArray(told.result.result_error) ? {} : (told.result.result_error as Json);
  for (const key of failed) errors[key] = { error: kind, error_description: COMMAND_ERRORS[kind] };
  return { ...good, body: JSON.stringify({ ...told, result: { ...told.result, result_error: errors } }) };
}

/** A bulk create refuses one element; a bulk read answers as if one were not there. */
async function elementMisses({ request, handle }: FaultAsk, at: number): Promise<SandboxResponse> {
  const body = JSON.parse(Buffer.from(request.body).toString('utf8')) as Json;
  const key = 'issueUpdates' in body ? 'issueUpdates' : 'issueIdsOrKeys';
  const left = (body[key] as unknown[]).filter((_, index) => index !== at);
  const refused = {
    status: 400,
    elementErrors: { errorMessages: ['Not allowed.'], errors: {} },
    failedElementNumber: at,
  };
  if (key === 'issueUpdates') {
    if (left.length === 0) return json(400, { issues: [], errors: [refused] });
    const good = await handle({ ...request, body: Buffer.from(JSON.stringify({ ...body, [key]: left })) });
    const told = JSON.parse(Buffer.from(good.body as string).toString('utf8')) as {
      issues: unknown;
      errors: unknown[];
    };
    return { ...good, body: JSON.stringify({ ...told, errors: [...told.errors, refused] }) };
  }
  if (left.length === 0) return json(200, { issues: [], issueErrors: [] });
  return handle({ ...request, body: Buffer.from(JSON.stringify({ ...body, [key]: left })) });
}

function json(status: number, body: unknown): SandboxResponse {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
