// Events on their way out: to outgoing webhooks made by hand and to the application. Form-encoded, sent once and never
// again whatever the receiver answers.
import type { OutgoingWebhook, WebhookPort } from '../http.ts';
import { bracketLines, formRequest, type Post, tellApplication } from './app-events.ts';
import { NOT_FOR_WEBHOOKS } from './event-codes.ts';
import { baseUrl, type Portal } from './portal.ts';
import type { OutgoingHook } from './settings.ts';

export type SentEvent = { readonly at: number; readonly event: string; readonly id: number };

export type EventSender = {
  /** Tells everybody who wants the event of an object; `more` stands beside its id. */
  raise(event: string, id: number, more?: Readonly<Record<string, unknown>>): void;
  /** Tells the application alone. */
  tellApp(event: string, data: Readonly<Record<string, unknown>>): void;
  readonly post: Post;
  /** Sends what a pause held back, in the order it came. */
  resume(): void;
  /** The last thousand that left, for the state route. */
  sent(): readonly SentEvent[];
};

type Held = { readonly event: string; readonly id: number; readonly build: () => OutgoingWebhook };

const REMEMBERED = 1_000;

export function createEventSender(portal: Portal, webhooks: WebhookPort): EventSender {
  const log: SentEvent[] = [];
  let held: Held[] = [];

  function raise(event: string, id: number, more: Readonly<Record<string, unknown>> = {}): void {
    const comment = event.startsWith('ONCRMTIMELINECOMMENT');
    const plain = comment && portal.settings.variants['timeline-event-payload'] === 'B';
    const name = plain ? mixedCase(event) : event;
    const data = plain ? { ID: id } : { FIELDS: { ID: id, ...more } };
    if (!NOT_FOR_WEBHOOKS.has(event)) {
      for (const [index, hook] of portal.settings.webhooks.entries()) {
        if (hook.events && !hook.events.some((wanted) => wanted.toUpperCase() === event.toUpperCase())) continue;
        post(event, id, () => hookRequest(portal, hook, 33 + index, name, data));
      }
    }
    tellApplication(portal, post, { event, name, id, data });
  }

  function tellApp(event: string, data: Readonly<Record<string, unknown>>): void {
    tellApplication(portal, post, { event, name: event, id: 0, data });
  }

  function post(event: string, id: number, build: () => OutgoingWebhook): void {
    const mode = portal.settings.webhookMode;
    for (let copy = 0; copy < mode.copies; copy += 1) {
      if (mode.lost > 0 && portal.random.next() < mode.lost) continue;
      const shuffle = mode.shuffled ? Math.floor(portal.random.next() * portal.settings.shuffleMs) : 0;
      const slow = portal.settings.slowEvents[event] ?? 0;
      portal.later(portal.settings.eventDelayMs + slow + shuffle, () => deliver({ event, id, build }));
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
    webhooks(delivery.build()).catch(() => {});
  }

  function resume(): void {
    if (portal.settings.webhookMode.paused) return;
    const due = held;
    held = [];
    for (const delivery of due) deliver(delivery);
  }

  return { raise, tellApp, post, resume, sent: () => log };
}

/** No tokens, no scope: a webhook made by hand has none. */
function hookRequest(
  portal: Portal,
  hook: OutgoingHook,
  handlerId: number,
  name: string,
  data: Readonly<Record<string, unknown>>,
): OutgoingWebhook {
  const base = baseUrl(portal);
  return formRequest(hook.url, [
    ['event', name],
    ['event_handler_id', String(handlerId)],
    ...bracketLines('data', data),
    ['ts', String(Math.floor(portal.clock.now() / 1000))],
    ['auth[domain]', new URL(base).host],
    ['auth[client_endpoint]', `${base}/rest/`],
    ['auth[server_endpoint]', 'https://oauth.bitrix24.tech/rest/'],
    ['auth[member_id]', portal.credential.memberId],
    ['auth[application_token]', hook.applicationToken ?? portal.credential.applicationToken],
  ]);
}

/** onCrmTimelineCommentAdd */
function mixedCase(event: string): string {
  const verb = event.slice('ONCRMTIMELINECOMMENT'.length).toLowerCase();
  return `onCrmTimelineComment${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
}
