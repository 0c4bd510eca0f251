// Which faults a call can meet, and which of them may leave work for a person.
import { UnavailableError } from '../../src/errors.ts';
import type { Call } from './border.ts';
import { requestFaultsOf } from './request-faults.ts';

/** It leaves nothing behind: to die before or after it is to die after the call before it. */
const OF_A_READING_VERB = ['refused'];
const OF_A_WRITING_VERB = ['refused', 'crash before', 'crash after'];
const OF_A_BELL = ['lost', 'late', 'doubled', 'crash before'];
const OF_A_DELIVERY = ['lost', 'late', 'doubled', 'refused', 'unanswered', 'crash before', 'crash after'];

export function faultsOf(call: Call): readonly string[] {
  switch (call.kind) {
    case 'request':
      return requestFaultsOf(call);
    case 'verb':
      return call.writes ? OF_A_WRITING_VERB : OF_A_READING_VERB;
    case 'bell':
      return OF_A_BELL;
    case 'delivery':
      return OF_A_DELIVERY;
  }
}

/** The product said no: the same answer may come for ever, so a person is asked. */
const REFUSALS = new Set([
  '403',
  '404',
  '400 for the record',
  'Jira: 400 for a field',
  'Bitrix24: an empty error in 200',
]);

export function mayAskAPerson(fault: string): boolean {
  return REFUSALS.has(fault) || /^part \d+: (ACCESS_DENIED|NOT_FOUND|left out)$/.test(fault);
}

/** What a store answers whose disk is full. */
export function diskFull(): Error {
  const cure = 'Free space on the disk that holds the state.';
  return new UnavailableError('The state cannot be used: database or disk is full', cure, { ambiguous: false });
}
