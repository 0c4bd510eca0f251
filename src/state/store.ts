// What the engine remembers, as coarse verbs: one transaction each, compare-and-set and unique indexes instead of
// read-then-write. Async because PostgreSQL will be; SQLite answers at once. test/contract/store-suite.ts runs every
// statement made here on every store. Times are epoch milliseconds of our clock unless a comment says otherwise.
import type { Cause, Fields, Lane, Side, Value } from '../model.ts';
import type { CommandKind, CommandRow, KnownProfile, ProfileState, TrimBefore } from './engine-rows.ts';
import type { GoneTally, LinkState, ProfileCounts, StateFigures, WaitReason } from './figures.ts';
import type { Announced, Base } from './last-settled.ts';
import type { LeaseVerbs } from './lease-table.ts';
import type { Sighting, SweepPage, TwiceMarked } from './sightings.ts';

export type { CommandKind, CommandRow, KnownProfile, ProfileState, TrimBefore } from './engine-rows.ts';
export type { GoneTally, LinkState, ProfileCounts, StateFigures, WaitReason } from './figures.ts';
export type { Announced, Base } from './last-settled.ts';
export type { Sighting, StoredCursor, SweepPage, TwiceMarked } from './sightings.ts';
export type RecordKey = { readonly profile: string; readonly side: Side; readonly id: string };

/** A hint made durable. `version` is the vendor's version in the hint, if it told one. */
export type DirtyMark = RecordKey & {
  readonly lane: Lane;
  readonly cause: Cause;
  readonly version: string | null;
  /** The product tells that the record was deleted: kept as evidence, where the record is linked. */
  readonly deleted?: true;
  /** Default: now. A mark never makes a row later. */
  readonly due?: number;
};

export type DirtyRow = RecordKey & {
  /** Raised by every mark; a row is only deleted if it is unchanged since it was claimed. */
  readonly generation: number;
  readonly lane: Lane;
  readonly cause: Cause;
  /** Of the latest mark; null when any mark since the row was clean had none (then the record must be read). */
  readonly version: string | null;
  /** Counted failures since the last success. */
  readonly attempts: number;
  /** First mark since the row was clean. */
  readonly since: number;
  readonly due: number;
  /** Why it is due later, for `status` and `explain`; null when nothing went wrong. */
  readonly reason: string | null;
};

export type DueRow = RecordKey & Pick<DirtyRow, 'generation' | 'lane' | 'due'>;

export type Link = {
  readonly id: number;
  readonly profile: string;
  readonly ids: Readonly<Record<Side, string>>;
  /** What people call the records: `BUY-12`, `7405`. */
  readonly keys: Readonly<Record<Side, string>>;
  readonly state: LinkState;
  /** Why it is not active, or which fields are not settled, as a sentence; null when all is well. */
  readonly reason: string | null;
  readonly base: Base;
  /** Of writes whose outcome is not settled: they may have arrived, or not. Null: there are none. */
  readonly announced: Announced | null;
  /** Version of each record when it was last read or written under this link. */
  readonly versions: Readonly<Record<Side, string>>;
  /** Of what each record showed then; a read that shows the same has nothing to say. */
  readonly fingerprints: Readonly<Record<Side, string>>;
  /** Raised by every settlement: compare-and-set. */
  readonly revision: number;
  readonly profileVersion: string;
  readonly origin: 'stamp' | 'match' | 'created' | 'command';
  readonly createdAt: number;
  readonly settledAt: number;
};

/** The right to work on one link (or one unlinked record) until it is settled or released. Held by this process only. */
export type Claim = {
  readonly key: string;
  readonly profile: string;
  /** Both sides of a pair come in one claim; none where `claimRecord` took a clean record. */
  readonly rows: readonly DirtyRow[];
  readonly link: Link | null;
};

/** What speaks for a linked record being gone. Forgotten as soon as the record is read. */
export type Absence = {
  /** When a delete event came; null: none did. */
  readonly toldAt: number | null;
  /** The first direct read that did not find it; null: none yet. */
  readonly missedAt: number | null;
  /** The product says that it is there and that our account may not see it. */
  readonly hidden: boolean;
  /** What was done about it: a word of src/sync/gone.ts; null: nothing yet. */
  readonly done: string | null;
};
export type AbsenceWrite = { readonly side: Side; readonly id: string } & Omit<Absence, 'toldAt'>;

