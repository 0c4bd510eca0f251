// Change histories.

import { general, invalid, malformed, ok } from '../answer.ts';
import { type Handler, issueOf, offsetPage, readObject, stringList } from '../call.ts';
import { historyJson } from '../changelog.ts';
import type { Json } from '../render.ts';
import { canSee, type History, type Issue, lookUpIssue } from '../world.ts';

export const issueChangelog: Handler = (call) => {
  const issue = issueOf(call);
  const page = offsetPage(call, issue.histories, 100, 100);
  return ok({ ...page, values: page.values.map((history) => historyJson(call.world, history)) });
};

export const changelogList: Handler = (call) => {
  const issue = issueOf(call);
  const ids = stringList(readObject(call, ['changelogIds']).changelogIds, 'changelogIds');
  const found = issue.histories.filter((history) => ids.includes(history.id));
  const histories = found.map((history) => historyJson(call.world, history));
  return ok({ startAt: 0, maxResults: histories.length, total: histories.length, histories });
};

function pageStart(token: unknown): number {
  if (token === undefined || token === null || token === '') return 0;
  const match = typeof token === 'string' ? /^from-(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) : null;
  if (!match) throw general(400, 'The nextPageToken is not valid.');
  return Number(match[1]);
}

/** Ordered by date, then issue; one issue may be cut by a page. */
export const bulkChangelog: Handler = (call) => {
  const { world } = call;
  const body = readObject(call, ['issueIdsOrKeys', 'fieldIds', 'maxResults', 'nextPageToken']);
  const wanted = stringList(body.issueIdsOrKeys, 'issueIdsOrKeys');
  if (wanted.length === 0 || wanted.length > 1000) throw malformed('issueIdsOrKeys must hold 1 to 1000 issues');
  const fieldIds = body.fieldIds === undefined ? [] : stringList(body.fieldIds, 'fieldIds');
  if (fieldIds.length > 10) throw invalid({ fieldIds: 'At most 10 field ids are allowed.' });
  const maxResults = body.maxResults === undefined ? 1000 : Number(body.maxResults);
  if (!(maxResults >= 1 && maxResults <= 10_000)) throw general(400, 'maxResults must be between 1 and 10000.');
  const start = pageStart(body.nextPageToken);

  const issues = new Set<Issue>();
  for (const idOrKey of wanted) {
    const issue = lookUpIssue(world, idOrKey);
    if (issue && canSee(world, call.caller, issue.data)) issues.add(issue);
  }
  const all: { issue: Issue; history: History }[] = [];
  for (const issue of issues) {
    for (const history of issue.histories) {
      const items = history.items.filter((item) => fieldIds.length === 0 || fieldIds.includes(item.fieldId ?? ''));
      if (items.length > 0) all.push({ issue, history: { ...history, items } });
    }
  }
  all.sort((a, b) => a.history.created - b.history.created || Number(a.issue.id) - Number(b.issue.id));
  const page = all.slice(start, start + maxResults);
  const logs = new Map<string, Json[]>();
  for (const { issue, history } of page) {
    const json = historyJson(world, history);
    if (world.settings.bulkChangelogCreated === 'number') json.created = history.created;
    logs.set(issue.id, [...(logs.get(issue.id) ?? []), json]);
  }
  const more = start + page.length < all.length;
  return ok({
    issueChangeLogs: [...logs].map(([issueId, changeHistories]) => ({ issueId, changeHistories })),
    ...(more ? { nextPageToken: Buffer.from(`from-${start + page.length}`).toString('base64url') } : {}),
  });
};
