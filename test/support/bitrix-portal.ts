// A sandbox portal with a small company on a virtual clock, and calls as a webhook client makes them.
import { seededRandom } from '../../src/ports.ts';
import { createBitrixSandbox } from '../../src/sandbox/bitrix24/index.ts';
import type { OutgoingWebhook } from '../../src/sandbox/http.ts';
import type { SampleCompany, SampleDeal, SamplePerson } from '../../src/sandbox/sample-company.ts';
import { sandboxRequest } from './sandbox-requests.ts';
import { createVirtualClock } from './virtual-clock.ts';

export type RestAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly body: any;
};

export const PORTAL_NOW = Date.parse('2026-11-18T07:15:00Z');
/** The first sample deal. */
export const DEAL = 7001;
export const DISTRIBUTOR = 'ufCrm_1747309871';
export const TAGS = 'ufCrm_1747309872';
export const PAYMENT_DATE = 'ufCrm_1747309874';
export const URGENT = 'ufCrm_1747309875';
export const APPROVED_AT = 'ufCrm_1747309876';
export const COUNTRIES = 'ufCrm_1747309877';
export const NOTE = 'ufCrm_1747309878';
export const BUYER = 'ufCrm_1747309879';
export const BUDGET = 'ufCrm_1747309880';

const person = (key: string, name: string): SamplePerson => ({
  key,
  name,
  jiraEmail: `${key}@nordhafen.example`,
  crmEmail: `${key}@nordhafen.example`,
});

const deal = (index: number): SampleDeal => ({
  title: `Закупка ${index}`,
  amount: 1000 * index,
  currency: 'RUB',
  closeDate: '2026-12-01',
  distributor: index === 1 ? 'Hydrotech' : null,
  tags: index === 1 ? ['насосы', 'срочно'] : [],
  responsible: 'petrov',
  stage: 'Согласование',
  comments: '',
  urgent: index === 1,
  createdAt: PORTAL_NOW - (1000 - index) * 60_000,
});

export function smallCompany(deals: number): SampleCompany {
  return {
    people: [person('ivanova', 'Irina Ivanova'), person('petrov', 'Oleg Petrov'), person('sync', 'Sync Daemon')],
    distributors: ['Hydrotech', 'Nordwind Supply', 'Rotor Trade', 'Уралнасос'],
    requests: [],
    deals: Array.from({ length: deals }, (_, index) => deal(index + 1)),
  };
}

export function createPortal(options: { deals?: number; limits?: 'real' | 'off' } = {}) {
  const clock = createVirtualClock(PORTAL_NOW);
  const sent: OutgoingWebhook[] = [];
  const portal = createBitrixSandbox({
    clock,
    random: seededRandom(7),
    url: () => 'https://nordhafen.bitrix24.example',
    company: smallCompany(options.deals ?? 3),
    limits: options.limits ?? 'off',
    webhooks: async (webhook) => {
      sent.push(webhook);
      return 500;
    },
  });
  const base = new URL(portal.credentials.webhook()).pathname;

  async function request(method: string, address: string, body?: unknown, headers = {}): Promise<RestAnswer> {
    const response = await portal.handle(sandboxRequest(method, address, { body, headers }));
    const text = String(response.body);
    const isJson = response.headers['content-type']?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  return {
    clock,
    sent,
    portal,
    base,
    request,
    call: (method: string, params: unknown = {}) => request('POST', base + method, params),
    form: (method: string, text: string) =>
      request('POST', base + method, text, { 'content-type': 'application/x-www-form-urlencoded' }),
    /** The item as crm.item.get shows it. */
    item: async (entityTypeId: number, id: number) =>
      (await request('POST', `${base}crm.item.get`, { entityTypeId, id })).body.result?.item,
    /** Events that left, decoded. */
    events: () => sent.map((webhook) => Object.fromEntries(new URLSearchParams(webhook.body))),
  };
}
