// What the two sandbox products and their shell agree on. Handlers are deterministic functions of their state, the
// injected clock and the request, so that the same code answers on a socket and inside a simulation.

export type SandboxRequest = {
  readonly method: string;
  /** Decoded path without query, `/rest/api/3/issue/10001`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

export type SandboxResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** The connection breaks instead of the answer arriving (the work may have been done). */
  readonly drop?: boolean;
};

/** A webhook on its way out; the port sends it (a socket, a queue of a simulation, or nowhere). */
export type OutgoingWebhook = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};
/** Answers the receiver's status; rejects when nothing answered. */
export type WebhookPort = (webhook: OutgoingWebhook) => Promise<number>;

/** A change by a person, named as people name things: fields by label or id, values by label or id. */
export type SandboxEdit = {
  readonly op: 'create' | 'update' | 'delete';
  /** Display name, e-mail or id of the person; left out: the first person of the sample data. */
  readonly user?: string;
  /** jira: project key; crm: entity (`deal`, `lead`, `contact`, `company`). */
  readonly in: string;
  /** Issue key or id, or CRM id; not for create. */
  readonly id?: string;
  /** jira: issue type of a create. */
  readonly type?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
};
export type SandboxEdited = { readonly id: string; readonly key: string };

/** One vendor's product in the sandbox. */
export type Product = {
  readonly handle: (request: SandboxRequest) => Promise<SandboxResponse>;
  /** Throws SandboxEditError with a sentence. */
  readonly edit: (edit: SandboxEdit) => SandboxEdited;
  /** Everything, as plain JSON in the vendor's own shapes. */
  readonly state: () => unknown;
  /** Where webhooks go and how they misbehave; see each product for the keys it knows. Throws SandboxEditError. */
  readonly configure: (settings: Readonly<Record<string, unknown>>) => unknown;
  /** Delivers what is due; resolves when nothing is left that is due now. Called by the shell on the clock. */
  readonly close: () => void;
};

export class SandboxEditError extends Error {}

/** One line of the request log. `commands` for a Bitrix24 batch. */
export type LoggedRequest = {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly commands?: readonly string[];
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
};
