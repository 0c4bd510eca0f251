// Outgoing-webhook events. They are hints: sent once, unordered, id only. The endpoints and tokens inside are never used.
import { hash, timingSafeEqual } from 'node:crypto';
import type { Delivery, RemoteHint, Verdict } from '../connector.ts';
import { ENTITIES } from './entities.ts';
import { type FormMap, parseForm, textAt } from './form.ts';

export type EventProof = { readonly applicationToken: string; readonly memberId: string | null };

const MAX_ID = /^[1-9]\d{0,14}$/;

export function receiveEvent(delivery: Delivery, proof: EventProof): Verdict {
  const form = formOf(delivery);
  if (form === null) return refused('not an event of Bitrix24');
  const doubt = doubtOf(form, proof);
  if (doubt !== null) return refused(doubt);
  const hint = hintOf(textAt(form, 'event') ?? '', textAt(form, 'data', 'FIELDS', 'ID'));
  return { accepted: true, id: null, at: sentAt(form), hints: hint === null ? [] : [hint] };
}

export function formOf(delivery: Delivery): FormMap | null {
  const type = delivery.headers['content-type'] ?? '';
  return /^application\/x-www-form-urlencoded\b/i.test(type) ? parseForm(delivery.body) : null;
}

/** Why it is not believed; null when it is. */
export function doubtOf(form: FormMap, proof: EventProof): string | null {
  if (!sameSecret(textAt(form, 'auth', 'application_token'), proof.applicationToken)) return 'wrong application token';
  if (proof.memberId === null || sameSecret(textAt(form, 'auth', 'member_id'), proof.memberId)) return null;
  return 'event of another portal';
}

function refused(reason: string): Verdict {
  return { accepted: false, reason };
}

/** Digests have one length, so the comparison takes the same time whatever was sent. */
function sameSecret(given: string | null, wanted: string): boolean {
  const digest = (text: string) => hash('sha256', text, 'buffer');
  return timingSafeEqual(digest(given ?? ''), digest(wanted)) && given !== null;
}

function sentAt(form: FormMap): number | null {
  const ts = textAt(form, 'ts');
  return ts !== null && /^\d{1,12}$/.test(ts) ? Number(ts) * 1000 : null;
}

/** Codes come in any letter case. Events of other kinds (timeline, activities, user fields) are none of ours. */
export function hintOf(event: string, id: string | null): RemoteHint | null {
  const code = event.toUpperCase();
  if (id === null || !MAX_ID.test(id)) return null;
  for (const { name, eventCode } of ENTITIES) {
    if (!code.startsWith(`ONCRM${eventCode}`)) continue;
    const verb = code.slice(`ONCRM${eventCode}`.length);
    // A move to another pipeline raises no UPDATE (Bitrix24 docs: deal events).
    if (verb === 'ADD' || verb === 'UPDATE' || verb === 'MOVETOCATEGORY') {
      return { entity: name, id, kind: 'changed', version: null };
    }
    if (verb === 'DELETE') return { entity: name, id, kind: 'deleted', version: null };
  }
  return null;
}
