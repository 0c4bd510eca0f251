// A schedule as data: who does what when, and what goes wrong meanwhile. Made from a seed, and small enough to be cut
// down to the few lines that matter when something does not hold.
import type { Side } from '../../../src/model.ts';

/** A field by the name that both sides share; values as people say them. */
export type FieldName =
  | 'title'
  | 'amount'
  | 'due'
  | 'assignee'
  | 'labels'
  | 'distributor'
  | 'note'
  | 'urgent'
  | 'status';
export type Said = string | number | boolean | null | readonly string[];
export type SaidFields = Readonly<Partial<Record<FieldName, Said>>>;

export type Conflict = 'hold' | 'jira' | 'crm' | 'newest';

export type Setup = {
  readonly pairs: number;
  /** Requests and deals that begin without a partner. */
  readonly requests: number;
  readonly deals: number;
  readonly conflict: Conflict;
  readonly labels: 'merge' | 'hold';
  readonly note: 'both' | 'to-crm' | 'to-jira';
  readonly gone: 'unlink' | 'delete';
  readonly sweepMinutes: number;
  readonly tickMs: number;
  readonly indexLagMs: number;
  readonly keyGaps: boolean;
  readonly limits: 'real' | 'off';
  /** Bitrix24 as a local application with a queue of its own; full depth only. */
  readonly application: boolean;
  /** The daemon's clock runs by so much ahead of the products'. */
  readonly skewMs: number;
  /** Longest time that an answer takes. */
  readonly latencyMs: number;
  readonly webhooks: WebhookMode;
  /** Deliveries wait at the door while the daemon is down, until one answers them; thin depth only. */
  readonly patient?: boolean;
  readonly hours: number;
};

export type WebhookMode = 'normal' | 'lost' | 'shuffled' | 'doubled' | 'paused';

/** What happens to a request and its answer. */
export type FaultKind = 'unsent' | 'unanswered' | 'late' | 'error' | 'garbled' | 'cut' | 'limited' | 'hangs' | 'denied';
export type FaultOp = 'any' | 'create' | 'update' | 'read' | 'list';

export type Act =
  | { readonly do: 'edit'; readonly side: Side; readonly record: string; readonly fields: SaidFields }
  | { readonly do: 'create'; readonly side: Side; readonly record: string; readonly fields: SaidFields }
  | { readonly do: 'delete'; readonly side: Side; readonly record: string }
  /** An edit at the very moment when the daemon's next write of that side leaves. */
  | { readonly do: 'race'; readonly side: Side; readonly record: string; readonly fields: SaidFields }
  /** Moves the record out of the profile's scope, and back. */
  | { readonly do: 'leave' | 'return'; readonly record: string }
  /** Of those who run the sync: open conflicts, what is parked, a pass over everything, another version of the profile. */
  | { readonly do: 'decide' | 'retry' | 'resync' | 'edit-profile' }
  | { readonly do: 'pause'; readonly forMs: number }
  /** Another tool, or a rule of the portal: answers every change of the field with its own value. */
  | { readonly do: 'robot'; readonly field: 'note'; readonly times: number }
  /** The daemon dies at its n-th step from now, and is started again after so long. */
  /** The daemon dies in the moment in which it has answered the next delivery with 2xx. */
  | { readonly do: 'kill-told'; readonly downMs: number }
  | { readonly do: 'kill'; readonly steps: number; readonly downMs: number; readonly loseState: boolean }
  | {
      readonly do: 'fault';
      readonly side: Side;
      readonly op: FaultOp;
      readonly kind: FaultKind;
      readonly times: number;
      readonly forMs: number;
    }
  | { readonly do: 'outage'; readonly side: Side; readonly forMs: number }
  | { readonly do: 'revoke'; readonly side: Side; readonly forMs: number }
  | { readonly do: 'lag'; readonly ms: number; readonly forMs: number }
  | { readonly do: 'webhooks'; readonly side: Side; readonly mode: WebhookMode; readonly forMs: number }
  | { readonly do: 'clock'; readonly skewMs: number }
  /** The product answers success and keeps something else. */
  | {
      readonly do: 'coerce';
      readonly side: Side;
      readonly field: 'note' | 'title' | 'distributor';
      readonly forMs: number;
    }
  | { readonly do: 'no-field'; readonly side: Side; readonly field: 'note'; readonly forMs: number }
  | { readonly do: 'no-option'; readonly side: Side; readonly option: string; readonly forMs: number };

/** `at`: milliseconds after everything has settled for the first time. */
export type Action = Act & { readonly at: number };

/** Which generator made it; `npm run simulate -- --kind …`. */
export type Kind =
  | 'day'
  | 'isolated'
  | 'isolated-lost'
  | 'isolated-shuffled'
  | 'creates'
  | 'no-hints'
  | 'no-sweeps'
  | 'told'
  | 'both-ways';

export type Script = {
  readonly kind: Kind;
  readonly seed: number;
  readonly setup: Setup;
  readonly actions: readonly Action[];
};

export type Part = 'edits' | 'acts of those who run the sync' | 'faults';

const PARTS: Partial<Record<Act['do'], Part>> = {
  ...of('edits', ['edit', 'create', 'delete', 'race', 'leave', 'return']),
  ...of('acts of those who run the sync', ['decide', 'retry', 'resync', 'edit-profile', 'pause']),
};

function of(part: Part, acts: readonly Act['do'][]): Partial<Record<Act['do'], Part>> {
  return Object.fromEntries(acts.map((act) => [act, part]));
}

export function partOf(act: Act): Part {
  return PARTS[act.do] ?? 'faults';
}
