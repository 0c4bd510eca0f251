// What the covered files are asked, so that each of their branches is taken at least once. That the answers are right is
// shown elsewhere (test/unit, test/fuzz); here they only must come.

import { readCursor, writeCursor } from '../../src/connectors/bitrix24/cursor.ts';
import { parseForm, textAt } from '../../src/connectors/bitrix24/form.ts';
import { hintOf, receiveEvent } from '../../src/connectors/bitrix24/webhook.ts';
import { cursorText, parseCursor } from '../../src/connectors/jira/cursor.ts';
import { receive } from '../../src/connectors/jira/webhook.ts';
import { SIDES, type Side, type Value } from '../../src/model.ts';
import type { Direction, ProfileField } from '../../src/profiles/profile.ts';
import { type Decision, mergeField } from '../../src/sync/merge.ts';
import { mayWrite } from '../../src/sync/policy.ts';
import { intentKey, markedId, syncKey } from '../../src/sync/sync-key.ts';
import { chanceOf } from '../support/cases.ts';
import { maybe, pick } from '../support/hostile.ts';
import { brokenField, countriesField, noteField, POLICIES } from '../support/merge-fields.ts';
import { RANDOM_FIELDS } from '../support/random-fields.ts';

const DIRECTIONS: readonly Direction[] = ['both', 'both', 'to-crm', 'to-jira'];
const CASES = 30_000;

export function coverMerge(): void {
  for (let at = 0; at < CASES; at += 1) {
    const chance = chanceOf(at);
    const one = pick(chance, RANDOM_FIELDS);
    const value = (side: Side): Value => one.valueFor(chance, side);
    const base = { jira: value('jira'), crm: value('crm') };
    const now = (side: Side) => (maybe(chance, 0.4) ? base[side] : value(side));
    const field: ProfileField = {
      ...one.field,
      direction: pick(chance, DIRECTIONS),
      on: pick(chance, ['always', 'always', 'create', 'update'] as const),
      initial: pick(chance, ['fill-empty', 'jira', 'crm'] as const),
      conflict: pick(chance, POLICIES),
    };
    const decisions: readonly (Decision | null)[] = [
      null,
      null,
      { side: 'jira' },
      { side: 'crm' },
      { value: value('crm') },
    ];
    const input = {
      jira: maybe(chance, 0.02) ? undefined : now('jira'),
      crm: maybe(chance, 0.02) ? undefined : now('crm'),
      base: maybe(chance, 0.3) ? null : base,
      decision: pick(chance, decisions),
      filled: maybe(chance, 0.1),
    };
    const lead = pick(chance, [-1e7, 0, 1e7]);
    mergeField(field, input, { changedAt: { jira: 1e12 + lead, crm: 1e12 } });
  }
  for (const direction of DIRECTIONS) for (const side of SIDES) mayWrite(direction, side);
  for (const more of [{}, { initial: 'jira' as const }]) expectThrow(() => mergeBroken(brokenField(more)));
  // A mapper may break at any of its calls: when values are compared, when one is carried, member by member.
  for (let call = 0; call < 6; call += 1) {
    if (call < 3) expectThrow(() => mergeBroken(breaksAt(call, noteField())));
    expectThrow(() =>
      mergeBroken(breaksAt(call, { ...countriesField(), conflict: { kind: 'merge' } }), ['81', '82'], ['2']),
    );
  }
}

/** Works for so many calls, and then has a bug. */
function breaksAt(call: number, field: ProfileField): ProfileField {
  let calls = 0;
  const translate = (value: Value, from: Side): Value => {
    calls += 1;
    if (calls > call) throw new TypeError('a bug');
    return field.mapper.translate(value, from);
  };
  return {
    ...field,
    conflict: field.conflict.kind === 'hold' ? { kind: 'crm' } : field.conflict,
    mapper: { ...field.mapper, translate },
  };
}

function mergeBroken(field: ProfileField, crm: Value = 'a', jira: Value = 'b'): void {
  const input = { jira, crm, base: { jira: null, crm: null }, decision: null };
  mergeField(field, input, { changedAt: { jira: 0, crm: 0 } });
}

function expectThrow(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
  throw new Error('a bug in a mapper was swallowed');
}

