// What people write. Texts, amounts, dates and labels are never written twice in a schedule, so that each has one author.
import type { Side } from '../../../src/model.ts';
import type { Random } from '../../../src/ports.ts';
import { between, chance, pick } from './chance.ts';
import type { FieldName, Said, SaidFields } from './script.ts';

export const PEOPLE = ['petrov', 'weber', 'smirnov', 'ivanova'] as const;
export const DISTRIBUTORS = ['Hydrotech', 'Nordwind Supply', 'Rotor Trade', 'Уралнасос'] as const;
const STATUSES = ['To Do', 'In Progress', 'Done', "Won't do"] as const;
const STAGES = ['Согласование', 'Новая', 'В работе', 'Выиграна', 'Проиграна'] as const;
const DAY = 24 * 3_600_000;
const FIRST_DAY = Date.parse('2027-01-01T00:00:00Z');

const OFTEN: readonly FieldName[] = ['title', 'amount', 'due', 'labels', 'labels', 'note', 'note'];
const SELDOM: readonly FieldName[] = ['assignee', 'distributor', 'urgent', 'status'];

export type Writer = {
  /** One to three fields of a record. */
  fields(side: Side): SaidFields;
  value(field: FieldName, side: Side): Said;
};

export function createWriter(random: Random): Writer {
  let serial = 0;

  function value(field: FieldName, side: Side): Said {
    serial += 1;
    switch (field) {
      case 'title':
        return `Pump set t${serial}`;
      case 'note':
        return chance(random, 0.1) ? null : `Call back n${serial}`;
      case 'amount':
        return 100_000 + serial;
      case 'due':
        return new Date(FIRST_DAY + serial * DAY).toISOString().slice(0, 10);
      case 'labels':
        return `l${serial}`;
      case 'assignee':
        return pick(random, PEOPLE);
      case 'distributor':
        return chance(random, 0.1) ? null : pick(random, DISTRIBUTORS);
      case 'urgent':
        return chance(random, 0.5);
      case 'status':
        return side === 'jira' ? pick(random, STATUSES) : pick(random, STAGES);
    }
  }

  return {
    value,
    fields(side) {
      const said: Partial<Record<FieldName, Said>> = {};
      for (let count = pick(random, [1, 1, 1, 2, 3]); count > 0; count -= 1) {
        const field = chance(random, 0.25) ? pick(random, SELDOM) : pick(random, OFTEN);
        said[field] = value(field, side);
      }
      return said;
    },
  };
}

/** A label is said alone: it is added, or one that is there goes, as `between` decides when the time comes. */
export function labelsAfter(now: readonly string[], said: string): readonly string[] {
  const serial = Number(said.slice(1));
  // Every third time one goes and none comes.
  if (serial % 3 === 0 && now.length > 0) return now.filter((_, at) => at !== serial % now.length);
  return [...now, said];
}

export function someRecord(random: Random, count: number): number {
  return between(random, 0, count - 1);
}
