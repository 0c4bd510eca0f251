// The nouns that every layer shares. Values are plain JSON in one canonical form per type, so that equality is
// equality of canonical JSON text and a value can be stored, merged and shown without knowing its product.

export type Side = 'jira' | 'crm';
export const SIDES: readonly Side[] = ['jira', 'crm'];

export function otherSide(side: Side): Side {
  return side === 'jira' ? 'crm' : 'jira';
}

/** Lanes in falling urgency; a row's lane only rises. `live`: a person's edit. `bulk`: sweeps, resyncs. */
export type Lane = 'live' | 'bulk';

/** What a field is, in neutral terms. `link` and `rich-text` are read and shown, but not yet mapped; `other` never is. */
export type FieldType =
  | 'text'
  | 'rich-text'
  | 'number'
  | 'money'
  | 'date'
  | 'datetime'
  | 'boolean'
  | 'enum'
  | 'set'
  | 'user'
  | 'status'
  | 'link'
  | 'other';

/** Amount as a canonical decimal string, currency as an ISO 4217 code. */
export type Money = { readonly amount: string; readonly currency: string };

/**
 * Canonical value of a field on one side; `null` is empty (an empty text or set is null too).
 * text: NFC, `\n` line ends · number: decimal string without exponent or trailing zeros · money: Money ·
 * date: `YYYY-MM-DD` · datetime: ISO 8601 in UTC with milliseconds · boolean · enum, status, user: the immutable id on
 * that side · set: sorted unique strings (texts, or ids where the set has options).
 */
export type Value = null | string | boolean | Money | readonly string[];

/** Field id -> value. A field that is missing here is *unknown* (not readable now), never empty. */
export type Fields = Readonly<Record<string, Value>>;

/** Immutable address of a record. `id` is Jira's numeric id (never the key) or the CRM's id. */
export type Ref = {
  readonly side: Side;
  readonly connection: string;
  readonly entity: string;
  readonly id: string;
};

/** What a connector read. Times are epoch milliseconds by the vendor's clock. */
export type SourceRecord = {
  readonly ref: Ref;
  /** What a person calls it: `BUY-12`, or the id where there is nothing better. */
  readonly key: string;
  readonly url: string;
  /** Changes whenever the record does; compared for equality only. */
  readonly version: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Who changed it last, as the vendor names them, where it tells. */
  readonly updatedBy: string | null;
  readonly fields: Fields;
  /** Our own imprint, if the record carries one. */
  readonly marker: Marker | null;
  /** False when the record exists but is outside the scope it was read with. */
  readonly inScope: boolean;
};

/** The imprint of a pairing on a record: `key` is the sync key (`issue-10023`, `crm-deal-7405`) of its partner. */
export type Marker = { readonly key: string; readonly tenant: string };

/** Why a record is looked at; part of dirty rows, the journal and what `explain` prints. */
export type Cause = 'webhook' | 'event' | 'sweep' | 'resync' | 'timer' | 'command' | 'profile' | 'partner';

/** Canonical text of a value: equal values have equal text. */
export function valueText(value: Value): string {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const money = value as Money;
    return JSON.stringify({ amount: money.amount, currency: money.currency });
  }
  return JSON.stringify(value);
}

export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  // Only sets and money have an inside to compare.
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  return valueText(a) === valueText(b);
}

export type Option = { readonly id: string; readonly label: string; readonly disabled?: boolean };

/** A field as a connector discovered it in one scope. */
export type FieldSchema = {
  readonly id: string;
  /** As the admin sees it. */
  readonly label: string;
  /** Other names that profiles may use (`stage` for Bitrix24's `stageId`). */
  readonly aliases: readonly string[];
  readonly type: FieldType;
  /** What a set holds; only for `set`. */
  readonly items?: 'text' | 'enum' | 'user';
  readonly requiredOnCreate: boolean;
  readonly writableOnCreate: boolean;
  readonly writableOnUpdate: boolean;
  /** For enum, status and sets of enum. */
  readonly options?: readonly Option[];
  /** In UTF-16 units, where the vendor has a limit. */
  readonly maxLength?: number;
  /** Only for text: the vendor refuses line breaks. */
  readonly singleLine?: boolean;
};

/** The side block of a profile as written, before labels are resolved. */
export type ScopeSpec = {
  readonly entity: string;
  readonly project?: string;
  readonly type?: string;
  /** Jira: JQL text. CRM: field label or id -> wanted value (or list of values). */
  readonly where?: string | Readonly<Record<string, string | number | boolean | readonly string[]>>;
};

/** A resolved scope: which records of a connection a profile is about. Its `query` means something only to its connector. */
export type Scope = {
  readonly connection: string;
  readonly entity: string;
  readonly query: Readonly<Record<string, unknown>>;
};

/** Something wrong with a ScopeSpec: `path` leads to the key in the side block (`['where', 'category']`). */
export type ScopeProblem = { readonly path: readonly string[]; readonly message: string; readonly cure: string };

/** What `describe` answers. `scope` is null exactly when there are problems. */
export type Description = {
  readonly scope: Scope | null;
  readonly fields: readonly FieldSchema[];
  readonly problems: readonly ScopeProblem[];
};

/** Somebody a user field can name. `email` is null where the vendor hides it. */
export type Person = {
  readonly id: string;
  readonly email: string | null;
  readonly name: string;
  readonly active: boolean;
};
