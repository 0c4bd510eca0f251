// Outgoing-webhook events. They are hints: sent once, unordered, id only. The endpoints and tokens inside are never used.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Delivery, RemoteHint, Verdict } from '../connector.ts';
import { ENTITIES } from './entities.ts';
import { type FormMap, parseForm, textAt } from './form.ts';

export type EventProof = { readonly applicationToken: string; readonly memberId: string | null };

const MAX_ID = /^[1-9]\d{0,14}$/;

export function receiveEvent(delivery: Delivery, proof: EventProof): Verdict {
  const type = delivery.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return refused('not a form');
  const form = parseForm(delivery.body);
  if (form === null) return refused('not an event of Bitrix24');
  if (!sameSecret(textAt(form, 'auth', 'application_token'), proof.applicationToken)) {
    return refused('wrong application token');
  }
  if (proof.memberId !== null && !sameSecret(textAt(form, 'auth', 'member_id'), proof.memberId)) {
    return refused('event of another portal');
  }
  return { accepted: true, id: null, at: sentAt(form), hints: hintsOf(form) };
}

function refused(reason: string): Verdict {
  return { accepted: false, reason };
}

/** Digests have one length, so the comparison takes the same time whatever was sent. */
function sameSecret(given: string | null, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(wanted)) && given !== null;
}

function sentAt(form: FormMap): number | null {
  const ts = textAt(form, 'ts');
  return ts !== null && /^\d{1,12}$/.test(ts) ? Number(ts) * 1000 : null;
}

/** Codes come in any letter case. Events of other kinds (timeline, activities, user fields) are none of ours. */
function hintsOf(form: FormMap): readonly RemoteHint[] {
  const code = (textAt(form, 'event') ?? '').toUpperCase();
  const id = textAt(form, 'data', 'FIELDS', 'ID');
  if (id === null || !MAX_ID.test(id)) return [];
  for (const { name, eventCode } of ENTITIES) {
    if (!code.startsWith(`ONCRM${eventCode}`)) continue;
    const verb = code.slice(`ONCRM${eventCode}`.length);
    // A move to another pipeline raises no UPDATE (Bitrix24 docs: deal events).
    if (verb === 'ADD' || verb === 'UPDATE' || verb === 'MOVETOCATEGORY') {
      return [{ entity: name, id, kind: 'changed', version: null }];
    }
    if (verb === 'DELETE') return [{ entity: name, id, kind: 'deleted', version: null }];
  }
  return [];
}
