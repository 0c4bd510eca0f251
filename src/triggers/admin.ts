// What the operator's listener answers: alive, ready, figures, state. Reading only.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock, Log } from '../ports.ts';
import type { Metrics } from './metrics.ts';
import { createRateLimit } from './rate-limit.ts';

export type Readiness = {
  readonly ready: boolean;
  /** Why not, as sentences. */
  readonly reasons: readonly string[];
};

export type AdminOptions = {
  /** Null: no token is asked for (loopback only). */
  readonly token: string | null;
  readonly ready: () => Promise<Readiness>;
  readonly status: () => Promise<unknown>;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  readonly clock: Clock;
  readonly log: Log;
};

export type AdminAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type AdminRequest = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  /** Who asks, for the rate limit. */
  readonly address: string;
};

export type AdminHandlers = {
  readonly handle: (request: AdminRequest) => Promise<AdminAnswer>;
};

function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): AdminAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** Digests have one length, so the comparison takes one time whatever was sent. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(a), digest(b));
}

export function createAdminHandlers(options: AdminOptions): AdminHandlers {
  const { token, ready, status, metrics, clock, log } = options;
  const rate = createRateLimit(clock);
  const routes = new Map<string, () => Promise<AdminAnswer>>([
    ['/healthz', async () => json(200, { alive: true })],
    [
      '/readyz',
      async () => {
        const readiness = await ready();
        return json(readiness.ready ? 200 : 503, readiness);
      },
    ],
    [
      '/metrics',
      async () => ({ status: 200, headers: { 'content-type': metrics.contentType }, body: await metrics.text() }),
    ],
    ['/status', async () => json(200, await status())],
  ]);

  async function handle({ method, path, authorization, address }: AdminRequest): Promise<AdminAnswer> {
    const route = routes.get(path);
    // /healthz stays open for the container's own check, however often others ask; it tells nothing but that we answer.
    if (path !== '/healthz') {
      const { heard, waitSeconds } = rate.take(address);
      if (!heard) return json(429, { error: 'too many requests' }, { 'retry-after': String(waitSeconds) });
      if (token !== null && !sameText(authorization ?? '', `Bearer ${token}`)) {
        rate.punish(address);
        return json(401, { error: 'unauthorized' }, { 'www-authenticate': 'Bearer' });
      }
    }
    if (!route || method !== 'GET') return json(404, { error: 'not found' });
    try {
      return await route();
    } catch (error) {
      log.error('admin request failed', { path, error });
      return json(500, { error: 'failed' });
    }
  }

  return { handle };
}
