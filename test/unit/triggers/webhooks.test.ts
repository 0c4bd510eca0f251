import { describe, expect, it } from 'vitest';
import type { Delivery, Verdict } from '../../../src/connectors/connector.ts';
import type { Log } from '../../../src/ports.ts';
import type { DirtyMark } from '../../../src/state/store.ts';
import { createMetrics } from '../../../src/triggers/metrics.ts';
import { createWebhookHandlers, OLDEST_DELIVERY_MS } from '../../../src/triggers/webhooks.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const NOW = Date.parse('2026-11-21T09:00:00Z');
const SECRET_BODY = 'forged';

type Stored = { id: string | null; marks: readonly DirtyMark[]; now: number };

/** Accepts JSON deliveries of the shape {id, at, hints}; refuses a body that says `forged`. */
function receive(delivery: Delivery): Verdict {
  const text = Buffer.from(delivery.body).toString('utf8');
  if (text === SECRET_BODY) return { accepted: false, reason: 'the signature does not fit the body' };
  const { id = null, at = null, hints = [] } = JSON.parse(text);
  return { accepted: true, id, at, hints };
}

function setUp(accept?: (stored: Stored) => Promise<{ duplicate: boolean }>) {
  const stored: Stored[] = [];
  const lines: { message: string; details: unknown }[] = [];
  const write = (message: string, details?: unknown) => void lines.push({ message, details });
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  const rings: number[] = [];
  const metrics = createMetrics();
  const handlers = createWebhookHandlers({
    connections: [
      { name: 'jira', side: 'jira', receive },
      { name: 'portal', side: 'crm', receive },
    ],
    profilesFor: (connection, entity) => {
      if (connection === 'jira' && entity === 'issue')
        return [
          { profile: 'buying', side: 'jira' },
          { profile: 'ops', side: 'jira' },
        ];
      return entity === 'deal' ? [{ profile: 'buying', side: 'crm' }] : [];
    },
    store: {
      async acceptDelivery(id, marks, now) {
        const one = { id, marks, now };
        const answer = accept
          ? await accept(one)
          : { duplicate: id !== null && stored.some((other) => other.id === id) };
        if (!answer.duplicate) stored.push(one);
        return answer;
      },
    },
    clock: createVirtualClock(NOW),
    log,
    metrics,
    onHint: () => rings.push(stored.length),
  });
  const send = (connection: string, body: unknown) =>
    handlers.handle(connection, {
      headers: {},
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    });
  return { send, stored, lines, rings, metrics };
}

const hint = { entity: 'issue', id: '10007', kind: 'changed', version: 'v3' };

