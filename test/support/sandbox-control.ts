// Both sandbox servers through their control routes: look inside, edit as a person, say where webhooks go.
import type { Ready } from '../../src/sandbox/index.ts';

export type Side = 'jira' | 'crm';
export type Issue = { readonly id: string; readonly key: string; readonly fields: Readonly<Record<string, unknown>> };
export type Deal = Readonly<Record<string, unknown>> & { readonly id: number };

/** Where the example profile stamps the deal's number. */
const DEAL_NUMBER = 'customfield_10033';

export function createControl(ready: Ready) {
  const urls = { jira: ready.jira.url, crm: ready.bitrix24.url } as const;

  async function ask<T>(side: Side, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${urls[side]}/__sandbox/${path}`, {
      headers: { authorization: `Bearer ${ready.control.token}` },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }

  return {
    async issues(): Promise<readonly Issue[]> {
      const { issues } = await ask<{ issues: Issue[] }>('jira', 'state');
      return issues.filter((issue) => issue.key.startsWith('BUY-'));
    },
    async deals(): Promise<readonly Deal[]> {
      return (await ask<{ items: { deal: Deal[] } }>('crm', 'state')).items.deal;
    },
    edit: (side: Side, edit: Record<string, unknown>) => ask<{ id: string; key: string }>(side, 'edit', edit),
    faults: (side: Side, rules: readonly Record<string, unknown>[]) => ask<unknown>(side, 'faults', rules),
    /** How often a rule has hit since they were given. */
    async faultHits(side: Side): Promise<number> {
      const { rules } = await ask<{ rules: { hit: number }[] }>(side, 'faults');
      return rules.reduce((sum, { hit }) => sum + hit, 0);
    },
    settings: (side: Side, settings: Record<string, unknown>) => ask<unknown>(side, 'webhooks', settings),
    webhooks: (side: Side, webhookMode: 'normal' | 'paused') => ask<unknown>(side, 'webhooks', { webhookMode }),
    async sendWebhooksTo(url: string): Promise<void> {
      await ask('jira', 'webhooks', { url: `${url}/webhooks/jira`, secret: ready.jira.webhookSecret });
      await ask('crm', 'webhooks', { url: `${url}/webhooks/bitrix24` });
    },
  };
}

export type Control = ReturnType<typeof createControl>;

/** Deal number -> keys of the issues that say they belong to it. */
export function partners(issues: readonly Issue[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { key, fields } of issues) {
    const number = fields[DEAL_NUMBER];
    if (typeof number !== 'string' || number === '') continue;
    found.set(number, [...(found.get(number) ?? []), key]);
  }
  return found;
}
