// Everything a test can turn on this portal, one typed list. `configure` replaces the keys it names and leaves the
// rest; null puts a key back to its default. Field names in settings: REST name, upper-case name or label.
import { SandboxEditError } from '../http.ts';
import { entityNamed } from './entities.ts';
import { DEFAULT_VARIANTS, readVariants, type Variants } from './variants.ts';

/** An outgoing webhook as made by hand in the portal's settings. No `events`: all of the list. */
export type OutgoingHook = {
  readonly url: string;
  readonly applicationToken?: string;
  readonly events?: readonly string[];
};

/** `lost`: share (0..1) of events that never leave. `times`: how often each is sent. `shuffled`: sent within seconds, in any order. */
export type WebhookMode = {
  readonly lost: number;
  readonly times: number;
  readonly shuffled: boolean;
  readonly paused: boolean;
};

/** What the portal does to a value while it says 200: cuts text, drops an option, rounds a number. */
export type Coercion = {
  readonly field: string;
  readonly cut?: number;
  readonly dropOption?: string;
  readonly round?: number;
};

/** Runs after a save that changed `on`: sets fields, or rewrites `rewrite` by putting `prefix`/`suffix` round its value. */
export type Robot = {
  readonly entity?: string;
  readonly on: string;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly rewrite?: { readonly field: string; readonly prefix?: string; readonly suffix?: string };
  readonly afterMs?: number;
};

export type Settings = {
  readonly webhooks: readonly OutgoingHook[];
  readonly webhookMode: WebhookMode;
  /** From the save to the event's leaving. */
  readonly eventDelayMs: number;
  /** Extra delay by event code, to make one kind late. */
  readonly slowEvents: Readonly<Record<string, number>>;
  readonly variants: Variants;
  readonly plan: 'standard' | 'enterprise';
  /** Rights of the webhook's owner. */
  readonly admin: boolean;
  readonly scopes: readonly string[];
  /** Entity -> `denied` (ACCESS_DENIED) or `empty` (lists look empty, items absent). */
  readonly denyEntity: Readonly<Record<string, 'denied' | 'empty'>>;
  /** Entity -> ids that the webhook's owner may not read: left out of lists, ACCESS_DENIED by id. */
  readonly hiddenItems: Readonly<Record<string, readonly number[]>>;
  /** The webhook was revoked: 401 or 403 with INVALID_CREDENTIALS, or pages that are silently empty. */
  readonly revokeToken: 'no' | '401' | '403' | 'empty-pages';
  readonly coerce: readonly Coercion[];
  readonly readOnlyFields: readonly string[];
  readonly requiredFields: readonly string[];
  readonly renameField: Readonly<Record<string, string>>;
  readonly removeField: readonly string[];
  /** Field -> option texts or ids that no longer exist. */
  readonly removeOption: Readonly<Record<string, readonly string[]>>;
  /** Stage (or pipeline) changes answer the code `-`. */
  readonly denyStageChange: boolean;
  /** Seconds that one call of a method costs the operating limit; `*` for the rest. */
  readonly operatingSeconds: Readonly<Record<string, number>>;
  /** Operating seconds in ten minutes before a method is blocked. */
  readonly operatingLimit: number;
  /** Every n-th deal carries another system's origin (1C). Applied to the deals there are, without an event. */
  readonly foreignOriginators: { readonly every: number; readonly originatorId: string };
  readonly robots: readonly Robot[];
  /** Total of the product rows: while set, a save with isManualOpportunity N makes it the amount. */
  readonly productRowsTotal: number | null;
  /** Requests to the old host are answered 302 to the new base address. */
  readonly rename: { readonly oldHost: string; readonly newUrl: string } | null;
  readonly portalDeleted: boolean;
  readonly portalOffset: string;
  readonly simpleCrm: boolean;
};

const COSTS: Readonly<Record<string, number>> = {
  'crm.item.add': 0.3,
  'crm.item.update': 0.3,
  'crm.item.delete': 0.2,
  'crm.item.list': 0.12,
  '*': 0.04,
};

export const DEFAULT_SETTINGS: Settings = {
  webhooks: [],
  webhookMode: { lost: 0, times: 1, shuffled: false, paused: false },
  eventDelayMs: 50,
  slowEvents: {},
  variants: DEFAULT_VARIANTS,
  plan: 'standard',
  admin: true,
  scopes: ['crm', 'task', 'user', 'userfieldconfig'],
  denyEntity: {},
  hiddenItems: {},
  revokeToken: 'no',
  coerce: [],
  readOnlyFields: [],
  requiredFields: [],
  renameField: {},
  removeField: [],
  removeOption: {},
  denyStageChange: false,
  operatingSeconds: COSTS,
  operatingLimit: 480,
  foreignOriginators: { every: 0, originatorId: '1C' },
  robots: [],
  productRowsTotal: null,
  rename: null,
  portalDeleted: false,
  portalOffset: '+03:00',
  simpleCrm: false,
};

