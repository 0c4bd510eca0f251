// Deliveries of Jira's webhooks. A body is a hint: which issue to look at, never what it says.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Delivery, RemoteHint, Verdict } from '../connector.ts';
import { canonicalInstant } from './fields.ts';
import { ISSUE } from './scope.ts';

const id = z.union([z.string().regex(/^\d{1,18}$/), z.number().int().nonnegative()]).transform(String);
const payload = z.object({
  webhookEvent: z.string(),
  // Within what a Date can say: a time that nothing can print is no time.
  timestamp: z.number().min(0).max(8.64e15).nullish().catch(null),
  issue: z
    .object({ id, fields: z.object({ updated: z.unknown() }).nullish().catch(null) })
    .nullish()
    .catch(null),
  comment: z
    .object({ self: z.string().nullish().catch(null) })
    .nullish()
    .catch(null),
});
type Payload = z.infer<typeof payload>;

/** The key that is refused, as it stands or with some of its letters escaped. Looking at every key costs ten times the parsing. */
const SUSPECT = /__proto__|\\u00[567]/i;

const CHANGED = new Set(['jira:issue_created', 'jira:issue_updated']);
const COMMENTED = new Set(['comment_created', 'comment_updated', 'comment_deleted']);

export function receive(delivery: Delivery, secrets: readonly string[]): Verdict {
  const signature = delivery.headers['x-hub-signature'];
  if (signature === undefined) return { accepted: false, reason: 'the delivery is not signed' };
  if (!secrets.some((secret) => isSignedWith(secret, signature, delivery.body))) {
    return { accepted: false, reason: 'the signature does not fit the body and the secret' };
  }
  const name = delivery.headers['x-atlassian-webhook-identifier'] || null;
  const body = parse(delivery.body);
  // A body that nobody can read would only be sent again and again; the sweep finds what it was about.
  if (!body) return { accepted: true, id: name, at: null, hints: [] };
  const hint = hintOf(body);
  return { accepted: true, id: name, at: body.timestamp ?? null, hints: hint ? [hint] : [] };
}

/** `sha256=<hex>` over the raw bytes. The vendor may change the method some day; a weaker one is never accepted. */
function isSignedWith(secret: string, signature: string, body: Uint8Array): boolean {
  const match = /^sha256=([0-9a-f]{64})$/i.exec(signature);
  if (!match?.[1]) return false;
  const expected = createHmac('sha256', secret).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(match[1], 'hex'));
}

function parse(body: Uint8Array): Payload | null {
  try {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    const parsed = payload.safeParse(SUSPECT.test(text) ? JSON.parse(text, refuseProto) : JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('forbidden key');
  return value;
}

function hintOf(body: Payload): RemoteHint | null {
  const issue = body.issue ?? null;
  if (body.webhookEvent === 'jira:issue_deleted' && issue) return hint(issue.id, 'deleted', null);
  if (CHANGED.has(body.webhookEvent) && issue) {
    const updated = issue.fields?.updated;
    return hint(issue.id, 'changed', typeof updated === 'string' ? (canonicalInstant(updated) ?? null) : null);
  }
  if (!COMMENTED.has(body.webhookEvent)) return null;
  // The issue of a comment event may be missing; the comment's own address names it.
  const commented = issue?.id ?? /\/issue\/(\d{1,18})\/comment\//.exec(body.comment?.self ?? '')?.[1];
  return commented === undefined ? null : hint(commented, 'changed', null);
}

function hint(issueId: string, kind: RemoteHint['kind'], version: string | null): RemoteHint {
  return { entity: ISSUE, id: issueId, kind, version };
}