export type ConflictStatus = 'open' | 'settled' | 'superseded';

export type Conflict = {
  readonly id: number;
  readonly linkId: number;
  readonly profile: string;
  readonly field: string;
  /** Null: the field had no base yet. */
  readonly base: { readonly jira: Value; readonly crm: Value } | null;
  readonly values: Readonly<Record<Side, Value>>;
  /** Vendor's times of the two records when the conflict was seen, and who changed them last. */
  readonly changedAt: Readonly<Record<Side, number>>;
  readonly changedBy: Readonly<Record<Side, string | null>>;
  readonly policy: string;
  /** `held`, `jira`, `crm`, `merged`, or `overwritten` (a value we overwrote unseen). */
  readonly outcome: string;
  readonly status: ConflictStatus;
  /** A person's decision that waits to be carried out: a side, or a value in the CRM's canonical form. */
  readonly take: { readonly side: Side } | { readonly value: Value } | null;
  readonly at: number;
  readonly closedAt: number | null;
};

/** Identity is (link, field, base, values): the same conflict seen again is not stored again, only its status moves. */
export type ConflictWrite = Omit<Conflict, 'id' | 'linkId' | 'profile' | 'take' | 'closedAt'>;

/** `field` is '' for the whole record. */
export type Parked = RecordKey & {
  readonly field: string;
  readonly reason: string;
  readonly cure: string;
  /** Error class or `coercion`, `flip-flop`, `doubtful-create`, `two-matches`, …: a short fixed word for metrics. */
  readonly kind: string;
  readonly values: Readonly<Record<string, Value>>;
  readonly at: number;
};
export type ParkedWrite = Omit<Parked, 'profile' | 'at'>;

export type JournalEntry = {
  readonly at: number;
  readonly profile: string;
  readonly profileVersion: string;
  readonly linkId: number | null;
  readonly side: Side;
  readonly recordId: string;
  readonly field: string;
  readonly action: 'create' | 'update' | 'stamp' | 'unlink' | 'delete' | 'undo';
  readonly before: Value;
  readonly after: Value;
  readonly cause: Cause;
  /** One id per piece of work. */
  readonly run: string;
};

export type ParkedFilter = {
  readonly profile?: string;
  readonly side?: Side;
  readonly id?: string;
  readonly kind?: string;
  /** '' for those of whole records. */
  readonly field?: string;
};

export type JournalFilter = {
  readonly profile?: string;
  readonly linkId?: number;
  readonly run?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
};

/** What a pair's next decision looks at besides its link. */
export type Standing = {
  readonly parked: readonly Parked[];
  readonly openConflicts: readonly Conflict[];
  readonly recentWrites: readonly JournalEntry[];
};

export type IntentState = 'planned' | 'sent' | 'done' | 'doubtful';
export type Intent = {
  /** The sync key, with the target's tenant: unique. */
  readonly key: string;
  readonly profile: string;
  /** Where the record is created. */
  readonly side: Side;
  readonly sourceId: string;
  readonly state: IntentState;
  readonly attempt: number;
  /** Of the last attempt that was sent. */
  readonly sentAt: number | null;
  /** Since when it is in this state; in doubt: since when nothing of ours sends it any more. */
  readonly movedAt: number;
  readonly sent: SentIntent | null;
};

/** To find out what became of it: the connector's word on the moment, values by field id; in doubt, whether no more of it may arrive. */
export type SentIntent = { readonly before: string | null; readonly values: Fields; readonly arrived?: boolean };

