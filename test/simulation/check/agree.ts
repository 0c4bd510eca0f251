// What it means that both sides say the same, field by field; written by hand from the profile's text, so that it shares
// no mistake with the engine's mappers.
import type { Side } from '../../../src/model.ts';
import type { FieldName, Said } from '../script/script.ts';
import { sameSaid } from '../stage/history.ts';

const STATUS_OF_STAGE: Readonly<Record<string, string>> = {
  Согласование: 'To Do',
  Новая: 'To Do',
  'В работе': 'In Progress',
  Выиграна: 'Done',
  Проиграна: "Won't do",
};

export function agree(field: FieldName, jira: Said, crm: Said): boolean {
  switch (field) {
    // A deal always has an amount, somebody who answers for it, and a yes or no.
    case 'amount':
      return (jira ?? 0) === (crm ?? 0);
    case 'assignee':
      return (jira ?? 'sync') === (crm ?? 'sync');
    case 'urgent':
      return (jira ?? false) === (crm ?? false);
    case 'title':
    case 'note':
      // Neither product is relied on to keep white space at the ends of a line, so it says nothing.
      return lineOf(jira) === lineOf(crm);
    case 'status':
      return STATUS_OF_STAGE[String(crm)] === jira;
    default:
      return sameSaid(jira, crm);
  }
}

function lineOf(said: Said): string {
  return String(said ?? '').trim();
}

/** `own` stands on `side`, `other` on the other one. */
export function agreeFrom(side: Side, field: FieldName, own: Said, other: Said): boolean {
  return side === 'jira' ? agree(field, own, other) : agree(field, other, own);
}

/** A value as the state keeps it and as the screen shows it: an amount that is empty is 0 on the screen. */
export function sameShown(field: FieldName, kept: Said, shown: Said): boolean {
  return sameSaid(kept, shown) || (field === 'amount' && (kept ?? 0) === (shown ?? 0));
}
