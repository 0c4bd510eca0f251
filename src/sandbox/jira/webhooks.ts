// Admin webhooks: who is registered, and deliveries on the clock with Cloud's retry rules (Jira docs: Webhooks).

import { createHmac } from 'node:crypto';
import type { WebhookPort } from '../http.ts';
import { matchesFilter } from './search-index.ts';
import { bodyOf, eventOf } from './webhook-bodies.ts';
import { canSee, type World } from './world.ts';
import type { Happening } from './writes.ts';

export type Webhook = {
  readonly id: number;
  name: string;
  url: string;
  secret: string | null;
  events: readonly string[];
  /** JQL, empty = everything. */
  filter: string;
  excludeBody: boolean;
  enabled: boolean;
  lastUpdated: number;
};

export const ALL_EVENTS: readonly string[] = [
  'jira:issue_created',
  'jira:issue_updated',
  'jira:issue_deleted',
  'comment_created',
  'comment_updated',
  'comment_deleted',
];

const FIRST_DELAY_MS = 50;
const RETRIES = 5;
const RETRY_STATUS = new Set([408, 409, 425, 429]);
/** After so long without one success every event gets a single attempt. */
const GIVE_UP_AFTER_MS = 30 * 60_000;

type Delivery = { hook: Webhook; body: string; identifier: string; flow: 'Primary' | 'Secondary'; attempt: number };

export type WebhookRegistry = {
  readonly list: () => readonly Webhook[];
  readonly add: (hook: Omit<Webhook, 'id' | 'lastUpdated'>) => Webhook;
  readonly remove: (id: number) => boolean;
  readonly clear: () => void;
  readonly tell: (happening: Happening) => void;
  /** Sends what a pause kept back. */
  readonly resume: () => void;
  readonly close: () => void;
};

export function createWebhooks(world: World, port: WebhookPort): WebhookRegistry {
  const hooks: Webhook[] = [];
  const kept: Delivery[] = [];
  const stop = new AbortController();
  const failingSince = new Map<number, number>();

  function headersOf(delivery: Delivery): Record<string, string> {
    const { hook, body, attempt } = delivery;
    const headers: Record<string, string> = {
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'Atlassian Webhook HTTP Client',
      'X-Atlassian-Webhook-Identifier': delivery.identifier,
      'X-Atlassian-Webhook-Flow': delivery.flow,
    };
    if (attempt > 0) headers['X-Atlassian-Webhook-Retry'] = String(attempt - 1 + world.settings.firstRetryNumber);
    if (hook.secret) {
      headers['X-Hub-Signature'] = `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}`;
    }
    return headers;
  }

  async function send(delivery: Delivery): Promise<void> {
    if (world.settings.webhookMode === 'paused') {
      kept.push(delivery);
      return;
    }
    // A hook that was taken away meanwhile is not called any more.
    if (!hooks.includes(delivery.hook)) return;
    const { hook, body } = delivery;
    const status = await port({ url: hook.url, headers: headersOf(delivery), body }).catch(() => null);
    const now = world.clock.now();
    if (status !== null && status < 300) {
      failingSince.delete(hook.id);
      return;
    }
    const since = failingSince.get(hook.id) ?? now;
    failingSince.set(hook.id, since);
    const again = status === null || status >= 500 || RETRY_STATUS.has(status);
    if (!again || delivery.attempt >= RETRIES || now - since > GIVE_UP_AFTER_MS) return;
    const wait = (5 + world.random.next() * 10) * 60_000;
    later(wait, { ...delivery, attempt: delivery.attempt + 1 });
  }

  function later(ms: number, delivery: Delivery): void {
    world.clock.sleep(ms, stop.signal).then(
      () => send(delivery),
      () => {},
    );
  }

  function copies(): number {
    const mode = world.settings.webhookMode;
    if (typeof mode === 'object') return mode.copies;
    if (mode === 'lost') return 0;
    return mode === 'doubled' ? 2 : 1;
  }

  function tell(happening: Happening): void {
    const event = eventOf(happening);
    const flow = 'secondary' in happening && happening.secondary ? 'Secondary' : 'Primary';
    for (const hook of hooks) {
      if (!hook.enabled || !hook.events.includes(event)) continue;
      // An issue that the account cannot see is hidden from its hooks as well.
      if (!canSee(world, world.syncAccount, happening.issue.data)) continue;
      if (!matchesFilter(world, hook.filter, happening.issue.data)) continue;
      const body = hook.excludeBody ? '' : JSON.stringify(bodyOf(world, happening));
      const identifier = `${world.random.hex(4)}-${world.random.hex(2)}-${world.random.hex(2)}-${world.random.hex(6)}`;
      for (let copy = copies(); copy > 0; copy--) {
        const shuffle = world.settings.webhookMode === 'shuffled' ? world.random.next() * world.settings.shuffleMs : 0;
        later(FIRST_DELAY_MS + shuffle, { hook, body, identifier, flow, attempt: 0 });
      }
    }
  }

  function add(hook: Omit<Webhook, 'id' | 'lastUpdated'>): Webhook {
    const added = { ...hook, id: world.next('webhook', 1), lastUpdated: world.clock.now() };
    hooks.push(added);
    return added;
  }

  function remove(id: number): boolean {
    const at = hooks.findIndex((hook) => hook.id === id);
    if (at < 0) return false;
    hooks.splice(at, 1);
    return true;
  }

  function resume(): void {
    for (const delivery of kept.splice(0)) later(FIRST_DELAY_MS, delivery);
  }

  return { list: () => hooks, add, remove, clear: () => hooks.splice(0), tell, resume, close: () => stop.abort() };
}
