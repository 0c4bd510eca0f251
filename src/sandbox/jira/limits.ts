// Burst limits per endpoint and method, write limits per issue (Jira docs: Rate limiting). The hourly points quota is
// not for API tokens, so it is not here.

import type { Clock } from '../../ports.ts';
import { type Answer, JiraRefusal } from './answer.ts';

const PER_SECOND: Readonly<Record<string, number>> = { GET: 100, POST: 100, PUT: 50, DELETE: 50 };
const OVERRIDES: Readonly<Record<string, number>> = {
  'GET /rest/api/3/issue/{issue}': 150,
  'GET /rest/api/3/issue/{issue}/changelog': 200,
  'GET /rest/api/3/user': 150,
  'POST /rest/api/3/search/approximate-count': 150,
};
const PER_ISSUE = [
  { writes: 20, ms: 2_000 },
  { writes: 100, ms: 30_000 },
];

type Bucket = { tokens: number; at: number };

export type JiraLimits = {
  /** Throws the 429 of the endpoint. */
  readonly takeBurst: (method: string, pattern: string) => void;
  /** Throws the 429 of one issue. */
  readonly takeIssueWrite: (issueId: string) => void;
};

export function createJiraLimits(clock: Clock): JiraLimits {
  const buckets = new Map<string, Bucket>();
  const writes = new Map<string, number[]>();
  let refusals = 0;

  function refuse(reason: string, limit: number, waitMs: number): JiraRefusal {
    refusals++;
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    const reset = new Date(Math.ceil((clock.now() + waitMs) / 1000) * 1000).toISOString().replace('.000Z', 'Z');
    const answer: Answer = {
      status: 429,
      headers: {
        'Retry-After': String(seconds),
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': '0',
        'X-RateLimit-Reset': reset,
        'RateLimit-Reason': reason,
        'Content-Type': 'application/json',
      },
    };
    // The body of a 429 is not documented: a general one and an empty one in turn.
    if (refusals % 2 === 0) return new JiraRefusal(answer);
    return new JiraRefusal({ ...answer, body: { errorMessages: ['Rate limit exceeded.'], errors: {} } });
  }

  function takeBurst(method: string, pattern: string): void {
    const key = `${method} ${pattern}`;
    const rate = OVERRIDES[key] ?? PER_SECOND[method] ?? 100;
    const now = clock.now();
    const bucket = buckets.get(key) ?? { tokens: rate, at: now };
    const tokens = Math.min(rate, bucket.tokens + ((now - bucket.at) * rate) / 1000);
    buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    if (tokens < 1) throw refuse('jira-burst-based', rate, ((1 - tokens) * 1000) / rate);
  }

  function takeIssueWrite(issueId: string): void {
    const now = clock.now();
    const recent = (writes.get(issueId) ?? []).filter((at) => at > now - 30_000);
    writes.set(issueId, recent);
    for (const limit of PER_ISSUE) {
      const within = recent.filter((at) => at > now - limit.ms);
      const oldest = within[within.length - limit.writes];
      if (oldest !== undefined) throw refuse('jira-per-issue-on-write', limit.writes, oldest + limit.ms - now);
    }
    recent.push(now);
  }

  return { takeBurst, takeIssueWrite };
}