type Reader<T> = (value: unknown) => T | undefined;

const text: Reader<string> = (value) => (typeof value === 'string' ? value : undefined);
const flag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
const count: Reader<number> = (value) => (typeof value === 'number' && value >= 0 ? value : undefined);
const map = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function oneOf<T extends string>(...words: readonly T[]): Reader<T> {
  return (value) => words.find((word) => word === value);
}

function list<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value) => {
    const items = (Array.isArray(value) ? value : [value]).map(read);
    return items.includes(undefined) ? undefined : (items as T[]);
  };
}

function mapOf<T>(read: Reader<T>, knownKey: (key: string) => boolean = () => true): Reader<Record<string, T>> {
  return (value) => {
    if (!map(value)) return undefined;
    const result: Record<string, T> = {};
    for (const [key, inner] of Object.entries(value)) {
      const item = read(inner);
      if (item === undefined || !knownKey(key)) return undefined;
      result[key] = item;
    }
    return result;
  };
}

/** An object with these keys; `needed` ones must be there, other keys are refused. */
function shape<T>(readers: Readonly<Record<keyof T & string, Reader<unknown>>>, ...needed: string[]): Reader<T> {
  return (value) => {
    if (!map(value) || needed.some((key) => !(key in value))) return undefined;
    for (const [key, inner] of Object.entries(value)) {
      const read = (readers as Record<string, Reader<unknown>>)[key];
      if (read === undefined || read(inner) === undefined) return undefined;
    }
    return value as T;
  };
}

const word: Reader<string> = (value) => (typeof value === 'number' ? String(value) : text(value));
const anyMap: Reader<Record<string, unknown>> = (value) => (map(value) ? value : undefined);
const isEntity = (key: string) => entityNamed(key) !== undefined;
const hook = shape<OutgoingHook>({ url: text, applicationToken: text, events: list(text) }, 'url');
const fullMode = shape<Partial<WebhookMode>>({ lost: count, times: count, shuffled: flag, paused: flag });

const MODES: Readonly<Record<string, Partial<WebhookMode>>> = {
  normal: {},
  lost: { lost: 1 },
  doubled: { times: 2 },
  shuffled: { shuffled: true },
  paused: { paused: true },
};

function mode(value: unknown): WebhookMode | undefined {
  const given = typeof value === 'string' ? MODES[value] : fullMode(value);
  return given && { ...DEFAULT_SETTINGS.webhookMode, ...given };
}

const READERS: { readonly [K in keyof Settings]: Reader<Settings[K]> } = {
  webhooks: list(hook),
  webhookMode: mode,
  eventDelayMs: count,
  slowEvents: mapOf(count),
  variants: readVariants,
  plan: oneOf('standard', 'enterprise'),
  admin: flag,
  scopes: list(text),
  denyEntity: mapOf(oneOf('denied', 'empty'), isEntity),
  hiddenItems: mapOf(list(count), isEntity),
  revokeToken: oneOf('no', '401', '403', 'empty-pages'),
  coerce: list(shape<Coercion>({ field: text, cut: count, dropOption: word, round: count }, 'field')),
  readOnlyFields: list(text),
  requiredFields: list(text),
  renameField: mapOf(text),
  removeField: list(text),
  removeOption: mapOf(list(word)),
  denyStageChange: flag,
  operatingSeconds: (value) => {
    const given = mapOf(count)(value);
    return given && { ...COSTS, ...given };
  },
  operatingLimit: count,
  foreignOriginators: shape<Settings['foreignOriginators']>(
    { every: count, originatorId: text },
    'every',
    'originatorId',
  ),
  robots: list(shape<Robot>({ entity: text, on: text, set: anyMap, rewrite: anyMap, afterMs: count }, 'on')),
  productRowsTotal: count,
  rename: shape<{ oldHost: string; newUrl: string }>({ oldHost: text, newUrl: text }, 'oldHost', 'newUrl'),
  portalDeleted: flag,
  portalOffset: (value) => (typeof value === 'string' && /^[+-]\d\d:\d\d$/.test(value) ? value : undefined),
  simpleCrm: flag,
};

export function applySettings(current: Settings, changes: Readonly<Record<string, unknown>>): Settings {
  const next: Record<string, unknown> = { ...current };
  for (const [key, value] of Object.entries(changes)) {
    const read = (READERS as Record<string, Reader<unknown>>)[key];
    if (read === undefined) {
      throw new SandboxEditError(`unknown setting "${key}"; known: ${Object.keys(READERS).join(', ')}`);
    }
    const accepted = value === null ? DEFAULT_SETTINGS[key as keyof Settings] : read(value);
    if (accepted === undefined) throw new SandboxEditError(`setting "${key}" does not take ${JSON.stringify(value)}`);
    next[key] = accepted;
  }
  return next as Settings;
}
