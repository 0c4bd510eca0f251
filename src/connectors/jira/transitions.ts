// A status is not a value that can be written: it is reached by a transition of the issue's workflow, one step at a time.
import { RejectedError } from '../../errors.ts';
import type { Ask, WriteAsk } from '../connector.ts';
import type { Client, JiraCall } from './client.ts';
import { doTransition, getTransitions } from './jira-js.ts';
import { parseAnswer, wireTransitions } from './wire.ts';

export const STATUS = 'status';

/** The id of the transition that leads to a status, as the workflow offers it now; ids change with workflow edits. */
export async function findTransition(client: Client, issue: string, status: string, ask: Ask): Promise<string> {
  const call = { what: 'reading the transitions of an issue', writes: false, budget: 'GET issue/transitions', ask };
  const data = await getTransitions(client.api(call), { issueIdOrKey: issue });
  const offered = parseAnswer(wireTransitions, data, 'the transitions of an issue').transitions.filter(
    (transition) => transition.isAvailable !== false,
  );
  // One without a screen asks for nothing else, so it is tried first where two lead to the same status.
  const fitting = offered.filter((transition) => transition.to.id === status);
  const chosen = fitting.find((transition) => transition.hasScreen !== true) ?? fitting[0];
  if (chosen) return chosen.id;
  const reachable = [...new Set(offered.map((transition) => `“${transition.to.name}”`))].join(', ');
  throw new RejectedError(
    reachable === ''
      ? 'No transition is open to the integration account from the issue’s present status'
      : `The wanted status cannot be reached in one step; from here the workflow leads to ${reachable}`,
    reachable === ''
      ? 'Give the account the permission “Transition issues”, or move the issue by hand.'
      : 'Add a transition to the workflow, move the issue by hand, or map the value to a status that can be reached.',
    'jira',
    STATUS,
  );
}

/** Answers the server's Date header. */
export async function transition(
  client: Client,
  issue: string,
  id: string,
  ask: WriteAsk,
  onSend?: () => Promise<void>,
): Promise<string | undefined> {
  let date: string | undefined;
  const call: JiraCall = {
    what: 'moving an issue to another status',
    writes: true,
    budget: 'POST issue/transitions',
    issue,
    ask,
    onSend,
    onAnswer: (response) => {
      date = response.headers.date;
    },
  };
  try {
    await doTransition(client.api(call), { issueIdOrKey: issue, transition: { id } });
    return date;
  } catch (error) {
    // Screens and validators name other fields, but it is the step that cannot be taken.
    if (error instanceof RejectedError) {
      throw new RejectedError(error.message, error.cure, 'jira', STATUS, error);
    }
    throw error;
  }
}
