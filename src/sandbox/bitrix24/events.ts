// Outgoing-webhook events: form-encoded, the id only, sent once and never again whatever the receiver answers.
import type { OutgoingWebhook, WebhookPort } from '../http.ts';
import { baseUrl, type Portal } from './portal.ts';
import type { OutgoingHook } from './settings.ts';

export type SentEvent = { readonly at: number; readonly event: string; readonly id: number };

export type EventSender = {
  /** Queues the event for every webhook that wants it. */
  raise(event: string, id: number): void;
  /** Sends what a pause held back, in the order it came. */
  resume(): void;
  /** The last thousand that left, for the state route. */
  sent(): readonly SentEvent[];
};

type Held = { readonly hook: OutgoingHook; readonly handlerId: number; readonly event: string; readonly id: number };

const REMEMBERED = 1_000;
/** Application events: a webhook made by hand cannot choose them. */
const NOT_FOR_WEBHOOKS = new Set(['ONCRMDEALMOVETOCATEGORY', 'ONOFFLINEEVENT']);

export function createEventSender(portal: Portal, webhooks: WebhookPort): EventSender {
  const log: SentEvent[] = [];
  let held: Held[] = [];

  function raise(event: string, id: number): void {
    if (NOT_FOR_WEBHOOKS.has(event)) return;
    const mode = portal.settings.webhookMode;
    for (const [index, hook] of portal.settings.webhooks.entries()) {
      if (hook.events && !hook.events.some((wanted) => wanted.toUpperCase() === event.toUpperCase())) continue;
      for (let copy = 0; copy < mode.copies; copy += 1) {
        if (mode.lost > 0 && portal.random.next() < mode.lost) continue;
        const shuffle = mode.shuffled ? Math.floor(portal.random.next() * portal.settings.shuffleMs) : 0;
        const slow = portal.settings.slowEvents[event] ?? 0;
        const delivery = { hook, handlerId: 33 + index, event, id };
        portal.later(portal.settings.eventDelayMs + slow + shuffle, () => deliver(delivery));
      }
    }
  }

  function deliver(delivery: Held): void {
    if (portal.settings.webhookMode.paused) {
      held.push(delivery);
      return;
    }
    const at = portal.clock.now();
    log.push({ at, event: delivery.event, id: delivery.id });
    if (log.length > REMEMBERED) log.shift();
    // Any answer and no answer at all are final.
    webhooks(eventRequest(portal, delivery)).catch(() => {});
  }

  function resume(): void {
    if (portal.settings.webhookMode.paused) return;
    const due = held;
    held = [];
    for (const delivery of due) deliver(delivery);
  }

  return { raise, resume, sent: () => log };
}

function eventRequest(portal: Portal, delivery: Held): OutgoingWebhook {
  const { hook, handlerId, event, id } = delivery;
  const base = baseUrl(portal);
  const plain = event.startsWith('ONCRMTIMELINECOMMENT') && portal.settings.variants['timeline-event-payload'] === 'B';
  const lines: [string, string][] = [
    ['event', plain ? mixedCase(event) : event],
    ['event_handler_id', String(handlerId)],
    [plain ? 'data[ID]' : 'data[FIELDS][ID]', String(id)],
    ['ts', String(Math.floor(portal.clock.now() / 1000))],
    ['auth[domain]', new URL(base).host],
    ['auth[client_endpoint]', `${base}/rest/`],
    ['auth[server_endpoint]', 'https://oauth.bitrix24.tech/rest/'],
    ['auth[member_id]', portal.credential.memberId],
    ['auth[application_token]', hook.applicationToken ?? portal.credential.applicationToken],
  ];
  return {
    url: hook.url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Bitrix24 Webhook Engine' },
    body: lines.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&'),
  };
}

/** onCrmTimelineCommentAdd */
function mixedCase(event: string): string {
  const verb = event.slice('ONCRMTIMELINECOMMENT'.length).toLowerCase();
  return `onCrmTimelineComment${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
}