/** Everything one piece of work leaves behind, committed at once. */
export type Settlement = {
  /** New link, or changes of the claimed one (compare-and-set on its revision). Absent: the link is not touched. */
  readonly link?: Omit<Link, 'id' | 'revision' | 'createdAt' | 'profile' | 'announced'> &
    Partial<Pick<Link, 'announced'>>;
  readonly conflicts: readonly ConflictWrite[];
  /** Open conflicts of these fields are closed as settled (agreement, or the decision was carried out). */
  readonly closeConflicts: readonly string[];
  readonly park: readonly ParkedWrite[];
  /** Parked rows of these records that are over. `field: null` means all of that record. */
  readonly unpark: readonly { readonly side: Side; readonly id: string; readonly field: string | null }[];
  /** `linkId: null` becomes the settled link. */
  readonly journal: readonly JournalEntry[];
  /** Set, or set anew: when due, the record is marked dirty in the bulk lane, whatever happened to it meanwhile. */
  readonly timers: readonly Timer[];
  /** Sightings of what we read or wrote, so that the next sweep finds nothing new. */
  readonly seen: readonly (Sighting & { readonly side: Side })[];
  /** Records that were looked for and not found; `seen` and `present` ones are forgotten as missing. */
  readonly absent?: readonly AbsenceWrite[];
  readonly present?: readonly { readonly side: Side; readonly id: string }[];
  /** Unlinked records that are gone: what was seen of them. */
  readonly forget?: readonly { readonly side: Side; readonly id: string }[];
  /** This intent is done, if it is known (it is not after the loss of a state). */
  readonly intentDone: string | null;
  /**
   * Rows of the claim: deleted if their generation is unchanged (else due now), or due again as by `release`.
   * `keep`: committed, but the work goes on under the same claim, with the answered link in it: `{ ...claim, link }`.
   */
  readonly next: 'clean' | 'keep' | Retry;
};

/** One per record and purpose. */
export type Timer = {
  readonly side: Side;
  readonly id: string;
  /** `gate`: a condition looks at the time. `not-found`: the second look at a record that was missed. */
  readonly purpose: 'gate' | 'not-found';
  readonly due: number;
};

export type Retry = { readonly due: number; readonly counted: boolean; readonly reason: string };

