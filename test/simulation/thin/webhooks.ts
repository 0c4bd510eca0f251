// Who is told of a change, and what happens when nobody answers: Jira sends again five times, five to fifteen minutes
// apart, under the same id; Bitrix24 sends once.
import type { Side } from '../../../src/model.ts';
import type { Clock, Random } from '../../../src/ports.ts';
import type { WebhookMode } from '../script/script.ts';

export type Delivery = {
  readonly side: Side;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const DELAY_MS = 50;
const SHUFFLE_MS = 5_000;
const RETRIES = 5;

export function createSender(options: {
  readonly side: Side;
  readonly clock: Clock;
  readonly random: Random;
  /** Answers a status; rejects when nobody listens. */
  readonly deliver: (delivery: Delivery) => Promise<number>;
}) {
  const { side, clock, random, deliver } = options;
  let mode: WebhookMode = 'normal';
  let held: (() => void)[] = [];
  let ids = 0;

  function later(ms: number, delivery: Delivery, attempt: number): void {
    clock.sleep(ms).then(
      () => send(delivery, attempt),
      () => {},
    );
  }

  async function send(delivery: Delivery, attempt: number): Promise<void> {
    if (mode === 'paused') {
      held.push(() => later(DELAY_MS, delivery, attempt));
      return;
    }
    const status = await deliver(delivery).catch(() => null);
    if (side === 'crm' || attempt >= RETRIES) return;
    if (status === null || status >= 500) later((5 + random.next() * 10) * 60_000, delivery, attempt + 1);
  }

  return {
    tell(id: string, kind: 'changed' | 'deleted', version: string | null): void {
      if (mode === 'lost') return;
      ids += 1;
      const headers: Record<string, string> = side === 'jira' ? { 'x-id': `delivery-${ids}` } : {};
      const delivery = { side, headers, body: JSON.stringify({ id, kind, version, at: clock.now() }) };
      for (let copy = mode === 'doubled' ? 2 : 1; copy > 0; copy -= 1) {
        later(DELAY_MS + (mode === 'shuffled' ? random.next() * SHUFFLE_MS : 0), delivery, 0);
      }
    },
    set(next: WebhookMode): void {
      mode = next;
      if (mode === 'paused') return;
      for (const go of held) go();
      held = [];
    },
  };
}
