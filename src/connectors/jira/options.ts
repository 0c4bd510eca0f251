import { z } from 'zod';

/** A signature made with less is guessable; the vendor's own generator gives more. */
const secret = z.string().refine((text) => Buffer.byteLength(text) >= 32, {
  message: 'must have at least 32 bytes; `openssl rand -hex 32` makes one',
});

export const jiraOptions = z
  .strictObject({
    type: z.literal('jira'),
    /** The site's address, `https://acme.atlassian.net`, or the gateway's with the cloud id for scoped tokens. */
    url: z.url({ protocol: /^https?$/, message: 'must be an address like https://acme.atlassian.net' }),
    auth: z.strictObject({ email: z.string().min(1), token: z.string().min(1) }),
    /** Two while a secret is being changed: the old and the new one. */
    'webhook-secret': z.union([secret, z.tuple([secret, secret])]).optional(),
    /** For senders that cannot sign. Refused by name: left out in silence it would look like protection. */
    'webhook-path-token': z
      .undefined('is not in this version; let Jira sign its webhooks and set `webhook-secret`')
      .optional(),
    'insecure-http': z.boolean().optional(),
    /** How far search may lag behind writes; sweeps look back that much further. */
    'index-lag': z.number().nonnegative().optional(),
    'time-limit': z.number().positive().optional(),
    /** `off`: no pace of our own, for a server that has no limits; what refuses a request is obeyed all the same. */
    limits: z.enum(['vendor', 'off']).optional(),
  })
  .superRefine((options, context) => {
    if (!URL.canParse(options.url)) return;
    const url = new URL(options.url);
    if (url.protocol === 'http:' && !options['insecure-http']) {
      context.addIssue({
        code: 'custom',
        path: ['url'],
        message: 'must use https, or set `insecure-http: true` if the network in between is trusted',
      });
    }
    if (url.username !== '' || url.password !== '') {
      context.addIssue({ code: 'custom', path: ['url'], message: 'must not hold credentials; they belong in `auth`' });
    }
    if (/^169\.254\.|^\[fe80:/i.test(url.hostname)) {
      context.addIssue({ code: 'custom', path: ['url'], message: 'must not be a link-local address' });
    }
  });

export type JiraOptions = z.infer<typeof jiraOptions>;

export const DEFAULT_OVERLAP_MS = 10 * 60_000;
