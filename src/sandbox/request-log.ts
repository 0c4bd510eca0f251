// Every request that a product of the sandbox saw, for tests that count and for people who look.
import type { LoggedRequest, Product, SandboxRequest, SandboxResponse } from './http.ts';

/** Older lines go first: a sandbox may run for days. */
const KEPT_LINES = 200_000;
const COMMAND_CHARACTERS = 400;

export type RequestLog = {
  readonly add: (entry: LoggedRequest) => void;
  /** Lines not older than `since` (epoch ms). */
  readonly list: (since?: number) => readonly LoggedRequest[];
  readonly clear: () => void;
};

function commandsOfQuery(query: URLSearchParams): string[] {
  return [...query].filter(([name]) => /^cmd(\[.*\])?$/i.test(name)).map(([, value]) => value);
}

function commandsOfJson(text: string): string[] {
  try {
    const parsed: unknown = JSON.parse(text);
    const cmd = typeof parsed === 'object' && parsed !== null ? (parsed as { cmd?: unknown }).cmd : undefined;
    if (typeof cmd !== 'object' || cmd === null) return [];
    return Object.values(cmd).filter((value): value is string => typeof value === 'string');
  } catch {
    return [];
  }
}

/** The method at the end of a Bitrix24 address: `/rest/1/code/crm.item.add.json` -> `crm.item.add`. */
export function methodOfPath(path: string): string {
  const last = path.split('/').filter(Boolean).at(-1) ?? '';
  return last.replace(/\.json$/i, '').toLowerCase();
}

/** Commands of a Bitrix24 batch, whether they came as JSON, as a form or in the query; empty for everything else. */
export function batchCommands(request: SandboxRequest): string[] {
  if (methodOfPath(request.path) !== 'batch') return [];
  const inQuery = commandsOfQuery(request.query);
  if (request.body.length === 0) return inQuery;
  const text = Buffer.from(request.body).toString('utf8');
  const isForm = (request.headers['content-type'] ?? '').includes('form-urlencoded');
  const inBody = isForm ? commandsOfQuery(new URLSearchParams(text)) : commandsOfJson(text);
  return [...inQuery, ...inBody];
}

export function createRequestLog(): RequestLog {
  const lines: LoggedRequest[] = [];
  return {
    add(entry) {
      lines.push(entry);
      if (lines.length > KEPT_LINES * 1.1) lines.splice(0, lines.length - KEPT_LINES);
    },
    list: (since) => (since === undefined ? [...lines] : lines.filter((line) => line.at >= since)),
    clear: () => {
      lines.length = 0;
    },
  };
}

/** A broken connection is logged with status 0. */
export function withRequestLog(handle: Product['handle'], log: RequestLog, now: () => number): Product['handle'] {
  return async function logged(request: SandboxRequest): Promise<SandboxResponse> {
    const at = now();
    const response = await handle(request);
    const commands = batchCommands(request).map((command) => command.slice(0, COMMAND_CHARACTERS));
    log.add({
      at,
      method: request.method,
      path: request.path,
      ...(commands.length > 0 ? { commands } : {}),
      status: response.drop ? 0 : response.status,
      bytesIn: request.body.length,
      bytesOut: response.drop ? 0 : Buffer.byteLength(response.body),
    });
    return response;
  };
}
