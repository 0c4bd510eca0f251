import { expect, it } from 'vitest';
import type { Delivery, Verdict } from '../../../src/connectors/connector.ts';
import type { OutgoingWebhook } from '../../../src/sandbox/http.ts';
import type { Bench, OpenBench } from './bench.ts';

function deliveryOf(webhook: OutgoingWebhook): Delivery {
  const headers = Object.entries(webhook.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { headers: Object.fromEntries(headers), body: Buffer.from(webhook.body, 'utf8') };
}

function receive(bench: Bench, delivery: Delivery, connector = bench.connector): Verdict {
  const verdict = connector.receive?.(delivery, bench.clock.now());
  if (!verdict) throw new Error('the connection cannot be told anything');
  return verdict;
}

async function told(bench: Bench): Promise<OutgoingWebhook[]> {
  await bench.clock.advance(5_000);
  return bench.deliveries.splice(0);
}

function watch(bench: Bench): void {
  bench.site.product.configure({ webhooks: [{ url: bench.webhookUrl }] });
}

export function deliveryCases(open: OpenBench): void {
  it('accepts genuine deliveries and points at the record', async () => {
    const bench = await open();
    watch(bench);
    const { id } = bench.add('Three gaskets');
    bench.edit(id, { note: 'and a spare one' });
    const record = await bench.read(id);
    const at = bench.clock.now();
    bench.remove(id);
    const verdicts = (await told(bench)).map((webhook) => receive(bench, deliveryOf(webhook)));
    expect(verdicts.every(({ accepted }) => accepted)).toBe(true);
    const hints = verdicts.flatMap((verdict) => (verdict.accepted ? verdict.hints : []));
    expect(hints.map((hint) => hint.kind)).toEqual(['changed', 'changed', 'deleted']);
    expect(hints.every((hint) => hint.id === id && hint.entity === bench.spec.entity)).toBe(true);
    // A version that is stated is the version that a read shows: an echo costs no request.
    const version = hints[1]?.version ?? record?.version;
    expect(version).toBe(record?.version);
    for (const verdict of verdicts) {
      if (verdict.accepted && verdict.at !== null) expect(Math.abs(verdict.at - at)).toBeLessThan(2_000);
    }
    await bench.close();
  });

  it('gives a redelivery the same id and another delivery another', async () => {
    const bench = await open();
    watch(bench);
    const [one = '', other = ''] = bench.recordIds();
    bench.edit(one, { note: 'x' });
    bench.edit(other, { note: 'y' });
    const [first, second] = await told(bench);
    const verdicts = [first, first, second].map((webhook) => receive(bench, deliveryOf(webhook as OutgoingWebhook)));
    const ids = verdicts.map((verdict) => (verdict.accepted ? verdict.id : 'refused'));
    expect(ids[0]).toBe(ids[1]);
    if (ids[0] !== null) expect(ids[2]).not.toBe(ids[0]);
    await bench.close();
  });

  it('refuses deliveries without the proof, with another proof, or for another secret', async () => {
    const bench = await open();
    watch(bench);
    const [id = ''] = bench.recordIds();
    bench.edit(id, { note: 'x' });
    const [webhook] = await told(bench);
    const genuine = deliveryOf(webhook as OutgoingWebhook);
    expect(receive(bench, genuine)).toMatchObject({ accepted: true });
    const otherSecret = 'f'.repeat(40);
    const stranger =
      bench.side === 'jira'
        ? bench.connect({ 'webhook-secret': otherSecret })
        : bench.connect({ 'application-token': otherSecret });
    const { proof } = bench.secrets(bench.sandbox);
    const unproven: Delivery =
      proof === null
        ? { ...genuine, headers: { ...genuine.headers, 'x-hub-signature': `sha256=${'0'.repeat(64)}` } }
        : {
            ...genuine,
            body: Buffer.from(Buffer.from(genuine.body).toString().replace(proof, 'f'.repeat(proof.length))),
          };
    const { 'x-hub-signature': _signature, ...unsigned } = genuine.headers;
    const bare: Delivery =
      proof === null ? { ...genuine, headers: unsigned } : { ...genuine, body: Buffer.from('event=ONCRMDEALUPDATE') };
    for (const verdict of [receive(bench, unproven), receive(bench, bare), receive(bench, genuine, stranger)]) {
      expect(verdict).toMatchObject({ accepted: false, reason: expect.stringMatching(/\S/) });
      const said = JSON.stringify(verdict);
      for (const secret of [...bench.secrets(bench.sandbox).shown, otherSecret]) expect(said).not.toContain(secret);
    }
    await bench.close();
  });

  it('refuses every delivery in which one bit of what the proof covers is flipped', async () => {
    const bench = await open();
    watch(bench);
    const [id = ''] = bench.recordIds();
    bench.edit(id, { note: 'x' });
    const [webhook] = await told(bench);
    const genuine = deliveryOf(webhook as OutgoingWebhook);
    const { proof } = bench.secrets(bench.sandbox);
    const body = Buffer.from(genuine.body);
    const start = proof === null ? 0 : body.indexOf(proof);
    const end = proof === null ? body.length : start + proof.length;
    expect(start).toBeGreaterThanOrEqual(0);
    const accepted: number[] = [];
    for (let at = start; at < end; at += 1) {
      const flipped = Buffer.from(body);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      if (receive(bench, { ...genuine, body: flipped }).accepted) accepted.push(at);
    }
    expect(accepted).toEqual([]);
    await bench.close();
  });

  it('takes any bytes at all without falling over', async () => {
    const bench = await open();
    watch(bench);
    const [id = ''] = bench.recordIds();
    bench.edit(id, { note: 'x' });
    const [webhook] = await told(bench);
    const { headers } = deliveryOf(webhook as OutgoingWebhook);
    const bodies = ['', '{', 'null', '[]', '{"issue":{"id":"__proto__"}}', 'a[b][c][d]=1&a=2&=&%zz', '\u0000\uffff'];
    bodies.push('['.repeat(20_000), `${'a[b]'.repeat(5_000)}=1`, Buffer.from([0xc3, 0x28, 0xff]).toString('latin1'));
    for (const body of bodies) {
      const verdict = receive(bench, { headers, body: Buffer.from(body) });
      if (verdict.accepted) expect(verdict.hints).toEqual([]);
    }
    await bench.close();
  });

  it('cannot be told anything where the connection has no secret', async () => {
    const bench = await open();
    const key = bench.side === 'jira' ? 'webhook-secret' : 'application-token';
    expect(bench.connect({ [key]: undefined }).receive).toBeUndefined();
    await bench.close();
  });
}
