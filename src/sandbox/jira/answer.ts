// Answers and Jira's error bodies. A handler returns an Answer or throws a JiraRefusal.

export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Left out: no body. A string with `text/plain` stays as it is, anything else becomes JSON. */
  readonly body?: unknown;
};

export class JiraRefusal extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`Jira answers ${answer.status}`);
    this.answer = answer;
  }
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const noContent: Answer = { status: 204 };

export function general(status: number, ...errorMessages: string[]): JiraRefusal {
  return new JiraRefusal({ status, body: { errorMessages, errors: {} } });
}

export function invalid(errors: Readonly<Record<string, string>>): JiraRefusal {
  return new JiraRefusal({ status: 400, body: { errorMessages: [], errors } });
}

/** A body that is not JSON, not an object, or has an unknown member: no `errors` member. */
export function malformed(message: string): JiraRefusal {
  return new JiraRefusal({ status: 400, body: { errorMessages: [message] } });
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  415: 'Unsupported Media Type',
};

/** What the gateway itself refuses (unknown path, wrong method, a letter where a number belongs). */
export function problem(status: number, detail: string, instance: string): JiraRefusal {
  return new JiraRefusal({
    status,
    headers: { 'Content-Type': 'application/problem+json' },
    body: { type: 'about:blank', title: TITLES[status] ?? 'Error', status, detail, instance },
  });
}

export const issueNotFound = () => general(404, 'Issue does not exist or you do not have permission to see it.');
