// The state of one portal. Items keep canonical values under field keys: instants as epoch ms, dates as `YYYY-MM-DD`,
// flags as Y/N, references, users and options as numbers; print.ts turns them into what REST shows.
import type { Clock, Random } from '../../ports.ts';
import type { Application } from './application.ts';
import type { EntityName } from './entities.ts';
import type { Schema } from './field.ts';
import type { Settings } from './settings.ts';
import type { UserField } from './user-fields.ts';

export type Item = { readonly id: number } & Record<string, unknown>;

export type User = {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly lastName: string;
  readonly email: string;
  readonly active: boolean;
  readonly position: string;
};

/** A row of crm.status: a stage or an entry of another dictionary. */
export type Status = {
  readonly id: number;
  /** `DEAL_STAGE_9` */
  readonly dictionary: string;
  /** `C9:NEW` */
  readonly statusId: string;
  readonly name: string;
  readonly sort: number;
  readonly categoryId: number | null;
  readonly semantics: 'S' | 'F' | null;
};

export type Category = { readonly id: number; readonly name: string; readonly sort: number };
export type Currency = { readonly code: string; readonly name: string; readonly rate: number; readonly base: boolean };
export type CommentFile = { readonly id: number; readonly name: string; readonly size: number };

export type Comment = {
  readonly id: number;
  readonly entity: EntityName;
  readonly ownerId: number;
  readonly created: number;
  readonly authorId: number;
  text: string;
  files: readonly CommentFile[];
};

export type StageEntry = {
  readonly id: number;
  readonly entity: EntityName;
  readonly ownerId: number;
  readonly type: number;
  readonly at: number;
  readonly stageId: string;
  readonly semantics: string;
  readonly categoryId: number;
};

export type Credential = {
  readonly code: string;
  readonly userId: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly memberId: string;
  readonly applicationToken: string;
};

/** Whose request or hand runs now, as PHP keeps it for one hit: events and the offline queue look here. */
export type Acting = {
  /** null: a robot or an agent. */
  readonly userId: number | null;
  /** Authorized by a token of the application. */
  readonly byApp: boolean;
  /** auth_connector of the request; empty without one. */
  readonly connector: string;
  /** See AccessToken. */
  readonly hops: number;
  /** Number of the request. */
  readonly hit: number;
};

export type Portal = {
  readonly clock: Clock;
  readonly random: Random;
  readonly url: () => string;
  readonly limits: 'real' | 'off';
  readonly credential: Credential;
  readonly users: readonly User[];
  readonly statuses: readonly Status[];
  readonly categories: readonly Category[];
  readonly currencies: readonly Currency[];
  readonly userFields: readonly UserField[];
  /** In order of id: ids only grow. */
  readonly items: Readonly<Record<EntityName, Map<number, Item>>>;
  /** What was deleted. */
  readonly bin: Readonly<Record<EntityName, Map<number, Item>>>;
  /** Ids by external key; kept by item-store.ts. */
  readonly origins: Map<string, Set<number>>;
  readonly comments: Map<number, Comment>;
  readonly stageHistory: StageEntry[];
  /** Last id given, by kind of thing. */
  readonly counters: Map<string, number>;
  /** Fields by entity; emptied when settings change. */
  readonly schemas: Map<EntityName, Schema>;
  settings: Settings;
  readonly app: Application;
  acting: Acting;
  /** Tells the outgoing webhooks and the application; set once the portal stands. */
  raise: (event: string, id: number, more?: Readonly<Record<string, unknown>>) => void;
  tellApp: (event: string, data: Readonly<Record<string, unknown>>) => void;
  /** Starts the automation rules; set once the portal stands. */
  afterSave: (entity: EntityName, id: number, changed: readonly string[]) => void;
  /** Runs `work` after `ms` of the clock, unless the portal is closed. */
  later: (ms: number, work: () => void) => void;
};

export function nextId(portal: Portal, kind: string): number {
  const id = (portal.counters.get(kind) ?? 0) + 1;
  portal.counters.set(kind, id);
  return id;
}

/** Runs `work` as somebody; events that it raises are theirs. */
export function actAs<T>(portal: Portal, acting: Acting, work: () => T): T {
  const before = portal.acting;
  portal.acting = acting;
  try {
    return work();
  } finally {
    portal.acting = before;
  }
}

/** A person's hand in the portal, or (null) a robot's. */
export function byHand(portal: Portal, userId: number | null): Acting {
  return { userId, byApp: false, connector: '', hops: 0, hit: nextId(portal, 'hit') };
}

/** By id, key, e-mail or name. */
export function userNamed(portal: Portal, named: string): User | undefined {
  const wanted = named.toLowerCase();
  return portal.users.find((user) =>
    [String(user.id), user.key, user.email, `${user.name} ${user.lastName}`].some(
      (name) => name.toLowerCase() === wanted,
    ),
  );
}

/** Who added the application: its first tokens are theirs. */
export function appUser(portal: Portal): User | undefined {
  const named = portal.settings.app?.user;
  if (named !== undefined) return userNamed(portal, named);
  return portal.users.find((user) => user.id === portal.credential.userId);
}

/** The vendor keeps whole seconds. */
export function portalNow(portal: Portal): number {
  return Math.floor(portal.clock.now() / 1000) * 1000;
}

export function baseUrl(portal: Portal): string {
  const url = portal.settings.rename?.newUrl ?? portal.url();
  return url.replace(/\/+$/, '');
}

/** The authorization server does not move when the portal is renamed. */
export function serverBase(portal: Portal): string {
  return portal.url().replace(/\/+$/, '');
}

export function baseCurrency(portal: Portal): string {
  return portal.currencies.find((currency) => currency.base)?.code ?? 'RUB';
}

/** ENTITY_ID of the stages that an item of this entity and pipeline can have; null where there are none. */
export function stageDictionary(entity: EntityName, categoryId: unknown): string | null {
  if (entity === 'lead') return 'STATUS';
  if (entity !== 'deal') return null;
  return categoryId ? `DEAL_STAGE_${Number(categoryId)}` : 'DEAL_STAGE';
}

export function stagesOf(portal: Portal, entity: EntityName, categoryId: unknown): Status[] {
  const dictionary = stageDictionary(entity, categoryId);
  return portal.statuses.filter((status) => status.dictionary === dictionary);
}
