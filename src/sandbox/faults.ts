// Faults in front of a product: the connection breaks before or after the work, the answer is late, cut, an HTML page,
// or never comes. The first rule that hits decides.
import type { Clock } from '../ports.ts';
import { type FaultRule, parseFaultRules, pathMatcher } from './fault-rule.ts';
import type { Product, SandboxRequest, SandboxResponse } from './http.ts';
import { batchCommands, methodOfPath } from './request-log.ts';

export type ProductName = 'jira' | 'bitrix24';

export type Faults = {
  /** Replaces all rules. Throws SandboxEditError. */
  readonly replace: (rules: unknown) => void;
  readonly list: () => readonly (FaultRule & { readonly matched: number; readonly hit: number })[];
  readonly wrap: (product: ProductName, handle: Product['handle']) => Product['handle'];
  /** Ends every request that hangs. */
  readonly close: () => void;
};

type LiveRule = {
  readonly rule: FaultRule;
  readonly pathMatches: (path: string) => boolean;
  matched: number;
  hit: number;
};

const DROPPED: SandboxResponse = { status: 0, headers: {}, body: '', drop: true };
const ERROR_PAGE =
  '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>';

function commandMatches(wanted: string, request: SandboxRequest): boolean {
  const method = wanted.toLowerCase();
  if (methodOfPath(request.path) === method) return true;
  return batchCommands(request).some((command) => command.split('?')[0]?.toLowerCase() === method);
}

function matches(live: LiveRule, product: ProductName, request: SandboxRequest): boolean {
  const { rule } = live;
  if (rule.product && rule.product !== product) return false;
  const { method, path, command } = rule.match;
  if (method && method.toUpperCase() !== request.method.toUpperCase()) return false;
  if (path && !live.pathMatches(request.path)) return false;
  return !command || commandMatches(command, request);
}

/** Counts the match and says whether it is hit. */
function takes(live: LiveRule): boolean {
  const { skip = 0, times, every = 1 } = live.rule;
  live.matched += 1;
  if (live.matched <= skip) return false;
  if ((live.matched - skip) % every !== 0) return false;
  if (times !== undefined && live.hit >= times) return false;
  live.hit += 1;
  return true;
}

/** Lower-case names, so that a written `Content-Type` replaces ours instead of standing beside it. */
function headersOf(rule: FaultRule): Record<string, string> {
  return Object.fromEntries(Object.entries(rule.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}

function writtenAnswer(rule: FaultRule): SandboxResponse {
  const body = rule.body ?? '';
  const isText = typeof body === 'string';
  return {
    status: rule.status ?? 500,
    headers: { 'content-type': isText ? 'text/plain' : 'application/json; charset=utf-8', ...headersOf(rule) },
    body: isText ? body : JSON.stringify(body),
  };
}

function cutAnswer(response: SandboxResponse): SandboxResponse {
  const bytes = Buffer.from(response.body as string);
  return { ...response, body: bytes.subarray(0, Math.floor(bytes.length / 2)) };
}

export function createFaults(clock: Clock, initial: unknown = []): Faults {
  let live: LiveRule[] = [];
  const closing = new AbortController();

  function replace(rules: unknown): void {
    live = parseFaultRules(rules).map((rule) => ({
      rule,
      pathMatches: pathMatcher(rule.match.path ?? ''),
      matched: 0,
      hit: 0,
    }));
  }

  async function hang(ms: number | undefined): Promise<SandboxResponse> {
    if (ms !== undefined) {
      await clock.sleep(ms, closing.signal).catch(() => {});
      return DROPPED;
    }
    // Without a time there is no timer, so that a virtual clock can still become idle.
    if (!closing.signal.aborted) {
      await new Promise((resolve) => closing.signal.addEventListener('abort', resolve, { once: true }));
    }
    return DROPPED;
  }

  async function apply(rule: FaultRule, work: () => Promise<SandboxResponse>): Promise<SandboxResponse> {
    switch (rule.kind) {
      case 'status':
        return writtenAnswer(rule);
      case 'drop-before':
        return DROPPED;
      case 'drop-after':
        await work();
        return DROPPED;
      case 'delay':
        await clock.sleep(rule.ms ?? 0, closing.signal).catch(() => {});
        return work();
      case 'html':
        return {
          status: rule.status ?? 502,
          headers: { 'content-type': 'text/html', ...headersOf(rule) },
          body: typeof rule.body === 'string' ? rule.body : ERROR_PAGE,
        };
      case 'truncate':
        return cutAnswer(await work());
      case 'hang':
        return hang(rule.ms);
    }
  }

  replace(initial);
  return {
    replace,
    list: () => live.map(({ rule, matched, hit }) => ({ ...rule, matched, hit })),
    wrap: (product, handle) => (request) => {
      const hit = live.find((candidate) => matches(candidate, product, request) && takes(candidate));
      return hit ? apply(hit.rule, () => handle(request)) : handle(request);
    },
    close: () => closing.abort(),
  };
}
