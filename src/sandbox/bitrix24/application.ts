// The local application that an administrator adds in the portal: its card, its tokens, its event handlers and its
// offline queue. One per portal; its client id, secret and application token exist from the start, as on the card.

export type AccessToken = {
  readonly userId: number;
  expiresAt: number;
  /** Events between this token and a person's act: tokens that come with events count one more. */
  readonly hops: number;
};

export type RefreshToken = {
  readonly userId: number;
  readonly expiresAt: number;
  usedAt: number | null;
};

export type Handler = {
  readonly id: number;
  readonly event: string;
  /** Empty for offline handlers. */
  readonly url: string;
  /** Whose tokens go along; 0: those of the user who acted. */
  readonly authType: number;
  readonly offline: boolean;
  readonly connector: string;
  /** Seconds between two notices of ONOFFLINEEVENT. */
  readonly minTimeout: number;
};

export type OfflineRow = {
  readonly id: number;
  /** When the object last changed. */
  readonly at: number;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Author of the last change; null: a robot. */
  readonly userId: number | null;
  /** The same for every change of one object by one event. */
  readonly messageId: string;
  readonly connector: string;
  /** Empty until reserved. */
  readonly processId: string;
  readonly reservedAt: number;
  readonly error: boolean;
};

export type Application = {
  installed: boolean;
  readonly accessTokens: Map<string, AccessToken>;
  readonly refreshTokens: Map<string, RefreshToken>;
  /** Of the authorization page; good once, for 30 s. */
  readonly codes: Map<string, { readonly userId: number; readonly expiresAt: number }>;
  handlers: Handler[];
  /** By connector, message, process and error flag. */
  readonly queue: Map<string, OfflineRow>;
  /** Handler id -> when ONOFFLINEEVENT last left, and for which hit. */
  readonly noticed: Map<number, { readonly at: number; readonly hit: number }>;
};

export function createApplication(): Application {
  return {
    installed: false,
    accessTokens: new Map(),
    refreshTokens: new Map(),
    codes: new Map(),
    handlers: [],
    queue: new Map(),
    noticed: new Map(),
  };
}
