// Webhooks of the sandbox over real HTTP. The products decide about retries; here one delivery is one request.
import { type Clock, withDeadline } from '../ports.ts';
import type { WebhookPort } from './http.ts';

/** Both vendors give a receiver a limited time; Bitrix24's is not documented, Jira's is 20 s (Jira docs: webhooks). */
const TIME_LIMIT_MS = 20_000;

export function createHttpWebhookPort(clock: Clock): WebhookPort {
  return (webhook) =>
    withDeadline(clock, TIME_LIMIT_MS, undefined, async (signal) => {
      const response = await fetch(webhook.url, {
        method: 'POST',
        headers: { ...webhook.headers },
        body: webhook.body,
        redirect: 'manual',
        signal,
      });
      await response.arrayBuffer();
      return response.status;
    });
}
