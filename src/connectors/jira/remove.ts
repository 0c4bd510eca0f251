import { StaleError } from '../../errors.ts';
import type { Scope } from '../../model.ts';
import type { WriteAsk } from '../connector.ts';
import type { Client } from './client.ts';
import { deleteIssue } from './jira-js.ts';
import { isIssueId } from './read.ts';

export function createRemover(client: Client): (scope: Scope, id: string, ask: WriteAsk) => Promise<void> {
  return async (_scope, id, ask) => {
    if (!isIssueId(id)) throw new StaleError(`Issue ${id} is gone or hidden`, 'It is read again.');
    const call = {
      what: 'deleting an issue',
      writes: true,
      budget: 'DELETE issue',
      issue: id,
      ask,
      onSend: ask.onSend,
      // Gone already. Sub-tasks are never deleted along: Jira refuses then, and a person decides.
      accept: [404],
    };
    await deleteIssue(client.api(call), { issueIdOrKey: id });
  };
}
