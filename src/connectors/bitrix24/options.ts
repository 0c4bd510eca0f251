import { z } from 'zod';

/** `https://portal/rest/1/code/`: user and code are the credential, so the whole address is the secret. */
const WEBHOOK_PATH = /^\/rest\/\d+\/[^/]+\/?$/;

export const bitrix24Options = z
  .strictObject({
    type: z.literal('bitrix24'),
    url: z.url({ protocol: /^https?$/ }),
    auth: z.strictObject({ webhook: z.string().min(1) }),
    plan: z.enum(['standard', 'enterprise']).optional(),
    'application-token': z.string().min(1).optional(),
    'member-id': z.string().min(1).optional(),
    'insecure-http': z.boolean().optional(),
    'time-limit': z.number().positive().optional(),
    /** How far a sweep looks back beyond where the last one began. */
    overlap: z.number().nonnegative().optional(),
  })
  .superRefine((options, context) => {
    const webhook = URL.canParse(options.auth.webhook) ? new URL(options.auth.webhook) : null;
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (webhook === null || !WEBHOOK_PATH.test(webhook.pathname)) {
      refuse(
        ['auth', 'webhook'],
        'is not an incoming webhook address: copy it whole, like https://portal/rest/1/code/',
      );
      return;
    }
    if (!URL.canParse(options.url)) return;
    const portal = new URL(options.url);
    if (webhook.origin !== portal.origin) {
      refuse(['auth', 'webhook'], `belongs to ${webhook.origin}, but url says ${portal.origin}: change one of them`);
    }
    if (portal.protocol === 'http:' && !options['insecure-http']) {
      refuse(['url'], 'is not https: use https, or set insecure-http: true for a network you trust');
    }
  });

export type Bitrix24Options = z.infer<typeof bitrix24Options>;

/** Longer than the 60 s at which the cloud cuts a request, so that the vendor's own verdict comes first. */
export const DEFAULT_TIME_LIMIT_MS = 75_000;
export const DEFAULT_OVERLAP_MS = 10 * 60_000;
