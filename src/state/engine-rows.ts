// What the store keeps of the daemon's own affairs: profiles, commands, limits.
import type { Side } from '../model.ts';

export type ProfileState = {
  readonly profile: string;
  readonly version: string;
  /** When the first full match pass of that side ended; null: not yet. */
  readonly matchedAt: Readonly<Record<Side, number | null>>;
  /** Why the brake holds it, as a sentence; null: it does not. */
  readonly halted: string | null;
  /** Why a person holds it; null: nobody does. */
  readonly paused: string | null;
  /** When a person last accepted what the brake had stopped; what was overwritten before does not count again. */
  readonly acceptedAt: number | null;
};

/** `about`: connection and kind of record of both sides, as one text; profiles that share it may share their pairs. */
export type KnownProfile = { readonly profile: string; readonly about: string };

export type CommandKind = 'sync' | 'resync' | 'link' | 'unlink' | 'forget' | 'undo';
export type CommandRow = {
  readonly id: number;
  readonly kind: CommandKind;
  readonly args: Readonly<Record<string, unknown>>;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** What the command answers, or how far it is. */
  readonly result: unknown;
  readonly at: number;
};

/** What is older than these times (epoch ms) may go. */
export type TrimBefore = {
  readonly journal: number;
  /** Closed ones. */
  readonly conflicts: number;
  /** Of records that nothing else knows any more. */
  readonly parked: number;
  /** Ended ones. */
  readonly commands: number;
};
