// The contract between the engine and a product. A connector reads and writes records in neutral values (model.ts),
// batches by itself whatever is asked at the same time, keeps its vendor's limits, and throws only the classes of
// errors.ts. It never retries a write whose outcome is unknown: one layer retries, and that is `work`.
// test/contract/connector-suite.ts runs every statement made here on every connector.
import type { Description, Fields, Lane, Marker, Person, Scope, ScopeSpec, SourceRecord } from '../model.ts';
import type { Ask, WriteAsk } from './ask.ts';
import type { Delivery, EventSource, Verdict } from './event-source.ts';

export type { Ask, WriteAsk } from './ask.ts';
export type {
  Delivery,
  EventSource,
  RemoteHint,
  Signal,
  Subscription,
  Taken,
  Verdict,
} from './event-source.ts';

/** After an update. `before`: the patched fields as they stood just before our write, where the vendor tells. */
export type Written = { readonly record: SourceRecord; readonly before: Fields };

export type Account = {
  readonly id: string;
  readonly name: string;
  /** Stable identity of the vendor's site: Jira serverInfo/cloud id, Bitrix24 member_id (or host where hidden). */
  readonly tenant: string;
  /** The vendor's clock, epoch ms. */
  readonly serverTime: number;
  /** IANA zone of the account, where the vendor tells. */
  readonly zone: string | null;
  /** What the account lacks, as sentences for a person; empty when all is well. */
  readonly missing: readonly { readonly message: string; readonly cure: string }[];
  /** What its credential may, where the vendor tells; `unused`: what nothing here needs, so that a thief would gain by it. */
  readonly scopes?: { readonly granted: readonly string[]; readonly unused: readonly string[]; readonly cure: string };
};

/** One page of a sweep. `cursor` is safe to store once the page is durable; `end` is true on the last page. */
export type ChangePage = {
  readonly records: readonly SourceRecord[];
  readonly cursor: string;
  readonly end: boolean;
};

/** About a create whose answer never came. */
export type SentCreate = {
  /** What `beforeCreate` said before it was sent; null when it is not known any more. */
  readonly before: string | null;
  /** Since when nothing of ours sends it any more, epoch ms by our clock. */
  readonly endedAt: number;
  /** What had not arrived by then never will. */
  readonly arrived: boolean;
};

/** `certain`: what was not found does not exist and cannot come into being any more. `again`: else when to look, epoch ms. */
export type LookUp = {
  readonly found: readonly SourceRecord[];
  readonly certain: boolean;
  readonly again: number;
};

/** A write that somebody thinks of making. `fields`: what an update would change. */
export type PlannedWrite = {
  readonly action: 'create' | 'update' | 'stamp' | 'delete';
  readonly fields: readonly string[];
};

/** Everything that somebody thinks of writing into a scope. */
export type ScopeUse = { readonly scope: Scope; readonly writes: readonly PlannedWrite[] };

/** What an account may do there, against what is thought of. `unused`: what a thief would gain by, and nothing here needs. */
export type Rights = {
  readonly granted: readonly string[];
  readonly missing: Account['missing'];
  readonly unused: readonly string[];
  /** How to get rid of these. */
  readonly cure: string;
};

/** `seconds`: at the vendor's limits, with nothing else on the way. */
export type Bill = { readonly calls: number; readonly seconds: number };

