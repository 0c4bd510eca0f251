// Jira's answers as far as we use them. Lenient about the rest: a member we do not read may change or vanish.
import { z } from 'zod';
import { BadResponseError } from '../../errors.ts';

const id = z.union([z.string(), z.number()]).transform(String);
/** They go into paths and queries, and into the store. */
const issueId = id.refine((one) => /^\d{1,18}$/.test(one), 'is no id of an issue');
const text = z.string().nullish();
/** An issue has hundreds of fields: they are taken as they are, where `z.record` looks at each and copies it. */
const members = z.custom<Readonly<Record<string, unknown>>>(
  (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
  'is no map',
);

export const wireUser = z.object({
  accountId: z.string(),
  accountType: text,
  displayName: text,
  emailAddress: text,
  active: z.boolean().nullish(),
  timeZone: text,
});
export type WireUser = z.infer<typeof wireUser>;

export const wireServerInfo = z.object({
  baseUrl: z.string().refine((address) => address === '' || URL.canParse(address), 'is no address'),
  serverTime: text,
});
export const wirePermissions = z.object({
  permissions: z.record(z.string(), z.object({ name: text, havePermission: z.boolean() })),
});
export const wireTenantInfo = z.object({ cloudId: z.string().min(1) });

export const wireHistory = z.object({
  id,
  author: z.object({ accountId: text }).nullish(),
  /** ISO text, or epoch milliseconds where the bulk form is used. */
  created: z.union([z.string(), z.number()]).nullish(),
  items: z.array(
    // `toString` is left out on purpose: an item without it would answer with the method of every object.
    z.object({ field: z.string(), fieldId: text, from: text, fromString: text, to: text }),
  ),
});
export type WireHistory = z.infer<typeof wireHistory>;

export const wireIssue = z.object({
  id: issueId,
  key: z.string(),
  fields: members.default({}),
  properties: members.nullish(),
  changelog: z.object({ histories: z.array(wireHistory) }).nullish(),
});
export type WireIssue = z.infer<typeof wireIssue>;

const page = { isLast: z.boolean().nullish(), nextPageToken: text };
export const wireSearchPage = z.object({ ...page, issues: z.array(wireIssue) });
export const wireBulkFetch = z.object({
  issues: z.array(wireIssue),
  issueErrors: z.array(z.object({ id, errorMessage: text })).nullish(),
});

export const wireErrors = z.object({
  errorMessages: z.array(z.string()).nullish(),
  errors: z.record(z.string(), z.unknown()).nullish(),
  message: text,
});
export const wireCreated = z.object({ id: issueId, key: z.string() });
export const wireCreatedMany = z.object({
  issues: z.array(wireCreated),
  errors: z
    .array(z.object({ status: z.number().nullish(), failedElementNumber: z.number(), elementErrors: wireErrors }))
    .nullish(),
});

const wireStatus = z.object({ id, name: z.string() });
export const wireTransitions = z.object({
  transitions: z.array(
    z.object({
      id,
      name: z.string(),
      to: wireStatus,
      isAvailable: z.boolean().nullish(),
      hasScreen: z.boolean().nullish(),
    }),
  ),
});

export const wireProjects = z.object({
  values: z.array(z.object({ id, key: z.string(), name: z.string() })),
  isLast: z.boolean().nullish(),
});
export const wireTypeStatuses = z.array(z.object({ id, statuses: z.array(wireStatus) }));

const wireSchema = z.object({ type: z.string(), items: text, system: text, custom: text });
export const wireField = z.object({
  id: z.string(),
  name: z.string(),
  custom: z.boolean().nullish(),
  clauseNames: z.array(z.string()).nullish(),
  schema: wireSchema.nullish(),
  scope: z.object({ project: z.object({ id }).nullish() }).nullish(),
});
export type WireField = z.infer<typeof wireField>;
export const wireFields = z.array(wireField);

export const wireMetaField = z.object({
  fieldId: z.string(),
  name: z.string(),
  required: z.boolean().nullish(),
  hasDefaultValue: z.boolean().nullish(),
  operations: z.array(z.string()).nullish(),
  schema: wireSchema,
  allowedValues: z
    .array(z.object({ id: id.nullish(), value: text, name: text, disabled: z.boolean().nullish() }))
    .nullish(),
});
export type WireMetaField = z.infer<typeof wireMetaField>;

const metaPage = { total: z.number().nullish(), maxResults: z.number().nullish() };
const issueType = z.object({ id, name: z.string() });
// Cloud's documents name the list both ways, and older proxies still send `values`.
export const wireMetaTypes = z
  .object({ ...metaPage, issueTypes: z.array(issueType).nullish(), values: z.array(issueType).nullish() })
  .transform((answer) => ({ total: answer.total, items: answer.issueTypes ?? answer.values ?? [] }));
export const wireMetaFields = z
  .object({ ...metaPage, fields: z.array(wireMetaField).nullish(), values: z.array(wireMetaField).nullish() })
  .transform((answer) => ({ total: answer.total, items: answer.fields ?? answer.values ?? [] }));

/** Parses what came back; `what` names the call in the message. */
export function parseAnswer<Output>(schema: z.ZodType<Output>, data: unknown, what: string): Output {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new BadResponseError(
    `Jira’s answer to ${what} does not have the shape that its documentation promises`,
    'Report this with the path and excerpt; nothing can be done about it in a profile.',
    { path: issue?.path.join('.') ?? '', excerpt: issue?.message ?? '' },
    parsed.error,
  );
}
