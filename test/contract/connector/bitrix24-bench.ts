// Bitrix24 as the suite sees it.
import type { SandboxRequest } from '../../../src/sandbox/http.ts';
import type { InProcessSandbox } from '../../../src/sandbox/index.ts';
import type { ProductBench, Sent } from './bench.ts';

const SPEC = { entity: 'deal', where: { category: 'Закупки' } };

type DealState = { readonly id: number; readonly categoryId: number };

function fieldNames(params: URLSearchParams): string[] {
  const names = [...params.keys()].flatMap((name) => /^fields\[([^\]]+)\]/.exec(name)?.[1] ?? []);
  return [...new Set(names)].sort();
}

function sentOf(request: SandboxRequest): Pick<Sent, 'call' | 'reads' | 'writes'> {
  const call = request.path.split('/').at(-1)?.replace('.json', '') ?? '';
  const body = JSON.parse(Buffer.from(request.body).toString() || '{}');
  if (call === 'crm.item.get') return { call, reads: [String(body.id)], writes: [] };
  if (call === 'crm.item.add' || call === 'crm.item.update') {
    return { call, reads: [], writes: [Object.keys(body.fields).sort()] };
  }
  if (call !== 'batch') return { call, reads: [], writes: [] };
  const reads: string[] = [];
  const writes: string[][] = [];
  for (const command of Object.values(body.cmd as Record<string, string>)) {
    const [method = '', query = ''] = command.split('?');
    const params = new URLSearchParams(query);
    if (method === 'crm.item.get') reads.push(params.get('id') ?? '');
    if (method === 'crm.item.add' || method === 'crm.item.update') writes.push(fieldNames(params));
  }
  return { call, reads, writes };
}

function credentials(sandbox: InProcessSandbox) {
  return sandbox.bitrix24.product.credentials;
}

export const bitrix24Bench: ProductBench = {
  side: 'crm',
  product: 'bitrix24',
  spec: SPEC,
  lostSpec: {
    spec: { entity: 'deal', where: { category: 'Закупка' } },
    path: ['where', 'category'],
    nearest: 'Закупки',
  },
  fields: {
    text: { label: 'Название', type: 'text' },
    note: { label: 'Примечание', type: 'text' },
    amount: { label: 'Бюджет', type: 'money' },
    date: { label: 'Плановая дата оплаты', type: 'date' },
    instant: { label: 'Согласовано', type: 'datetime' },
    choice: { label: 'Дистрибьютор по сделке', type: 'enum', options: ['Hydrotech', 'Уралнасос'] },
    tags: { label: 'Метки', type: 'set', items: 'text' },
    places: { label: 'Страны', type: 'set', items: 'enum', options: ['Германия', 'Россия'] },
    person: { label: 'Закупщик', type: 'user' },
    status: { label: 'Стадия сделки', type: 'status', options: ['Черновик', 'В работе', 'Выиграна'] },
  },
  steps: { first: 'Черновик', next: 'В работе' },
  marker: { key: 'issue-10023', tenant: 'cloud-1' },
  webhookUrl: 'https://sync.example/webhooks/bitrix24',
  options: (sandbox, more) => ({
    type: 'bitrix24',
    url: sandbox.bitrix24.url,
    auth: { webhook: credentials(sandbox).webhook() },
    'application-token': credentials(sandbox).applicationToken,
    'member-id': credentials(sandbox).memberId,
    ...more,
  }),
  siteOf: (sandbox) => sandbox.bitrix24,
  secrets: (sandbox) => {
    const { webhook, applicationToken } = credentials(sandbox);
    const code = new URL(webhook()).pathname.split('/').at(-2) ?? '';
    return { shown: [code, webhook(), applicationToken], proof: applicationToken };
  },
  sentOf,
  amount: (text) => ({ amount: text, currency: 'EUR' }),
  idsIn: (state) =>
    (state as { items: { deal: DealState[] } }).items.deal
      .filter(({ categoryId }) => categoryId === 9)
      .map(({ id }) => String(id)),
  place: () => ({ in: 'deal' }),
  hide: (id) => ({ hiddenItems: { deal: [Number(id)] } }),
  moveAway: (side, id) => {
    side.product.edit({ op: 'update', in: 'deal', id, fields: { categoryId: 0, stageId: 'NEW' } });
  },
  refuseStep: { denyStageChange: true },
  refuseWrites: {
    failures: ['crm.item.add', 'crm.item.update'].map((method) => ({
      method,
      status: 400,
      error: 'ACCESS_DENIED',
      description: 'Доступ запрещён',
    })),
  },
  deadCredential: { revokeToken: true },
  markForeign: (side) => {
    side.product.configure({ foreignOriginators: { every: 1, originatorId: '1C' } });
  },
  forgeMark: (side, id, key) => {
    side.product.edit({ op: 'update', in: 'deal', id, fields: { originId: key, originatorId: '1C' } });
  },
  renameField: (label, to) => ({ renameField: { [label]: to } }),
  removeOption: (label, option) => ({ removeOption: { [label]: [option] } }),
  dropOption: (field, option) => ({ coerce: [{ field, dropOption: option }] }),
  rename: {
    settings: { rename: { oldHost: 'nordhafen.bitrix24.example', newUrl: 'https://pumps.bitrix24.example' } },
    to: 'pumps.bitrix24.example',
  },
};
