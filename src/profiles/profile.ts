// A profile after validation: labels resolved to ids, expressions compiled, mappers built. Immutable; a piece of work
// runs wholly under one of these.
import type { Mapper } from '../mapping/mapper.ts';
import type { FieldSchema, Fields, Scope, Side, Value } from '../model.ts';

export type Direction = 'both' | 'to-crm' | 'to-jira';

/** What decides when both sides changed one field to different values. `tie` decides `newest` within two minutes. */
export type ConflictPolicy =
  | { readonly kind: 'hold' }
  | { readonly kind: 'jira' }
  | { readonly kind: 'crm' }
  | { readonly kind: 'newest'; readonly tie: Side }
  | { readonly kind: 'merge' };

/** What happens to a field without a base (first link, new field). */
export type InitialPolicy = 'fill-empty' | 'jira' | 'crm';

/**
 * Canonical values; the expression itself turns ids into labels. A side that does not exist is null, and reads as empty
 * in every field. `old` is the base of the link.
 */
export type ExpressionContext = {
  readonly jira: Fields | null;
  readonly crm: Fields | null;
  readonly old: Readonly<Record<Side, Fields | null>>;
  /** Epoch ms. */
  readonly now: number;
};

/** A compiled, type-checked CEL expression. Throws MappingError when it cannot be evaluated on these values. */
export type Expression<Result> = {
  readonly source: string;
  /** Its answer may change by the mere passing of time (`now`, `today`). */
  readonly timed: boolean;
  readonly evaluate: (context: ExpressionContext) => Result;
};

/** One line of `fields:` with both sides. */
export type ProfileField = {
  /** Stable within the profile and shown to people: the label on the CRM side, or Jira's where there is none. */
  readonly name: string;
  readonly ids: Readonly<Record<Side, string>>;
  readonly schemas: Readonly<Record<Side, FieldSchema>>;
  readonly direction: Direction;
  /** `always`, or only in the create's patch, or only once linked. */
  readonly on: 'always' | 'create' | 'update';
  readonly conflict: ConflictPolicy;
  readonly initial: InitialPolicy;
  readonly mapper: Mapper;
};

/** A field computed from the other side, one way: `{ crm: "Ссылка на задачу", from: jira.url }`. */
export type ComputedField = {
  readonly name: string;
  readonly side: Side;
  readonly id: string;
  readonly schema: FieldSchema;
  readonly from: Expression<Value>;
};

/** Equal normalised values of these two fields pair two records. */
export type MatchRule = {
  readonly ids: Readonly<Record<Side, string>>;
  readonly normalise: (value: Value) => string | null;
};

/** How a pair is written into a side's records: the connector's own marker, or the partner's id in a field. */
export type Stamp = { readonly kind: 'marker' } | { readonly kind: 'field'; readonly id: string };

export type CreatePolicy = { readonly when: Expression<boolean> | null };

/**
 * What becomes of the surviving record when its partner is gone. `mark`: one of its fields gets this canonical value.
 * `delete`: only after a delete event, see src/sync/gone.ts.
 */
export type GonePolicy =
  | { readonly kind: 'unlink' }
  | {
      readonly kind: 'mark';
      readonly id: string;
      readonly name: string;
      readonly value: Value;
      /** The field holds several values, and this becomes one more. */
      readonly asMember: boolean;
    }
  | { readonly kind: 'delete' };

export type ProfileSide = {
  readonly scope: Scope;
  /** Field ids the engine must read on this side: mapped, matched, stamped, and used in expressions. */
  readonly reads: readonly string[];
};

export type Profile = {
  readonly name: string;
  readonly was: string | null;
  readonly file: string;
  /** Changes whenever the text, the resolved ids or the people table do; 12 hex digits. */
  readonly version: string;
  readonly sides: Readonly<Record<Side, ProfileSide>>;
  readonly fields: readonly ProfileField[];
  readonly computed: readonly ComputedField[];
  readonly match: readonly MatchRule[];
  /** Null: no explicit stamp on that side. */
  readonly stamp: Readonly<Record<Side, Stamp | null>>;
  /** Null: always. */
  readonly syncWhen: Expression<boolean> | null;
  /** Per side on which a record may be created; null: never created there. */
  readonly create: Readonly<Record<Side, CreatePolicy | null>>;
  /** By the side whose record is gone; what it says is about the other side's record. */
  readonly gone: Readonly<Record<Side, GonePolicy>>;
  readonly sweep: { readonly everyMs: number; readonly full: { readonly cron: string; readonly zone: string } | null };
};
