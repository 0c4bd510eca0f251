// What happened to the records, told by the products themselves: screens are compared before and after.
import type { Side } from '../../../src/model.ts';
import type { FieldName, Said, SaidFields } from '../script/script.ts';
import type { Actor, Change, Happening, Move, Seen } from './stage.ts';

export function sameSaid(a: Said, b: Said): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [a as readonly string[], b as readonly string[]];
  return left.length === right.length && left.every((item, at) => item === right[at]);
}

export function createHistory(now: () => number) {
  const happenings: Happening[] = [];
  const moves: Move[] = [];
  const last: Record<Side, Map<string, Seen>> = { jira: new Map(), crm: new Map() };
  let listener: ((happening: Happening) => void) | null = null;

  function noteAs(side: Side, actor: Actor, expected: SaidFields | null) {
    return (id: string, what: Happening['what'], changes: Change[], mark: string | null) => {
      const known = expected === null ? {} : { expected };
      const happening = { seq: happenings.length, at: now(), side, id, actor, what, changes, mark, ...known };
      happenings.push(happening);
      listener?.(happening);
    };
  }

  /** Notes what is different from the last time; `actor` did it, and took `expected` to stand there. */
  function compare(
    side: Side,
    seen: ReadonlyMap<string, Seen>,
    actor: Actor,
    expected: SaidFields | null = null,
  ): void {
    const note = noteAs(side, actor, expected);
    const before = last[side];
    last[side] = new Map(seen);
    for (const [id, record] of seen) tellApart(side, before.get(id), record, note);
    for (const [id, { mark }] of before) if (!seen.has(id)) note(id, 'delete', [], mark);
  }

  /** The same where one record alone can be different: to look at all of them at each change takes longer than a day. */
  function compareOne(
    side: Side,
    id: string,
    record: Seen | null,
    actor: Actor,
    expected: SaidFields | null = null,
  ): void {
    const note = noteAs(side, actor, expected);
    const then = last[side].get(id);
    if (record !== null) {
      last[side].set(id, record);
      tellApart(side, then, record, note);
    } else if (then !== undefined) {
      last[side].delete(id);
      note(id, 'delete', [], then.mark);
    }
  }

  function tellApart(side: Side, then: Seen | undefined, record: Seen, note: ReturnType<typeof noteAs>): void {
    const { id } = record;
    const changes = changesOf(then ?? null, record);
    if (then === undefined) {
      note(id, 'create', changes, record.mark);
      return;
    }
    if (then.inScope !== record.inScope) moves.push({ at: now(), side, id, inScope: record.inScope });
    if (changes.length > 0 || then.mark !== record.mark) note(id, 'update', changes, record.mark);
  }

  return {
    happenings,
    moves,
    compare,
    compareOne,
    /** A setting of the product made its screens show something else: nobody changed a record. */
    lookAgain(side: Side, seen: ReadonlyMap<string, Seen>): void {
      last[side] = new Map(seen);
    },
    last: (side: Side) => last[side],
    listen(next: ((happening: Happening) => void) | null) {
      listener = next;
    },
  };
}

function changesOf(before: Seen | null, after: Seen): Change[] {
  const changes: Change[] = [];
  for (const [field, to] of Object.entries(after.fields) as [FieldName, Said][]) {
    const from = before === null ? null : before.fields[field];
    if (before === null || !sameSaid(from, to)) changes.push({ field, from, to });
  }
  return changes;
}
