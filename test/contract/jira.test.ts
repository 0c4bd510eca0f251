import { jiraBench } from './connector/jira-bench.ts';
import { connectorSuite } from './connector-suite.ts';

connectorSuite('Jira Cloud as documented', jiraBench, {});

// What the vendor's documents leave open, in its other reading.
connectorSuite('Jira Cloud whose edits answer without history', jiraBench, { returnIssueChangelog: false });
connectorSuite('Jira Cloud with gaps between keys', jiraBench, { keyGaps: true });
connectorSuite('Jira Cloud that moves `updated` with marks and comments', jiraBench, {
  propertyMovesUpdated: true,
  commentEditMovesUpdated: true,
  createdHookChangelog: false,
});
connectorSuite('Jira Cloud far from UTC, with JQL by the minute', jiraBench, {
  accountTimeZone: 'America/New_York',
  siteTimeZone: 'Asia/Kolkata',
  jqlEpochPrecision: 'minute',
});
connectorSuite('Jira Cloud with the other forms of pages and refusals', jiraBench, {
  lastPageToken: 'null',
  spentPageToken: 'serve',
  unknownJqlValue: 'empty',
  bulkChangelogCreated: 'number',
  unauthorizedBody: 'message',
});