describe('a webhook', () => {
  it('becomes one durable mark per profile that looks at the record, and rings afterwards', async () => {
    const { send, stored, rings } = setUp();
    expect(await send('jira', { id: 'd1', at: NOW, hints: [hint] })).toEqual({ status: 200, body: 'ok' });
    const mark = { side: 'jira', id: '10007', lane: 'live', cause: 'webhook', version: 'v3' };
    expect(stored).toEqual([
      {
        id: 'jira:d1',
        now: NOW,
        marks: [
          { ...mark, profile: 'buying' },
          { ...mark, profile: 'ops' },
        ],
      },
    ]);
    expect(rings).toEqual([1]);
  });
  it('of the CRM is an event', async () => {
    const { send, stored } = setUp();
    await send('portal', { hints: [{ entity: 'deal', id: '7', kind: 'deleted', version: null }] });
    expect(stored[0]).toMatchObject({ id: null, marks: [{ profile: 'buying', side: 'crm', id: '7', cause: 'event' }] });
  });
  it('with several hints about one record leaves one mark with the newest version', async () => {
    const { send, stored } = setUp();
    await send('portal', {
      hints: [1, 3, 2].map((n) => ({ entity: 'deal', id: '7', kind: 'changed', version: `v${n}` })),
    });
    expect(stored[0]?.marks).toMatchObject([{ id: '7', version: 'v3' }]);
  });
  it('that tells of a deletion and, of the same record, of something else still tells of the deletion', async () => {
    const { send, stored } = setUp();
    await send('portal', {
      hints: ['changed', 'deleted', 'changed'].map((kind) => ({ entity: 'deal', id: '7', kind, version: null })),
    });
    expect(stored[0]?.marks).toMatchObject([{ id: '7', deleted: true }]);
  });
  it('with a hint that tells no version leaves none: an echo must not hide it', async () => {
    const { send, stored } = setUp();
    await send('portal', {
      hints: [null, 'v2'].map((version) => ({ entity: 'deal', id: '7', kind: 'changed', version })),
    });
    expect(stored[0]?.marks).toMatchObject([{ id: '7', version: null }]);
  });
  it('about nothing we look at is answered with 200 and rings nobody', async () => {
    const { send, rings } = setUp();
    expect((await send('jira', { hints: [{ ...hint, entity: 'board' }] })).status).toBe(200);
    expect(rings).toEqual([]);
  });
  it('is answered only after the store has it', async () => {
    let commit: (answer: { duplicate: boolean }) => void = () => {};
    const { send, rings } = setUp(
      () =>
        new Promise((resolve) => {
          commit = resolve;
        }),
    );
    let answered = false;
    const answer = send('jira', { hints: [hint] }).then((value) => {
      answered = true;
      return value;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([answered, rings]).toEqual([false, []]);
    commit({ duplicate: false });
    expect((await answer).status).toBe(200);
  });
  it('that the store cannot take is answered with 503 and a time to come back', async () => {
    const { send, rings, lines } = setUp(async () => {
      throw new Error('disk full');
    });
    const answer = await send('jira', { hints: [hint] });
    expect(answer).toEqual({ status: 503, headers: { 'retry-after': '30' }, body: 'try again' });
    expect(rings).toEqual([]);
    expect(lines[0]?.message).toBe('webhook could not be stored');
  });
  it('that comes five times is stored once and answered five times with 200', async () => {
    const { send, stored, rings, metrics } = setUp();
    for (let n = 0; n < 5; n += 1) expect((await send('jira', { id: 'd1', hints: [hint] })).status).toBe(200);
    expect([stored.length, rings.length]).toEqual([1, 1]);
    const text = await metrics.text();
    expect(text).toContain('webhook_duplicate_total{connection="jira"} 4');
    expect(text).toContain('webhook_received_total{connection="jira",verdict="accepted"} 1');
    expect(text).toContain('hints_total{cause="webhook"} 2');
  });
  it('with the id of another connection is no repeat', async () => {
    const { send, stored } = setUp();
    await send('jira', { id: 'd1', hints: [hint] });
    await send('portal', { id: 'd1', hints: [] });
    expect(stored.map((one) => one.id)).toEqual(['jira:d1', 'portal:d1']);
  });
  it('older than 48 hours is answered with 200 and ignored', async () => {
    const { send, stored } = setUp();
    expect((await send('jira', { at: NOW - OLDEST_DELIVERY_MS - 1, hints: [hint] })).status).toBe(200);
    expect(stored).toEqual([]);
    await send('jira', { at: NOW - OLDEST_DELIVERY_MS, hints: [hint] });
    expect(stored).toHaveLength(1);
  });
  it('that is forged gets 401 without a reason; the log has it', async () => {
    const { send, stored, lines } = setUp();
    const answer = await send('jira', SECRET_BODY);
    expect(answer.status).toBe(401);
    expect(answer.body).not.toContain('signature');
    expect(lines).toEqual([
      { message: 'webhook refused', details: { connection: 'jira', reason: 'the signature does not fit the body' } },
    ]);
    expect(stored).toEqual([]);
  });
  it('for a connection nobody knows gets 404 and no label of its own', async () => {
    const { send, metrics } = setUp();
    expect((await send('nobody-42', { hints: [hint] })).status).toBe(404);
    expect((await send('__proto__', { hints: [hint] })).status).toBe(404);
    const text = await metrics.text();
    expect(text).toContain('webhook_received_total{connection="unknown",verdict="unknown"} 2');
    expect(text).not.toContain('nobody-42');
  });
  it('whose body cannot be read is answered with 200, logged, and not stored', async () => {
    const { send, stored, lines } = setUp();
    expect((await send('jira', '{"broken":')).status).toBe(200);
    expect(stored).toEqual([]);
    expect(lines[0]?.message).toBe('webhook could not be read');
  });
});
