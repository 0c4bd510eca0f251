// Everything a test can turn on this portal, one typed list. `configure` replaces the keys it names and leaves the
// rest; null puts a key back to its default. Field names in settings: REST name, upper-case name or label.
import { z } from 'zod';
import { SandboxEditError } from '../http.ts';
import { DEFAULT_VARIANTS, VARIANT_NAMES, type Variants } from './variants.ts';

const names = z.array(z.string());
const optionRef = z.union([z.string(), z.number()]).transform(String);
const entityName = z.enum(['lead', 'deal', 'contact', 'company']);

/** An outgoing webhook as made by hand in the portal. No `events`: all of them; no token: the portal's own. */
const hook = z.strictObject({
  url: z.string(),
  applicationToken: z.string().optional(),
  events: names.optional(),
});

const modes = z.strictObject({
  /** Share (0..1) of events that never leave. */
  lost: z.number().min(0).max(1).default(0),
  /** How often each event is sent. */
  copies: z.number().int().min(0).max(20).default(1),
  /** Sent in any order within `shuffleMs`. */
  shuffled: z.boolean().default(false),
  /** Kept until the next mode. */
  paused: z.boolean().default(false),
});
const MODE_WORDS = {
  normal: {},
  lost: { lost: 1 },
  doubled: { copies: 2 },
  shuffled: { shuffled: true },
  paused: { paused: true },
} as const;
const modeWord = z.enum(['normal', 'lost', 'doubled', 'shuffled', 'paused']);

const appCard = z.strictObject({
  /** Gets the installation callback. */
  installUrl: z.string().optional(),
  /** Where the authorization page sends the browser; left out: the installation address. */
  handlerUrl: z.string().optional(),
  /** Who adds it; left out: the account of the incoming webhook. */
  user: z.string().optional(),
  /** Left out: those of the incoming webhook. */
  scopes: names.optional(),
});

const coercion = z.strictObject({
  field: z.string(),
  /** Cuts a text at so many characters. */
  cut: z.number().int().nonnegative().optional(),
  /** Option text or id that is dropped without a word. */
  dropOption: optionRef.optional(),
  /** Rounds a number to so many digits. */
  round: z.number().int().optional(),
});

const robot = z.strictObject({
  entity: entityName.default('deal'),
  /** The field whose change starts it. */
  on: z.string(),
  set: z.record(z.string(), z.unknown()).default({}),
  /** Puts `prefix` and `suffix` round a field's value. */
  rewrite: z
    .strictObject({ field: z.string(), prefix: z.string().default(''), suffix: z.string().default('') })
    .optional(),
  afterMs: z.number().nonnegative().default(0),
});

const failure = z.strictObject({
  method: z.string(),
  status: z.number().int().min(400).max(599),
  error: z.union([z.string(), z.number()]),
  description: z.string().default(''),
});

const COSTS: Readonly<Record<string, number>> = {
  'crm.item.add': 0.3,
  'crm.item.update': 0.3,
  'crm.item.delete': 0.2,
  'crm.item.list': 0.12,
  '*': 0.04,
};

