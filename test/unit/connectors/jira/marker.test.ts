import { expect, test } from 'vitest';
import { markerOf, markerProperty, provenMarker } from '../../../../src/connectors/jira/marker.ts';
import type { WireIssue } from '../../../../src/connectors/jira/wire.ts';

const MARK = { key: 'crm-deal-7405', tenant: 'portal-1' };

function issue(id: string, property: unknown): WireIssue {
  const fields = { labels: ['seals', MARK.key] };
  return { id, key: `BUY-${id}`, fields, properties: { 'jira-crm-sync': property } } as unknown as WireIssue;
}

test.each([
  ['a mark from before the issue had an id', '10401', markerProperty(MARK).value, MARK, MARK],
  ['a mark that names the issue', '10401', markerProperty(MARK, '10401').value, MARK, MARK],
  ['the copied mark of a clone', '10402', markerProperty(MARK, '10401').value, null, null],
  ['a label without proof', '10401', undefined, null, { key: MARK.key, tenant: '' }],
  ['a property of somebody else', '10401', { other: 1 }, null, { key: MARK.key, tenant: '' }],
])('%s', (_name, id, property, proven, marker) => {
  expect(provenMarker(issue(id, property))).toEqual(proven);
  expect(markerOf(issue(id, property))).toEqual(marker);
});