export function coverCursors(): void {
  for (const text of [null, '', 'since:5', 'since:5:x', 'all:5', 'all:5:token', 'x']) parseCursor(text);
  cursorText({ kind: 'since', since: -1 });
  cursorText({ kind: 'all', since: 5.5, token: 't' });
  readCursor(null);
  readCursor(writeCursor({ since: null, afterId: 0, next: null }));
  readCursor(writeCursor({ since: 5, afterId: 7, next: 9 }));
  expectThrow(() => void readCursor('since:5'));
  const key = syncKey('jira', 'issue', '7');
  intentKey({ connection: 'crm', entity: 'deal' }, 'site', key);
  const marks = [
    null,
    { key, tenant: 'other' },
    { key: 'crm-deal-7', tenant: 'site' },
    { key: 'issue-x', tenant: 'site' },
  ];
  for (const mark of [...marks, { key, tenant: 'site' }]) markedId(mark, 'jira', 'issue', 'site');
  syncKey('crm', 'deal', '7');
}

export function coverSignatures(digest: (body: Uint8Array, secret: string) => string): void {
  const secret = 'nordhafen-webhook-secret-of-forty-letters';
  const issue = { id: '7', fields: { updated: '2026-11-20T14:03:21.417+0100' } };
  const bodies: readonly unknown[] = [
    { webhookEvent: 'jira:issue_updated', issue, timestamp: 5 },
    { webhookEvent: 'jira:issue_updated', issue: { id: 7, fields: { updated: 7 } } },
    { webhookEvent: 'jira:issue_updated', issue: { id: 7, fields: { updated: 'soon' } } },
    { webhookEvent: 'jira:issue_updated', issue: 'x', timestamp: 'x', comment: 'x' },
    { webhookEvent: 'jira:issue_created', issue: { id: '7', fields: 'x' } },
    { webhookEvent: 'jira:issue_deleted', issue },
    { webhookEvent: 'jira:issue_deleted' },
    { webhookEvent: 'comment_created', issue },
    { webhookEvent: 'comment_created', comment: { self: 'https://x/rest/api/2/issue/7/comment/1' } },
    { webhookEvent: 'comment_created', comment: { self: 7 } },
    { webhookEvent: 'comment_created' },
    { webhookEvent: 'other' },
    { webhookEvent: 7 },
    '{"webhookEvent":"x","__proto__":{}}',
    '{',
  ];
  for (const one of bodies) {
    const body = Buffer.from(typeof one === 'string' ? one : JSON.stringify(one));
    const signature = `sha256=${digest(body, secret)}`;
    for (const identifier of ['', 'd-1']) {
      receive({ headers: { 'x-hub-signature': signature, 'x-atlassian-webhook-identifier': identifier }, body }, [
        secret,
      ]);
    }
    receive({ headers: { 'x-hub-signature': signature }, body }, ['another', secret]);
  }
  for (const headers of [{}, { 'x-hub-signature': 'sha1=00' }, { 'x-hub-signature': `sha256=${'0'.repeat(64)}` }]) {
    receive({ headers: headers as Record<string, string>, body: Buffer.from('{}') }, [secret]);
  }
  coverEvents();
}

function coverEvents(): void {
  const proof = { applicationToken: 'token', memberId: 'member' };
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const auth = 'auth[application_token]=token&auth[member_id]=member';
  const forms = [
    `event=ONCRMDEALADD&data[FIELDS][ID]=7&ts=5&${auth}`,
    `event=ONCRMDEALADD&data[FIELDS][ID]=7&ts=soon&${auth}`,
    `event=ONCRMDEALADD&data[FIELDS][ID]=7&${auth}`,
    `event=ONCRMDEALADD&data[FIELDS][ID]=x&${auth}`,
    auth,
    'auth[application_token]=token&auth[member_id]=other',
    'auth[application_token]=token',
    'auth[application_token]=other',
    'auth=1',
    'a[b][c][d][e][f]=1',
    'a=1&a=2',
    'a=1&a[b]=2',
    'a[b]=2&a=1',
    'a[]=1&a[]=2',
    'a[b=1',
    Array.from({ length: 201 }, (_, at) => `k${at}=1`).join('&'),
    `a=${'x'.repeat(70_000)}`,
  ];
  for (const form of forms) {
    const body = Buffer.from(form);
    receiveEvent({ headers: type, body }, proof);
    receiveEvent({ headers: type, body }, { ...proof, memberId: null });
    receiveEvent({ headers: {}, body }, proof);
    const parsed = parseForm(body);
    if (parsed !== null)
      for (const path of [['a'], ['a', 'b'], ['a', 'b', 'c'], ['none', 'x']]) textAt(parsed, ...path);
  }
  for (const verb of ['ADD', 'UPDATE', 'MOVETOCATEGORY', 'DELETE', 'OTHER']) hintOf(`onCrmDeal${verb}`, '7');
  for (const event of ['ONCRMLEADADD', 'ONTASKADD', '']) for (const id of [null, '', '0', '7']) hintOf(event, id);
}
