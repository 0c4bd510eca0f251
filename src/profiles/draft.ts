// A profile as written, with the place of everything, before any label is resolved against the live schemas.
import type { ScopeSpec, Side } from '../model.ts';
import type { ProblemList } from './problem-list.ts';
import type { ConflictPolicy, Direction, InitialPolicy } from './profile.ts';
import type { Located } from './reader.ts';

/** `place` leads from an index in `source` to an offset in the file. */
export type ExpressionText = {
  readonly source: string;
  readonly at: number;
  readonly place: (index: number) => number;
};

export type DraftSide = {
  readonly connection: string;
  readonly connectionAt: number;
  readonly spec: ScopeSpec;
  /** The offset of a key of the side block (`['where', 'category']`), or of its nearest parent. */
  readonly placeOf: (path: readonly string[]) => number;
};

export type AsType = 'text' | 'number' | 'money' | 'date' | 'datetime' | 'boolean' | 'enum' | 'set' | 'user' | 'status';

export type ValueLine = { readonly jira: Located<string>; readonly crm: Located<string> };

/** A line of `fields` that names both sides. */
export type FieldLine = {
  readonly at: number;
  readonly names: Readonly<Record<Side, Located<string>>>;
  readonly as: Located<AsType> | null;
  readonly currency: Located<string> | null;
  readonly direction: Located<Direction> | null;
  readonly on: 'always' | 'create' | 'update';
  readonly conflict: Located<ConflictPolicy> | null;
  readonly initial: InitialPolicy | null;
  readonly values: { readonly at: number; readonly lines: readonly ValueLine[] } | null;
  readonly defaults: Readonly<Record<Side, Located<string> | null>>;
};

export type ComputedLine = {
  readonly at: number;
  readonly side: Side;
  readonly name: Located<string>;
  readonly from: ExpressionText;
};

export type MatchLine = {
  readonly names: Readonly<Record<Side, Located<string>>>;
  readonly normalise: readonly Normaliser[];
};

export type Normaliser = 'trim' | 'lowercase' | 'digits';

export type CreateDraft = { readonly at: number; readonly when: ExpressionText | null };

export type GoneDraft =
  | { readonly kind: 'unlink' | 'delete'; readonly at: number }
  | { readonly kind: 'mark'; readonly at: number; readonly field: Located<string>; readonly value: Located<string> };

export type ProfileDraft = {
  readonly file: string;
  readonly text: string;
  readonly name: string;
  readonly was: string | null;
  readonly sides: Readonly<Record<Side, DraftSide>>;
  readonly match: readonly MatchLine[];
  /** The field that takes the partner's id; null: the connector's own marker. */
  readonly stamp: Readonly<Record<Side, Located<string> | null>>;
  readonly syncWhen: ExpressionText | null;
  readonly create: Readonly<Record<Side, CreateDraft | null>>;
  readonly gone: Readonly<Record<Side, GoneDraft>>;
  readonly conflict: ConflictPolicy;
  readonly initial: InitialPolicy;
  readonly sweep: { readonly everyMs: number; readonly full: { readonly cron: string; readonly zone: string } | null };
  readonly fields: readonly FieldLine[];
  readonly computed: readonly ComputedLine[];
  /** What `parseProfile` found; `compileProfile` answers these together with its own. */
  readonly problems: ProblemList;
};
