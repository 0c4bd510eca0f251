// Every key that configure() knows, with its default. An unknown key or a wrong type is refused with a sentence.

import { z } from 'zod';
import { SandboxEditError } from '../http.ts';
import { isTimeZone } from './time.ts';

const names = z.array(z.string());
const zone = z.string().refine(isTimeZone, 'is not a time zone');

const webhook = z.strictObject({
  url: z.string(),
  secret: z.string().optional(),
  /** Left out: all issue and comment events. */
  events: names.optional(),
  name: z.string().optional(),
});

const coercion = z.strictObject({
  field: z.string(),
  /** Cuts a text at so many characters. */
  cut: z.number().int().nonnegative().optional(),
  /** The written value is dropped: the old one stays. */
  drop: z.boolean().optional(),
});

const stored = z.strictObject({
  /** lost: dropped; doubled or {copies}: sent so many times; shuffled: delayed at random, so out of order; paused: kept until another mode. */
  webhookMode: z.union([
    z.enum(['normal', 'lost', 'doubled', 'shuffled', 'paused']),
    z.strictObject({ copies: z.number().int().min(1).max(20) }),
  ]),
  /** Longest delay of a shuffled delivery. */
  shuffleMs: z.number().nonnegative(),
  /** jira:issue_created carries a changelog (captures) or not (documentation). */
  createdHookChangelog: z.boolean(),
  /** The first retry says X-Atlassian-Webhook-Retry: 1, or 0. */
  firstRetryNumber: z.union([z.literal(0), z.literal(1)]),
  /** How long the search index lags behind. */
  indexLagMs: z.number().nonnegative(),
  /** Issue key or id -> its own lag; a huge one keeps it out of the index. */
  indexLagOf: z.record(z.string(), z.number().nonnegative()),
  hiddenIssues: names,
  hiddenProjects: names,
  /** What the account may not do: answers 403 (a comment: 400). */
  deny: z.array(z.enum(['create', 'edit', 'delete', 'transition', 'comment', 'admin'])),
  readOnlyFields: names,
  /** Fields that are gone from create and edit metadata and cannot be written. */
  disabledFields: names,
  /** Fields required on create and not to be cleared, besides summary. */
  requiredFields: names,
  /** true: the token is dead (AUTHENTICATED_FAILED); 'denied': CAPTCHA (AUTHENTICATION_DENIED). */
  revokeToken: z.union([z.boolean(), z.literal('denied')]),
  /** Shape of the 401 body. */
  unauthorizedBody: z.enum(['errorMessages', 'message', 'text']),
  /** Field -> how written values are silently changed. */
  coerce: z.array(coercion),
  /** PUT ?returnIssue=true&expand=changelog answers with the changelog. */
  returnIssueChangelog: z.boolean(),
  /** true: every second key number is skipped, as after refused creates. */
  keyGaps: z.boolean(),
  /** Zone in which the calling account's JQL dates are read; shown by /myself. */
  accountTimeZone: zone,
  /** Zone in which the site renders date-times. */
  siteTimeZone: zone,
  /** A JQL field or value that does not exist. */
  unknownJqlValue: z.enum(['400', 'empty']),
  /** Whether an epoch number in JQL counts to the millisecond or the minute. */
  jqlEpochPrecision: z.enum(['ms', 'minute']),
  /** A nextPageToken used twice. */
  spentPageToken: z.enum(['refuse', 'serve']),
  /** The last page has no nextPageToken, or null. */
  lastPageToken: z.enum(['absent', 'null']),
  /** `created` of changelog/bulkfetch. */
  bulkChangelogCreated: z.enum(['iso', 'number']),
  /** So many of the next edits or transitions answer 409. */
  conflictOnce: z.union([z.boolean(), z.number().int().nonnegative()]),
  /** Whether editing or deleting a comment moves the issue's `updated`. */
  commentEditMovesUpdated: z.boolean(),
  /** Whether setting an issue property moves `updated`. */
  propertyMovesUpdated: z.boolean(),
  /** Transition id -> fields on its screen. */
  transitionScreens: z.record(z.string(), z.strictObject({ fields: names, required: names })),
  /** Longest single-line text of a custom field. */
  shortTextLimit: z.number().int().positive(),
  commentLimit: z.number().int().positive(),
  remoteLinkLimit: z.number().int().positive(),
});

/** Keys that act at once instead of being kept. */
const acts = z.strictObject({
  /** Replaces all admin webhooks. */
  webhooks: z.union([webhook, z.array(webhook)]),
  renameField: z.strictObject({ id: z.string(), name: z.string() }),
  /** `option` by id or value. */
  removeOption: z.strictObject({ field: z.string(), option: z.string() }),
  /** A person moves an issue to another project, by the project's key. */
  moveIssue: z.strictObject({ issue: z.string(), project: z.string() }),
  addOption: z.strictObject({ field: z.string(), option: z.string() }),
  /** A person clones an issue; labels and properties come along. */
  cloneIssue: z.strictObject({ issue: z.string() }),
});

export type Settings = z.infer<typeof stored>;
export type Acts = Partial<z.infer<typeof acts>>;

export function defaultSettings(indexLagMs: number): Settings {
  return {
    webhookMode: 'normal',
    shuffleMs: 5_000,
    createdHookChangelog: true,
    firstRetryNumber: 1,
    indexLagMs,
    indexLagOf: {},
    hiddenIssues: [],
    hiddenProjects: [],
    deny: [],
    readOnlyFields: [],
    disabledFields: [],
    requiredFields: [],
    revokeToken: false,
    unauthorizedBody: 'errorMessages',
    coerce: [],
    returnIssueChangelog: true,
    keyGaps: false,
    accountTimeZone: 'Europe/Berlin',
    siteTimeZone: 'Europe/Berlin',
    unknownJqlValue: '400',
    jqlEpochPrecision: 'ms',
    spentPageToken: 'refuse',
    lastPageToken: 'absent',
    bulkChangelogCreated: 'iso',
    conflictOnce: false,
    commentEditMovesUpdated: false,
    propertyMovesUpdated: false,
    transitionScreens: {},
    shortTextLimit: 255,
    commentLimit: 5_000,
    remoteLinkLimit: 2_000,
  };
}

const known = z.strictObject({ ...stored.partial().shape, ...acts.partial().shape });

export function readSettings(input: Readonly<Record<string, unknown>>): { keep: Partial<Settings>; act: Acts } {
  const result = known.safeParse(input);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new SandboxEditError(`Jira sandbox setting ${issue?.path.join('.') || ''}: ${issue?.message ?? 'is wrong'}`);
  }
  const keep: Record<string, unknown> = {};
  const act: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(result.data)) {
    if (value === undefined) continue;
    (key in acts.shape ? act : keep)[key] = value;
  }
  return { keep: keep as Partial<Settings>, act: act as Acts };
}
