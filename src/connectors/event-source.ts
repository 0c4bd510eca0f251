// How a product tells of changes: deliveries, and what it takes to get them (registrations in the product, the
// installation of an application, a queue that the product keeps for us). Part of the contract of connector.ts.
import type { ScopeSpec } from '../model.ts';
import type { Ask } from './ask.ts';

/** An HTTP delivery as it came in; `body` are the raw bytes, `headers` have lower-case names. */
export type Delivery = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** What a delivery points at. Content is never believed beyond this: the record is read again. */
export type RemoteHint = {
  readonly entity: string;
  readonly id: string;
  readonly kind: 'changed' | 'deleted';
  /**
   * The record's version as the vendor states it, to recognise the echo of our own write; null where it does not. Of one
   * record's versions the newer is the greater text.
   */
  readonly version: string | null;
};

/** `id` dedupes redeliveries (48 h), null where the vendor has none; `at` is the vendor's time in epoch ms, null where it tells none. */
export type Verdict =
  | {
      readonly accepted: true;
      readonly id: string | null;
      readonly at: number | null;
      readonly hints: readonly RemoteHint[];
    }
  | { readonly accepted: false; readonly reason: string };

/** What a delivery says about the connection itself. `queue`: something waits in the product's queue. */
export type Signal = 'queue' | 'installed' | 'removed' | 'test';

export type SubscribeAsk = Ask & {
  /** Where deliveries have to arrive. */
  readonly handler: string;
  /** Side blocks of the profiles on this connection; none: everything that a profile could name. */
  readonly specs: readonly ScopeSpec[];
  /** Asked by a person: registrations of ours that point elsewhere are moved here or removed; else they are left alone. */
  readonly takeOver: boolean;
  /** Nothing is changed: the steps are those that a call without it would take. */
  readonly plan?: boolean;
};

export type SubscriptionStep = {
  readonly done: 'kept' | 'made' | 'repaired' | 'removed';
  /** Which registration, and for a repair what was wrong with it. */
  readonly what: string;
};

export type Subscription = {
  readonly steps: readonly SubscriptionStep[];
  /** What could not be registered, as sentences for a person. */
  readonly missing: readonly { readonly message: string; readonly cure: string }[];
  /** What this plan of the product does not have; it works without. */
  readonly remarks: readonly string[];
};

/** Some changes out of the product's queue, reserved for us until `done` forgets them there. */
export type Taken = { readonly hints: readonly RemoteHint[]; done(): Promise<void> };

export type EventSource = {
  /** Registers what is missing, repairs what is wrong, removes doubles; a second call finds all kept. */
  subscribe(ask: SubscribeAsk): Promise<Subscription>;

  /** Asks the product for a test event; its delivery is the signal `test`. */
  test?(ask: Ask): Promise<void>;

  /**
   * What stands in the product's queue, in portions; ends when it is empty, and at once where there is no queue. What an
   * earlier process took and did not finish comes first. Asked for by one caller at a time.
   */
  pull?(ask: Ask): AsyncIterable<Taken>;

  /** For every delivery before `receive`: takes in an installation or its end. A forged one is nothing: null. */
  takeIn?(delivery: Delivery): Promise<Signal | null>;

  readonly installation?: Installation;
};

/** For a connection that is an application which a person installs in the product. */
export type Installation = {
  /** Whether its tokens are known. */
  installed(): Promise<boolean>;
  /** What a person has to enter in the product. */
  card(handler: string): readonly { readonly label: string; readonly value: string }[];
  /** Where a browser gets a code instead, and what that code is good for: tokens. */
  readonly codeAddress: string;
  exchange(code: string): Promise<void>;
};