export type Store = LeaseVerbs & {
  // --- hints -------------------------------------------------------------------------------------------------
  markDirty(marks: readonly DirtyMark[], now: number): Promise<void>;
  /** Stores a delivery id with its marks; `duplicate` when the id was stored before (then nothing is marked). Ids are kept 48 h. */
  acceptDelivery(id: string | null, marks: readonly DirtyMark[], now: number): Promise<{ duplicate: boolean }>;
  /** Stores a page's sightings, marks those whose fingerprint is new, moves the cursor: one transaction. Answers how many were marked. */
  observe(page: SweepPage, now: number): Promise<{ marked: number }>;
  cursor(name: string): Promise<string | null>;
  forgetCursors(names: readonly string[]): Promise<void>;

  // --- work --------------------------------------------------------------------------------------------------
  /**
   * Claims up to `limit` due links or records of these lanes (default: both), the live one first. There the newest come
   * first, every fourth time the oldest; the bulk lane goes by due time. A claimed link is not claimed again.
   */
  claim(limit: number, now: number, lanes?: readonly Lane[]): Promise<readonly Claim[]>;
  /**
   * Unclaimed rows that a bell may be rung for: of each lane up to `limit` that are due, in the order in which they
   * should be worked on (live ones: the newest, then some of the oldest), and up to `limit` that fall due by `until`.
   */
  dueRows(limit: number, now: number, until: number): Promise<readonly DueRow[]>;
  /** As `claim`, but of these records alone: one that is gone, claimed or not due is passed over. */
  claimRung(records: readonly RecordKey[], now: number): Promise<readonly Claim[]>;
  /** Claims one record whatever its due time (it need not be dirty); BusyError when it is claimed. */
  claimRecord(key: RecordKey, now: number): Promise<Claim>;
  /**
   * For an unlinked claim that found its partner: takes the partner too (its rows join the claim's fate), or answers its
   * link (and takes nothing). BusyError when it is claimed elsewhere: that work has our record then, its row comes after it.
   */
  claimPartner(claim: Claim, partner: RecordKey): Promise<{ linkedTo: Link | null }>;
  /** Commits and gives the claim back (unless `keep`). StaleError (nothing committed, claim kept) when the link moved or a ref is linked elsewhere. Answers the link as it now is. */
  settle(claim: Claim, settlement: Settlement, now: number): Promise<Link | null>;
  /**
   * Before writes of a linked claim leave. StaleError (then nothing may leave) when the link moved; its revision stays. The
   * end of the process does not take it back, a loss of power may.
   */
  announce(claim: Claim, announced: Announced): Promise<void>;
  /** Gives the claim back unsettled; rows are due again at `retry.due`, or now if they were marked meanwhile. A claim without rows gets one. */
  release(claim: Claim, retry: Retry, now: number): Promise<void>;
  /** Turns due timers into dirty rows; answers how many. */
  ringTimers(now: number): Promise<number>;
  /** Earliest due time of an unclaimed dirty row (of those due later than `after`) or of a timer, or null. */
  nextDue(after?: number): Promise<number | null>;
  /** Makes all waiting rows of a profile due now, or those that would be due by then. */
  ringProfile(profile: string, now: number, dueBy?: number): Promise<void>;

  // --- pairs -------------------------------------------------------------------------------------------------
  linkOf(key: RecordKey): Promise<Link | null>;
  /** In id order, at most `limit` after `afterId`. */
  links(profile: string, afterId: number, limit: number): Promise<readonly Link[]>;
  /**
   * Ends the claimed link, if there is one, and keeps its records (or the claimed one) apart until a link names them
   * again: their parked rows and open conflicts are over, and the claim is given back clean.
   */
  unlink(claim: Claim, now: number): Promise<void>;
  isApart(key: RecordKey): Promise<boolean>;
  /**
   * As `unlink`, and everything that these records ever showed goes: base, journal, conflicts, what was sent. Their ids
   * stay, and nothing is stored of what they show from now on, until a link names them again. Answers how many rows went.
   */
  forget(claim: Claim, now: number): Promise<{ readonly journal: number; readonly conflicts: number }>;
  /** Links of this record in other profiles about the same kinds of records, removed ones too. */
  linksElsewhere(key: RecordKey): Promise<readonly { readonly link: Link; readonly removed: boolean }[]>;
  /**
   * For an unlinked claim: another profile's link of its record becomes the claim's, with conflicts, parked fields and
   * journal. BusyError when somebody works on it there, StaleError when it moved. The claim holds both records then.
   */
  takeOver(claim: Claim, link: Link, now: number): Promise<Link>;
  /** Ids of `side` whose i-th match key equals `value`, linked or not (unlinked ones first), at most 3. */
  matches(profile: string, side: Side, rule: number, value: string): Promise<readonly string[]>;
  /**
   * Over the marks of all records seen: which are carried twice on a side (at most 100), and how many unlinked records
   * with one were marked dirty. Left out are those kept apart, parked or dirty, and those marked before as they are.
   */
  auditMarks(profile: string, now: number): Promise<{ twice: readonly TwiceMarked[]; marked: number }>;
  /** Plans a create: stores the intent as `planned` if the key is new, answers what stands there now. */
  planIntent(intent: Pick<Intent, 'key' | 'profile' | 'side' | 'sourceId'>, now: number): Promise<Intent>;
  /** StaleError when it cannot go there: nothing leaves `done`, and `doubtful` never becomes `sent` directly. `sent` counts an attempt. */
  moveIntent(key: string, to: 'sent' | 'planned' | 'doubtful', now: number, sent?: SentIntent): Promise<void>;
  intent(key: string): Promise<Intent | null>;
  /**
   * Every intent left `sent` by a process that died becomes `doubtful`; answers how many. Of these profiles (default:
   * all): left by another machine, whose clock may differ, all that are in doubt count as given up now.
   */
  doubtSentIntents(now: number, profiles?: readonly string[]): Promise<number>;
  /** Of both records and of the link, if they have one; writes since then, in order of time. */
  standing(profile: string, ids: Link['ids'], linkId: number | null, since: number): Promise<Standing>;

  // --- records that are gone ---------------------------------------------------------------------------------
  absence(key: RecordKey): Promise<Absence | null>;
  goneTally(profile: string, since: number): Promise<GoneTally>;
  /** Linked records of that side that nobody has missed, one by each pick (0 to 1): spread over the order of links. */
  controls(profile: string, side: Side, besides: string, picks: readonly number[]): Promise<readonly string[]>;
  hiddenRecords(profile: string, side: Side, limit: number): Promise<readonly string[]>;
  /** After a whole pass, in rounds: marks the linked records dirty that were linked before it and are not listed. */
  census(
    profile: string,
    side: Side,
    listed: { has(id: string): boolean },
    before: number,
    now: number,
  ): Promise<number>;
  /** Of how many links, but those that we created since, a field was given another value (not its first) since then. */
  overwrites(profile: string, field: string, since: number): Promise<number>;

  // --- people ------------------------------------------------------------------------------------------------
  conflicts(filter: { profile?: string; linkId?: number; status?: ConflictStatus }): Promise<readonly Conflict[]>;
  conflict(id: number): Promise<Conflict | null>;
  /** Stores the decision of an open conflict and marks the pair dirty in the live lane; a closed one is answered as it is. */
  decideConflict(id: number, take: NonNullable<Conflict['take']>, now: number): Promise<Conflict | null>;
  parked(filter: ParkedFilter): Promise<readonly Parked[]>;
  /** Removes the parked rows and marks their records dirty in the live lane; answers how many rows. */
  retryParked(filter: ParkedFilter, now: number): Promise<number>;
  /** The newest `limit`, newest first; `since` and `until` (both included) are epoch ms. */
  journal(filter: JournalFilter): Promise<readonly JournalEntry[]>;
  dirtyRow(key: RecordKey): Promise<DirtyRow | null>;
  /** Finds a record of a profile by id or by the key people use. */
  findRecord(profile: string, idOrKey: string): Promise<RecordKey | null>;
  counts(profile: string): Promise<ProfileCounts>;
  /** Why rows of a profile are put off, the most frequent reasons first. */
  whatWaits(profile: string, now: number, limit: number): Promise<readonly WaitReason[]>;
  figures(): Promise<StateFigures>;

  // --- health ------------------------------------------------------------------------------------------------
  /** What cannot be in a state that only we write, as sentences; none: it makes sense. Reads all of it. */
  faults(): Promise<readonly string[]>;

  // --- limits ------------------------------------------------------------------------------------------------
  /** At most 5,000 rows of each kind; answers how many went. Base and sent values of what has ended go with the journal. */
  trim(before: TrimBefore): Promise<Readonly<Record<keyof TrimBefore, number>>>;

  // --- engine ------------------------------------------------------------------------------------------------
  /** Gives everything known of a profile another name; false (and nothing done) when the new name has links of its own. */
  renameProfile(from: string, to: string): Promise<boolean>;
  /** Tells which profiles there are; all others count as removed from now on, unless they were before. */
  keepProfiles(loaded: readonly KnownProfile[], now: number): Promise<void>;
  /** Forgets all of profiles that were removed before then; answers their names. */
  purgeProfiles(removedBefore: number): Promise<readonly string[]>;
  profileState(profile: string): Promise<ProfileState | null>;
  /** Leaves alone whether the profile is held. */
  saveProfileState(state: Pick<ProfileState, 'profile' | 'version' | 'matchedAt'>): Promise<void>;
  /** False: it was halted already, for the reason that stands. A person may pause again, for another one. */
  holdProfile(profile: string, how: 'halted' | 'paused', why: string): Promise<boolean>;
  /** Lets a paused profile go on, and with `accept` a halted one: what its brake had counted counts no more. Its rows are due now. */
  resumeProfile(profile: string, accept: boolean, now: number): Promise<void>;
  /** Notes for status: last sweep, last reload problem, connection states …; JSON values by name. */
  note(name: string, value: unknown): Promise<void>;
  /** Leaves alone what stands there; answers what stands there then, also when several ask at once. */
  noteOnce(name: string, value: unknown): Promise<unknown>;
  notes(): Promise<Readonly<Record<string, unknown>>>;
  /** Null: none of this name. */
  loadSecret(name: string): Promise<string | null>;
  /** On the disk when it resolves; `sealed` is encrypted already. */
  saveSecret(name: string, sealed: string): Promise<void>;
  addCommand(kind: CommandKind, args: Readonly<Record<string, unknown>>, now: number): Promise<number>;
  /** Takes the oldest waiting command (state `running`), or null. */
  takeCommand(): Promise<CommandRow | null>;
  updateCommand(id: number, state: CommandRow['state'], result: unknown): Promise<void>;
  command(id: number): Promise<CommandRow | null>;
  /** Every command left `running` by a process that died (of these profiles; default: all) fails with this result; answers how many. */
  failRunningCommands(result: unknown, profiles?: readonly string[]): Promise<number>;
  close(): Promise<void>;
};
