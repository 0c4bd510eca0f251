// What the products are asked, and how their answers are read.
import type { Bug } from '../bug.ts';

const JIRA = { cases: 'test/contract/jira.test.ts' } as const;
const BITRIX24 = { cases: 'test/contract/bitrix24.test.ts' } as const;
const SIGNATURES = { cases: 'test/fuzz/signatures.test.ts' } as const;
const COALESCE = { cases: 'test/unit/connectors/coalesce.test.ts' } as const;
const JIRA_CHANGES = 'src/connectors/jira/changes.ts';
const BATCH = 'src/connectors/bitrix24/batch.ts';

export const CONNECTOR_BUGS: readonly Bug[] = [
  {
    id: 'cursor/no-overlap',
    what: "The cursor goes up to the server's time: what its index shows later is never listed.",
    file: JIRA_CHANGES,
    at: 'ceiling ??= «page.serverTime - overlapMs»;',
    wrong: 'page.serverTime',
    hunt: JIRA,
  },
  {
    id: 'batch/answers-by-position',
    what: 'Answers are taken in their order, so that after a failure each command gets the answer of the next.',
    file: BATCH,
    at: 'const answer = { result: «results[key]», total',
    wrong: 'Object.values(results)[index]',
    hunt: BITRIX24,
  },
  {
    id: 'batch/cut-means-refused',
    what: 'Commands that a batch did not come to, or did not answer, count as refused.',
    file: BATCH,
    at: "outcomes.push(«{ kind: 'not-run' }»);",
    wrong: "{ kind: 'failed', failure: failureIn({ error: 'NOT_RUN', error_description: '' }, null) }",
    hunt: { cases: 'test/unit/connectors/bitrix24/batch.test.ts' },
  },
  {
    id: 'batch/empty-vanishes',
    what: 'An empty list in a batch vanishes on the way: the field keeps its value.',
    file: BATCH,
    at: 'return «inner.length === 0 || inner.some(losesMeaning)»;',
    wrong: 'inner.some(losesMeaning)',
    hunt: { cases: 'test/unit/connectors/bitrix24/batch.test.ts' },
  },
  {
    id: 'batch/bulk-create-shifted',
    what: 'Of a bulk create with one refusal the issues after it are given to their neighbours.',
    file: 'src/connectors/jira/create.ts',
    at: 'const success = «failure ? undefined : created.next().value»;',
    wrong: 'answer.issues[at]',
    hunt: JIRA,
  },
  {
    id: 'batch/coalesced-answers-shifted',
    what: 'Asks that left together get the answers of one another.',
    file: 'src/connectors/coalesce.ts',
    at: 'settle(entry, «outcomes[at]» ?? {',
    wrong: 'outcomes[batch.length - 1 - at]',
    hunt: COALESCE,
  },
  {
    id: 'coalesce/joins-what-has-left',
    what: 'Whoever asks while the same ask is under way gets its answer, which may be from before a write.',
    file: 'src/connectors/coalesce.ts',
    at: '⟪forget(entry);⟫\n      for',
    wrong: '',
    also: [
      {
        file: 'src/connectors/coalesce.ts',
        at: 'for (const asker of entry.askers) asker.answer(outcome);',
        wrong: 'forget(entry); for (const asker of entry.askers) asker.answer(outcome);',
      },
    ],
    hunt: COALESCE,
  },
  {
    id: 'coalesce/writes-share-an-answer',
    what: 'Two creates that are alike leave as one.',
    file: 'src/connectors/jira/create.ts',
    at: 'keyOf: «() => null»,',
    wrong: '({ body }) => JSON.stringify(body.fields.project)',
    hunt: JIRA,
  },
  {
    id: 'lookup/search-is-proof',
    what: 'What the lagging search does not show counts as never created.',
    file: 'src/connectors/jira/look-up.ts',
    at: "const found = «next.filter((record) => record.marker?.key === key && record.marker.tenant !== '')»;",
    wrong: '[]',
    hunt: JIRA,
  },
  {
    id: 'lookup/sure-too-early',
    what: 'A create that may still be carried out counts as never carried out.',
    file: 'src/connectors/bitrix24/look-up.ts',
    at: 'const certain = «clock.now() >= over»;',
    wrong: 'true',
    hunt: BITRIX24,
  },
  {
    id: 'read/window-not-seen',
    what: 'What stood there right before our write is not read.',
    file: 'src/connectors/bitrix24/update.ts',
    at: 'const before = decodeAll(touched, «itemIn(first) ?? {}», schema);',
    wrong: '{}',
    hunt: BITRIX24,
  },
  {
    id: 'signature/unsigned-accepted',
    what: 'A delivery of Jira without a signature is believed.',
    file: 'src/connectors/jira/webhook.ts',
    at: "if («signature === undefined») return { accepted: false, reason: 'the delivery is not signed' };",
    wrong: 'false',
    also: [
      {
        file: 'src/connectors/jira/webhook.ts',
        at: 'if («!secrets.some((secret) => isSignedWith(secret, signature, delivery.body))») {',
        wrong: 'signature !== undefined && !secrets.some((secret) => isSignedWith(secret, signature, delivery.body))',
      },
    ],
    hunt: SIGNATURES,
  },
  {
    id: 'signature/any-length',
    what: 'A signature is compared as far as it goes.',
    file: 'src/connectors/jira/webhook.ts',
    at: "return «timingSafeEqual(expected, Buffer.from(match[1], 'hex'))»;",
    wrong: "timingSafeEqual(expected.subarray(0, 1), Buffer.from(match[1], 'hex').subarray(0, 1))",
    hunt: SIGNATURES,
  },
  {
    id: 'signature/other-portal',
    what: 'An event of another portal is believed.',
    file: 'src/connectors/bitrix24/webhook.ts',
    at: "if («proof.memberId === null || sameSecret(textAt(form, 'auth', 'member_id'), proof.memberId)») return null;",
    wrong: 'true',
    hunt: SIGNATURES,
  },
  {
    id: 'limit/pause-not-kept',
    what: 'A product that asked for a pause is asked on.',
    file: 'src/connectors/limiter.ts',
    at: 'if («held > 0») return held;',
    wrong: 'false',
    hunt: { cases: 'test/unit/connectors/limiter.test.ts' },
  },
  {
    id: 'limit/seconds-as-milliseconds',
    what: 'The Retry-After of Bitrix24, in seconds, is read as milliseconds.',
    file: 'src/connectors/bitrix24/client.ts',
    at: "return «(numberOf(headers['retry-after']) ?? 0) * 1000»;",
    wrong: "numberOf(headers['retry-after']) ?? 0",
    hunt: BITRIX24,
  },
  {
    id: 'limit/seconds-as-milliseconds-in-jira',
    what: 'The Retry-After of Jira, in seconds, is read as milliseconds.',
    file: 'src/connectors/jira/limits.ts',
    at: "const asked = «Number(headers['retry-after']) * 1000»;",
    wrong: "Number(headers['retry-after'])",
    hunt: { cases: 'test/unit/connectors/jira/trouble.test.ts' },
  },
];
