// Until when a create without an answer may still come into being.
import type { SentCreate } from './connector.ts';

/** Bitrix24 cuts a request after 60 s (Bitrix24 docs: limits), and Jira's gateway waits no longer; with room. */
const CUT_MS = 65_000;
/** A closed socket goes on sending what it holds, should the line come back: for 102 s on Linux (tcp_orphan_retries). */
const ON_ITS_WAY_MS = 105_000;

/** Epoch ms. `timeLimitMs`: whoever waits longer for answers knows a product that works longer. */
export function tooLateFrom({ endedAt, arrived }: SentCreate, timeLimitMs: number): number {
  return endedAt + (arrived ? 0 : ON_ITS_WAY_MS) + Math.max(CUT_MS, timeLimitMs);
}