export type Connector = {
  readonly connection: string;

  /** Proves the credential on an operation that never answers anonymously. Throws AuthError when it is dead. */
  identify(ask: Ask): Promise<Account>;

  /** Resolves labels to ids and lists the fields of that scope with types, labels and options. Read afresh each time. */
  describe(spec: ScopeSpec, ask: Ask): Promise<Description>;

  /** Everybody a user field can name, including deactivated people. */
  people(ask: Ask): Promise<readonly Person[]>;

  /** Rights that are given record by record or project by project. Absent where the scopes of `identify` say it all. */
  rights?(uses: readonly ScopeUse[], ask: Ask): Promise<Rights>;

  /** The record as it stands now in the primary store, or null when it is gone or hidden. Equal asks share one answer. */
  read(scope: Scope, id: string, fields: readonly string[], ask: Ask): Promise<SourceRecord | null>;

  /** Creates with the marker inside the same call; answers the record as the vendor now shows it. */
  create(scope: Scope, values: Fields, marker: Marker, fields: readonly string[], ask: WriteAsk): Promise<SourceRecord>;

  /**
   * Writes exactly the fields of `patch`; `expected` holds their values as planned on (sets are written as
   * add/remove against it). A status takes one step; unreachable in one step is a RejectedError on that field.
   */
  update(
    scope: Scope,
    id: string,
    patch: Fields,
    expected: Fields,
    fields: readonly string[],
    ask: WriteAsk,
  ): Promise<Written>;

  /** Puts the marker on an existing record that has none; RejectedError when somebody else's mark is there. */
  stamp(scope: Scope, id: string, marker: Marker, fields: readonly string[], ask: WriteAsk): Promise<SourceRecord>;

  /** Deletes the record; one that is gone already is fine. Absent where the connection cannot delete. */
  remove?(scope: Scope, id: string, ask: WriteAsk): Promise<void>;

  /** Whether the vendor says that a record which reads as null is there and may not be seen. Absent where it never says so. */
  hides?(scope: Scope, id: string, ask: Ask): Promise<boolean>;

  /**
   * Whole records changed since `cursor` (null: all of the scope), by the vendor's clock, with the overlap that its
   * lag asks for. A cursor may be stored and passed again by a later process. Stops when the caller stops iterating.
   */
  changes(scope: Scope, cursor: string | null, fields: readonly string[], ask: Ask): AsyncIterable<ChangePage>;

  /** A cursor that makes `changes` begin at this time of the vendor's clock, epoch ms. */
  cursorAt(time: number): string;

  /** Records that carry the sync key as their marker, with proof checked; may lag behind writes. */
  findByKey(scope: Scope, key: string, fields: readonly string[], ask: Ask): Promise<readonly SourceRecord[]>;

  /** A text about this moment that `lookUp` wants to know of a create; costs nothing in a steady state. Null: not needed. */
  beforeCreate(scope: Scope, ask: Ask): Promise<string | null>;

  /** What became of a create without an answer: looks where writes show at once, as far as the vendor lets us. */
  lookUp(scope: Scope, key: string, sent: SentCreate, fields: readonly string[], ask: Ask): Promise<LookUp>;

  /** Records so young that lists may not show them yet. Absent where lists never lag. */
  unlisted?(scope: Scope, fields: readonly string[], ask: Ask): Promise<readonly SourceRecord[]>;

  /** Verifies and reads one delivery; pure. Absent where the connection has no way to be told. */
  receive?(delivery: Delivery, now: number): Verdict;

  /** Absent where the connection can only listen, or not even that. */
  readonly events?: EventSource;

  /** What these writes would cost, made together; asks nobody. */
  bill(writes: readonly PlannedWrite[]): Bill;

  /** Requests sent so far and limiter state, for metrics and the demo. */
  usage(): Usage;

  close(): Promise<void>;
};

export type Usage = {
  readonly requests: number;
  /** Of these, the ones that may change something. */
  readonly writes: number;
  readonly failures: number;
  readonly limited: number;
  /** Epoch ms until which the vendor asked us to hold off, or null. */
  readonly heldUntil: number | null;
  /** How long requests waited at our own pace altogether, and how many do so now. */
  readonly waitedMs: Readonly<Record<Lane, number>>;
  readonly waiting: Readonly<Record<Lane, number>>;
  /** By kind, a fixed word each. */
  readonly errors: Readonly<Record<string, number>>;
  readonly anomalies: Readonly<Record<string, number>>;
  readonly refreshes: Readonly<Record<string, number>>;
  /** Seconds that the vendor counts against a method's limit, where it does. */
  readonly operating: Readonly<Record<string, number>>;
  /** The vendor's clock minus ours; null: not known yet. */
  readonly skewMs: number | null;
  /** By how much the last sweep lagged behind what we knew; null: not known, or lists never lag. */
  readonly indexLagMs: number | null;
};
