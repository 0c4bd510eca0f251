// G20: deliveries that somebody else made, or changed on the way. None is believed, whatever it looks like.
import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { receiveEvent } from '../../src/connectors/bitrix24/webhook.ts';
import type { Delivery } from '../../src/connectors/connector.ts';
import { receive } from '../../src/connectors/jira/webhook.ts';
import type { Random } from '../../src/ports.ts';
import { grouped, prove } from '../support/cases.ts';
import { below, damageBytes, damageText, hostileText, maybe, pick, randomBytes } from '../support/hostile.ts';

const SECRET = 'nordhafen-webhook-secret-of-forty-letters';
const BODY = Buffer.from(
  JSON.stringify({
    timestamp: 1795179601000,
    webhookEvent: 'jira:issue_updated',
    issue: { id: '10401', key: 'BUY-1', fields: { summary: 'Насос', updated: '2026-11-20T14:03:21.417+0100' } },
  }),
);

function sign(body: Uint8Array, secret = SECRET, method = 'sha256'): string {
  return `${method}=${createHmac(method, secret).update(body).digest('hex')}`;
}

const SIGNATURE = sign(BODY);

function forgedDigest(chance: Random): string {
  const at = below(chance, 64);
  const digest = SIGNATURE.slice(7);
  const flipped = (Number.parseInt(digest[at] ?? '0', 16) ^ (1 + below(chance, 15))).toString(16);
  return pick(chance, [
    () => `sha256=${digest.slice(0, at)}${flipped}${digest.slice(at + 1)}`,
    () => `sha256=${randomBytes(chance, 32).toString('hex')}`,
    () => `sha256=${digest.slice(0, at)}`,
    () => `sha256=${digest}${digest.slice(0, 1 + at)}`,
    () => sign(BODY, SECRET, pick(chance, ['sha1', 'sha512', 'md5'])),
    () => sign(BODY, damageText(chance, SECRET)),
    () => `${pick(chance, ['sha1', 'none', 'sha512', 'SHA-256', ''])}=${digest}`,
    () => digest,
    () => `${SIGNATURE}, ${SIGNATURE}`,
    () => `sha256=${Buffer.from(digest, 'hex').toString('base64')}`,
    () => `${SIGNATURE}${pick(chance, ['\n', ' ', '\0', '%00', ';'])}`,
    () => hostileText(chance),
    () => '',
  ])();
}

it('takes no delivery of Jira whose signature or body was changed or invented', async () => {
  expect(receive({ headers: { 'x-hub-signature': SIGNATURE }, body: BODY }, [SECRET]).accepted).toBe(true);
  const proof = {
    goal: 'G20',
    what: 'forged or changed deliveries of Jira (T1)',
    cases: [100_000, 1_000_000],
    file: import.meta.url,
    reached: (cases: number) => `0 of ${grouped(cases)} accepted`,
  } as const;
  await prove(proof, (chance) => {
    const changed = maybe(chance, 0.5) ? damageBytes(chance, BODY) : BODY;
    const untouched = BODY.equals(changed);
    const headers: Record<string, string> = untouched ? {} : { 'x-hub-signature': SIGNATURE };
    if (untouched)
      headers[pick(chance, ['x-hub-signature', 'x-hub-signature-256', 'authorization'])] = forgedDigest(chance);
    // A forged digest may be the right one by its damage: then nothing was forged.
    if (untouched && headers['x-hub-signature'] === SIGNATURE) return;
    const verdict = receive({ headers, body: changed }, [SECRET]);
    if (verdict.accepted) throw new Error(`accepted: ${JSON.stringify(headers)} ${Buffer.from(changed).toString()}`);
  });
});

it('notices every single bit that differs, in the body and in the signature', () => {
  for (let bit = 0; bit < BODY.length * 8; bit += 1) {
    const forged = Buffer.from(BODY);
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(receive({ headers: { 'x-hub-signature': SIGNATURE }, body: forged }, [SECRET]).accepted).toBe(false);
  }
  const digest = Buffer.from(SIGNATURE.slice(7), 'hex');
  for (let bit = 0; bit < digest.length * 8; bit += 1) {
    const forged = Buffer.from(digest);
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const headers = { 'x-hub-signature': `sha256=${forged.toString('hex')}` };
    expect(receive({ headers, body: BODY }, [SECRET]).accepted).toBe(false);
  }
});

const PROOF = { applicationToken: 'a70b9d3e5c1f4286bd90e4c7f1a2358b', memberId: '5d2f0c9a7be14c3f8a61d4e07b93c258' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

function event(token: readonly string[], member: readonly string[]): Delivery {
  const form = new URLSearchParams({ event: 'ONCRMDEALUPDATE', 'data[FIELDS][ID]': '742', ts: '1794988951' });
  for (const text of token) form.append('auth[application_token]', text);
  for (const text of member) form.append('auth[member_id]', text);
  return { headers: FORM, body: Buffer.from(form.toString()) };
}

function forgedEvent(chance: Random): Delivery {
  const token = () => {
    const changed = maybe(chance, 0.7) ? damageText(chance, PROOF.applicationToken) : hostileText(chance);
    return changed.toWellFormed() === PROOF.applicationToken ? `${changed}0` : changed;
  };
  const { applicationToken: real, memberId: home } = PROOF;
  const other = pick(chance, [
    home.toUpperCase(),
    `${home} `,
    randomBytes(chance, 16).toString('hex'),
    '',
    `${home}\0`,
  ]);
  return pick(chance, [
    () => event([token()], [home]),
    () => event([], [home]),
    () => event([real], [other]),
    () => event([real], []),
    // PHP takes the last of two, others the first: neither is believed.
    () => event([real, token()], [home]),
    () => event([token(), real], [home]),
    () => event([real], [home, other]),
    () => ({ headers: FORM, body: Buffer.from(`auth=${real}&auth[member_id]=${home}&event=ONCRMDEALUPDATE`) }),
    () => ({ headers: FORM, body: Buffer.from(`auth[application_token][]=${real}&auth[member_id]=${home}`) }),
    () => ({ headers: FORM, body: Buffer.from(`application_token=${real}&member_id=${home}`) }),
    () => ({
      ...event([real], [home]),
      headers: { 'content-type': pick(chance, ['application/json', 'text/plain', '']) },
    }),
    () => ({
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ auth: { application_token: real, member_id: home } })),
    }),
    () => ({ headers: FORM, body: randomBytes(chance, below(chance, 200)) }),
  ])();
}

it('takes no event of Bitrix24 whose token or portal was changed or invented', async () => {
  expect(receiveEvent(event([PROOF.applicationToken], [PROOF.memberId]), PROOF).accepted).toBe(true);
  const proof = {
    goal: 'G20',
    what: 'forged events of Bitrix24 (T2)',
    cases: [100_000, 1_000_000],
    file: import.meta.url,
    reached: (cases: number) => `0 of ${grouped(cases)} accepted`,
  } as const;
  await prove(proof, (chance) => {
    const delivery = forgedEvent(chance);
    if (!receiveEvent(delivery, PROOF).accepted) return;
    throw new Error(`accepted: ${JSON.stringify(delivery.headers)} ${Buffer.from(delivery.body).toString()}`);
  });
});
