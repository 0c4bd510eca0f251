// All that a judgement rests on: what happened on the products' side, what stands there now, and what the state says
// about conflicts, parked fields and links.
import type { Side } from '../../../src/model.ts';
import type { FieldName, Said, Script } from '../script/script.ts';
import type { Happening, Look, Move, Seen, Sent } from '../stage/stage.ts';

export type Violation = { readonly invariant: string; readonly what: string };

export type Pair<T> = Readonly<Record<Side, T>>;

export type LinkSeen = {
  readonly id: number;
  readonly ids: Pair<string>;
  readonly state: string;
  readonly reason: string | null;
  /** By the daemon's clock, which may be some minutes wrong. */
  readonly createdAt: number;
  readonly base: ReadonlyMap<FieldName, Pair<Said>>;
};
export type ConflictSeen = {
  readonly ids: Pair<string>;
  readonly field: FieldName;
  /** Null: it had none yet. */
  readonly base: Pair<Said> | null;
  readonly values: Pair<Said>;
  readonly open: boolean;
  readonly outcome: string;
  readonly policy: string;
};
export type ParkedSeen = {
  readonly side: Side;
  readonly id: string;
  /** Null: the whole record. */
  readonly field: FieldName | null;
  readonly kind: string;
  readonly reason: string;
  /** With which it was parked, as the screens show them. */
  readonly values: Partial<Pair<Said>>;
};

/** There was no daemon. */
export type Absence = { readonly from: number; readonly to: number };

export type Evidence = {
  readonly script: Script;
  readonly phase: 'healed' | 'cleared';
  readonly happenings: readonly Happening[];
  readonly moves: readonly Move[];
  /** Happenings of which the daemon never learned, or that it had not recorded when it died. */
  readonly unheard: ReadonlySet<number>;
  readonly looks: readonly Look[];
  readonly absences: readonly Absence[];
  readonly sent: readonly Sent[];
  /** Of the daemon, of all kinds. */
  readonly requests: number;
  readonly seen: Pair<ReadonlyMap<string, Seen>>;
  readonly links: readonly LinkSeen[];
  /** Also those of states that were lost. */
  readonly conflicts: readonly ConflictSeen[];
  readonly parked: readonly ParkedSeen[];
  readonly parkedBefore: readonly ParkedSeen[];
  /** Stood before people when they cleared up; they had it tried again. */
  readonly triedAgain: readonly ParkedSeen[];
  /** How many rows people had tried again, in the day and when they cleared up. */
  readonly retried: number;
  /** Work that has not been done although it could be. */
  readonly dueNow: boolean;
  readonly halted: string | null;
  /** When a state was lost. */
  readonly losses: readonly number[];
  /** When a person first had something taken back, which gives old values back; null: nobody did. */
  readonly undoAskedAt: number | null;
};

/** The stage of a deal in which `sync-when` of the profile does not hold. */
export const CLOSED: Said = 'Черновик';

/** A profile names its fields after their labels in the CRM. */
export const PROFILE_NAMES: Readonly<Record<string, FieldName>> = {
  Название: 'title',
  Сумма: 'amount',
  'Дата завершения': 'due',
  Ответственный: 'assignee',
  Метки: 'labels',
  'Дистрибьютор по сделке': 'distributor',
  Примечание: 'note',
  Срочно: 'urgent',
  'Стадия сделки': 'status',
  Стадия: 'status',
};

export const FIELD_NAMES: readonly FieldName[] = [...new Set(Object.values(PROFILE_NAMES))];
