import { z } from 'zod';

/** `https://portal/rest/1/code/`: user and code are the credential, so the whole address is the secret. */
const WEBHOOK_PATH = /^\/rest\/\d+\/[^/]+\/?$/;

export const bitrix24Options = z
  .strictObject({
    type: z.literal('bitrix24'),
    url: z.url({ protocol: /^https?$/ }),
    /** An incoming webhook, or a local application with its two keys. */
    auth: z.strictObject({
      webhook: z.string().min(1).optional(),
      'client-id': z.string().min(1).optional(),
      'client-secret': z.string().min(1).optional(),
      /** Where tokens are renewed, if it is neither of the vendor's two servers. */
      server: z.url({ protocol: /^https?$/ }).optional(),
    }),
    plan: z.enum(['standard', 'enterprise']).optional(),
    /** `off`: no pace of our own, for a portal on a server of one's own; what refuses a request is obeyed all the same. */
    limits: z.enum(['vendor', 'off']).optional(),
    /** Of an outgoing webhook; an application learns its own at the installation. */
    'application-token': z.string().min(1).optional(),
    'member-id': z.string().min(1).optional(),
    'insecure-http': z.boolean().optional(),
    'time-limit': z.number().positive().optional(),
    /** How far a sweep looks back beyond where the last one began. */
    overlap: z.number().nonnegative().optional(),
  })
  .superRefine((options, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { webhook, 'client-id': clientId, 'client-secret': clientSecret, server } = options.auth;
    if (webhook === undefined) refuseHalfApplication(clientId, clientSecret, refuse);
    else if (clientId !== undefined || clientSecret !== undefined || server !== undefined) {
      refuse(['auth'], 'names a webhook and an application: keep one of them');
    } else refuseForeignWebhook(webhook, options.url, refuse);
    const addresses = { url: options.url, server };
    for (const [name, address] of Object.entries(addresses)) {
      if (address === undefined || !URL.canParse(address)) continue;
      if (new URL(address).protocol !== 'http:' || options['insecure-http']) continue;
      const path = name === 'url' ? ['url'] : ['auth', name];
      refuse(path, 'is not https: use https, or set insecure-http: true for a network you trust');
    }
  });

type Refuse = (path: string[], message: string) => void;

function refuseHalfApplication(clientId: string | undefined, clientSecret: string | undefined, refuse: Refuse): void {
  if (clientId === undefined && clientSecret === undefined) {
    refuse(['auth'], 'names no credential: write webhook, or client-id and client-secret of a local application');
  } else if (clientId === undefined) {
    refuse(['auth'], 'has no client-id: the card of the application shows it beside the secret');
  } else if (clientSecret === undefined) {
    refuse(['auth'], 'has no client-secret: the card of the application shows it beside the id');
  }
}

function refuseForeignWebhook(written: string, url: string, refuse: Refuse): void {
  const webhook = URL.canParse(written) ? new URL(written) : null;
  if (webhook === null || !WEBHOOK_PATH.test(webhook.pathname)) {
    refuse(['auth', 'webhook'], 'is not an incoming webhook address: copy it whole, like https://portal/rest/1/code/');
    return;
  }
  if (!URL.canParse(url) || webhook.origin === new URL(url).origin) return;
  const { origin } = new URL(url);
  refuse(['auth', 'webhook'], `belongs to ${webhook.origin}, but url says ${origin}: change one of them`);
}

export type Bitrix24Options = z.infer<typeof bitrix24Options>;

export type ApplicationKeys = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly server: string | null;
};

/** Null for a connection through an incoming webhook. */
export function applicationKeys({ auth }: Bitrix24Options): ApplicationKeys | null {
  const { 'client-id': clientId, 'client-secret': clientSecret, server = null } = auth;
  return clientId === undefined || clientSecret === undefined ? null : { clientId, clientSecret, server };
}

export function isApplication(options: Bitrix24Options): boolean {
  return applicationKeys(options) !== null;
}

/** Longer than the 60 s at which the cloud cuts a request, so that the vendor's own verdict comes first. */
export const DEFAULT_TIME_LIMIT_MS = 75_000;
export const DEFAULT_OVERLAP_MS = 10 * 60_000;