const schema = z.strictObject({
  webhooks: z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(hook)),
  webhookMode: z.union([modeWord.transform((word) => modes.parse(MODE_WORDS[word])), modes]),
  /** From the save to the event's leaving. */
  eventDelayMs: z.number().nonnegative(),
  shuffleMs: z.number().nonnegative(),
  /** Event code -> extra delay, to make one kind late. */
  slowEvents: z.record(z.string(), z.number().nonnegative()),
  /** Unconfirmed behaviour; see variants.ts for every name. Those not named stand at their default. */
  variants: z
    .partialRecord(z.enum(VARIANT_NAMES), z.enum(['A', 'B']))
    .transform((given): Variants => ({ ...DEFAULT_VARIANTS, ...given }) as Variants),
  plan: z.enum(['standard', 'enterprise']),
  /** Plan features that differ from the plan's: only enterprise has both. */
  features: z.partialRecord(z.enum(['rest_offline_extended', 'rest_auth_connector']), z.boolean()),
  /** The local application: setting it adds it (or saves its card again), null takes it away. */
  app: appCard.nullable(),
  /** Who is signed in where the authorization page opens; null: who added the application. */
  browserUser: z.string().nullable(),
  /** Keys of people whom the application's access settings leave out. */
  appDeniedFor: names,
  /** What the authorization server answers instead of tokens. */
  oauthFailure: z
    .strictObject({ error: z.string(), status: z.number().int().default(400), description: z.string().default('') })
    .nullable(),
  paymentExpired: z.boolean(),
  /** Rights of the webhook's owner. */
  admin: z.boolean(),
  scopes: names,
  /** Entity -> `denied` (ACCESS_DENIED) or `empty` (lists look empty, items absent). */
  denyEntity: z.partialRecord(entityName, z.enum(['denied', 'empty'])),
  /** Entity -> ids that the owner may not read: left out of lists, ACCESS_DENIED by id. */
  hiddenItems: z.partialRecord(entityName, z.array(z.coerce.number())),
  /** The webhook was revoked: INVALID_CREDENTIALS with 401 or 403, or pages that are silently empty. */
  revokeToken: z.union([
    z.boolean().transform((on) => (on ? ('401' as const) : ('no' as const))),
    z.enum(['no', '401', '403', 'empty-pages']),
  ]),
  /** What the portal does to a value while it says 200. */
  coerce: z.array(coercion),
  readOnlyFields: names,
  requiredFields: names,
  /** Field -> its new label. */
  renameField: z.record(z.string(), z.string()),
  removeField: names,
  /** Field -> option texts or ids that no longer exist. */
  removeOption: z.record(z.string(), z.array(optionRef)),
  /** Stage and pipeline changes answer the code `-`. */
  denyStageChange: z.boolean(),
  /** Method -> seconds that one call costs the operating limit; `*` for the rest. */
  operatingSeconds: z.record(z.string(), z.number().nonnegative()).transform((given) => ({ ...COSTS, ...given })),
  /** Seconds in ten minutes before a method is blocked. */
  operatingLimit: z.number().positive(),
  /** Methods (`*`: every one) that fail with an error of the vendor's list, also inside a batch. */
  failures: z.array(failure),
  /** Every n-th deal there is now gets another system's origin (1C keeps its keys there), without an event. */
  foreignOriginators: z.strictObject({
    every: z.number().int().nonnegative(),
    originatorId: z.string().default('1C'),
  }),
  /** Automation rules: run after a save that changed their field. */
  robots: z.array(robot),
  /** Total of the product rows: while set, a save with isManualOpportunity N makes it the amount. */
  productRowsTotal: z.number().nullable(),
  /** Requests to the old host (`name:port`) are answered 302 to the new base address. */
  rename: z.strictObject({ oldHost: z.string(), newUrl: z.string() }).nullable(),
  portalDeleted: z.boolean(),
  portalOffset: z.string().regex(/^[+-]\d\d:\d\d$/),
  /** Simple CRM: a new lead becomes a deal at once and cannot be read. */
  simpleCrm: z.boolean(),
});

export type Settings = z.infer<typeof schema>;
export type OutgoingHook = z.infer<typeof hook>;
export type Robot = z.infer<typeof robot>;

export const DEFAULT_SETTINGS: Settings = {
  webhooks: [],
  webhookMode: { lost: 0, copies: 1, shuffled: false, paused: false },
  eventDelayMs: 50,
  shuffleMs: 2_000,
  slowEvents: {},
  variants: DEFAULT_VARIANTS,
  plan: 'standard',
  features: {},
  app: null,
  browserUser: null,
  appDeniedFor: [],
  oauthFailure: null,
  paymentExpired: false,
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
  failures: [],
  foreignOriginators: { every: 0, originatorId: '1C' },
  robots: [],
  productRowsTotal: null,
  rename: null,
  portalDeleted: false,
  portalOffset: '+03:00',
  simpleCrm: false,
};

const changesSchema = schema.partial();

export function applySettings(current: Settings, changes: Readonly<Record<string, unknown>>): Settings {
  const given = Object.entries(changes);
  const parsed = changesSchema.safeParse(Object.fromEntries(given.filter(([, value]) => value !== null)));
  if (!parsed.success) throw new SandboxEditError(`Bitrix24 settings: ${z.prettifyError(parsed.error)}`);
  const reset = given.filter(([key, value]) => value === null && key in DEFAULT_SETTINGS).map(([key]) => key);
  const defaults = Object.fromEntries(Object.entries(DEFAULT_SETTINGS).filter(([key]) => reset.includes(key)));
  return { ...current, ...(parsed.data as Partial<Settings>), ...defaults };
}
