// People of the site.

import { general, invalid, ok } from '../answer.ts';
import { type Call, type Handler, offsetPage, queryNumber } from '../call.ts';
import { fullUserJson, type Json } from '../render.ts';
import { findProject, lookUpIssue, type Person, personById } from '../world.ts';

function slice(call: Call, people: readonly Person[], cap: number): Json[] {
  const startAt = Math.max(0, queryNumber(call, 'startAt', 0));
  const maxResults = Math.min(cap, Math.max(0, queryNumber(call, 'maxResults', 50)));
  return people.slice(startAt, startAt + maxResults).map((person) => fullUserJson(call.world, person));
}

/** Prefix of a word of the display name, or of the e-mail. */
function matches(person: Person, query: string): boolean {
  const wanted = query.toLowerCase();
  const name = person.name.toLowerCase();
  return name.startsWith(wanted) || name.includes(` ${wanted}`) || person.email.toLowerCase().startsWith(wanted);
}

export const getUser: Handler = ({ world, request }) => {
  const accountId = request.query.get('accountId');
  if (accountId === null) throw general(400, 'The accountId query parameter must be provided.');
  const person = personById(world, accountId);
  if (!person) throw general(404, `Specified user does not exist or you do not have required permissions`);
  return ok({
    ...fullUserJson(world, person),
    groups: { size: 1, items: [] },
    applicationRoles: { size: 1, items: [] },
    expand: 'groups,applicationRoles',
  });
};

export const searchUsers: Handler = (call) => {
  const { query } = call.request;
  const text = query.get('query');
  const accountId = query.get('accountId');
  if (text === null && accountId === null && query.get('property') === null) {
    throw general(400, "The 'query', 'accountId' or 'property' query parameter must be provided.");
  }
  if (text !== null && accountId !== null) {
    throw general(400, "The 'query' and 'accountId' query parameters cannot be used together.");
  }
  const people = call.world.people.filter((person) =>
    accountId !== null ? person.accountId === accountId : text !== null && matches(person, text),
  );
  return ok(slice(call, people, 1000));
};

export const assignableUsers: Handler = (call) => {
  const { query } = call.request;
  const project = query.get('project');
  const issue = query.get('issueKey') ?? query.get('issueId');
  if (project === null && issue === null) throw general(400, 'Either project or issue key should be specified.');
  const found = project !== null ? findProject(call.world, call.caller, project) : lookUpIssue(call.world, issue ?? '');
  if (!found) throw general(404, 'The project or issue was not found.');
  const text = query.get('query') ?? '';
  const accountId = query.get('accountId');
  const people = call.world.people.filter(
    (person) => matches(person, text) && (accountId === null || person.accountId === accountId),
  );
  return ok(slice(call, people, 1000));
};

export const allUsers: Handler = (call) => ok(slice(call, call.world.people, 1000));

export const bulkUsers: Handler = (call) => {
  const ids = call.request.query.getAll('accountId');
  if (ids.length === 0) throw invalid({ accountId: 'The accountId query parameter must be provided.' });
  const people = ids.flatMap((id) => personById(call.world, id) ?? []);
  return ok(
    offsetPage(
      call,
      people.map((person) => fullUserJson(call.world, person)),
      200,
      10,
    ),
  );
};
