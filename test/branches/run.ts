// G28: runs the cases of merge, cursors, signatures and intents under V8's counter and prints what never ran, as JSON.
import { createHmac } from 'node:crypto';
import { watchCoverage } from './uncovered.ts';

const COVERED = [
  'src/sync/merge.ts',
  'src/sync/merge-sets.ts',
  'src/sync/policy.ts',
  'src/sync/sync-key.ts',
  'src/connectors/jira/cursor.ts',
  'src/connectors/bitrix24/cursor.ts',
  'src/connectors/jira/webhook.ts',
  'src/connectors/bitrix24/webhook.ts',
  'src/connectors/bitrix24/form.ts',
  'src/state/pairs.ts',
  'src/sync/create-partner.ts',
  'src/sync/doubt.ts',
];

const uncovered = await watchCoverage(COVERED);
const { coverCursors, coverSignatures, coverMerge } = await import('./cases.ts');
const { coverIntents } = await import('./intents.ts');
const { coverCreates } = await import('./creates.ts');
coverMerge();
coverCursors();
coverSignatures((body, secret) => createHmac('sha256', secret).update(body).digest('hex'));
await coverIntents();
await coverCreates();
process.stdout.write(JSON.stringify({ files: COVERED, uncovered: await uncovered() }));
