// The two products as people see and disturb them, and the daemon's lives before them. Two depths have it: the whole
// sandbox behind its HTTP handlers, and records in memory. What happened is recorded here, on the products' side.

import type { LiveProfiles } from '../../../src/daemon/live-profiles.ts';
import type { Side, Value } from '../../../src/model.ts';
import type { Log } from '../../../src/ports.ts';
import type { Product, SandboxRequest, SandboxResponse } from '../../../src/sandbox/http.ts';
import type { Store } from '../../../src/state/store.ts';
import type { MakeDispatcher } from '../../../src/work/dispatcher.ts';
import type { Engine } from '../../../src/work/engine.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';
import type { Act, FieldName, Said, SaidFields, Setup, WebhookMode } from '../script/script.ts';

export type Actor = 'person' | 'robot' | 'daemon';

/** A record as its screen shows it. */
export type Seen = {
  readonly id: string;
  readonly key: string;
  readonly fields: Readonly<Record<FieldName, Said>>;
  /** The sync key that it carries, proven; null: none. */
  readonly mark: string | null;
  /** Whom it names as its partner in a field that people see. */
  readonly names: string | null;
  readonly inScope: boolean;
};

export type Change = { readonly field: FieldName; readonly from: Said; readonly to: Said };

/** One thing that happened to one record, in the order of `seq`. */
export type Happening = {
  readonly seq: number;
  readonly at: number;
  readonly side: Side;
  readonly id: string;
  readonly actor: Actor;
  readonly what: 'create' | 'update' | 'delete';
  readonly changes: readonly Change[];
  readonly mark: string | null;
  /** What the daemon took to stand there when it wrote, where that is known. */
  readonly expected?: SaidFields;
};

/** A record left the scope of the profile, or came back. */
export type Move = { readonly at: number; readonly side: Side; readonly id: string; readonly inScope: boolean };

/** The daemon read a record, after so many happenings. */
export type Look = { readonly after: number; readonly at: number; readonly side: Side; readonly id: string };

/** A request of the daemon that writes, whatever came of it. */
export type Sent = {
  readonly at: number;
  readonly side: Side;
  readonly what: 'create' | 'update' | 'delete';
  readonly id: string | null;
  /** Mapped fields, and others by their id. */
  readonly fields: readonly string[];
  readonly way: Way;
};

/** One request on its way; several writes may share it. */
export type Way = {
  /** Which life of the daemon sent it. */
  readonly life: number;
  /** Null: not yet, or never. */
  answeredAt: number | null;
};

export type StepKind = 'request' | 'answer' | 'stored';
export type Step = {
  readonly kind: StepKind;
  readonly side: Side | null;
  readonly writes: boolean;
  readonly what: string;
};

export type Life = {
  readonly engine: Engine;
  readonly profiles: LiveProfiles;
  /** From now on deliveries arrive. */
  open(): void;
  /** From now on nothing of it goes on. */
  kill(): void;
  stop(): Promise<void>;
};

export type LifeOptions = {
  readonly store: Store;
  /** The state is new. */
  readonly fresh: boolean;
  readonly log: Log;
  readonly tickMs: number;
  readonly onStep: (step: Step) => void;
  readonly onFatal: (error: unknown) => void;
};

export type Fault = Extract<Act, { do: 'fault' }>;

export type Stage = {
  readonly depth: 'full' | 'thin';
  readonly clock: VirtualClock;
  readonly happenings: readonly Happening[];
  readonly moves: readonly Move[];
  /** Which of them the daemon did without ever being told of it: the answer was lost, or came when it was dead. */
  readonly unheard: ReadonlySet<number>;
  readonly sent: readonly Sent[];
  /** Where the stage sees single records being read. */
  readonly looks: readonly Look[];
  /** Updates of fields that had been read with the same value (S12), where the stage sees on what they were planned. */
  readonly needless: readonly string[];
  /** Whom to tell of each happening, as it is noted. */
  onHappening(listener: ((happening: Happening) => void) | null): void;
  seen(side: Side): ReadonlyMap<string, Seen>;
  /** A value of a conflict or a parked row as a screen would show it. */
  show(side: Side, field: FieldName, value: Value): Said;
  /** Whom to tell of each delivery that was answered with 2xx, in that moment. */
  onAcknowledged(listener: (() => void) | null): void;
  /** False when the product refuses. */
  edit(side: Side, id: string, fields: SaidFields, actor: 'person' | 'robot'): boolean;
  create(side: Side, fields: SaidFields): string | null;
  remove(side: Side, id: string): void;
  move(id: string, inScope: boolean): void;
  /** Each answers what heals it. */
  fault(fault: Fault): () => void;
  outage(side: Side): () => void;
  revoke(side: Side): () => void;
  lag(ms: number): () => void;
  webhooks(side: Side, mode: WebhookMode): () => void;
  coerce(side: Side, field: 'note' | 'title' | 'distributor'): () => void;
  noField(side: Side, field: 'note'): () => void;
  noOption(side: Side, option: string): () => void;
  skew(ms: number): void;
  /** Begins a life; the one before must be over. Webhooks go to it from now on. */
  begin(options: LifeOptions): Promise<Life>;
  /** All deliveries that were ever accepted come once more, in this order. */
  redeliver(order: (count: number) => readonly number[]): Promise<void>;
  /** How many requests the daemon sent. */
  requests(): number;
  /** Secrets that must stand nowhere. */
  readonly secrets: readonly string[];
  close(): void;
};

/** What stands between the daemon and everything outside of it; left out: nothing. */
export type Border = {
  readonly makeDispatcher: MakeDispatcher;
  readonly lookAgainMs: number;
  request(side: Side, request: SandboxRequest, handle: Product['handle']): Promise<SandboxResponse>;
  delivery(side: Side, receive: () => Promise<number>): Promise<number>;
};

export type StageOptions = { readonly seed: number; readonly setup: Setup; readonly border?: Border };
