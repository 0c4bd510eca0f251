// Puts the sample company together: the same seed tells the same story, and more deals never change the requests.
import { type Random, seededRandom } from '../ports.ts';
import type {
  DealStage,
  RequestStatus,
  SampleCompany,
  SampleDeal,
  SamplePerson,
  SampleRequest,
} from './sample-company.ts';
import { DEAL_ENDINGS, DEAL_NOTES, GOODS, type Goods, PLACES, REASONS, URGENCIES } from './sample-words.ts';

export type SampleOptions = {
  readonly seed: number;
  readonly issues: number;
  readonly deals: number;
  /** Epoch ms; everything was made in the 90 days before. */
  readonly now: number;
};

const DAY = 24 * 60 * 60 * 1000;
const SPAN_DAYS = 90;

const PEOPLE: readonly SamplePerson[] = [
  person('ivanova', 'Irina Ivanova', 'i.ivanova', 'ivanova'),
  person('petrov', 'Oleg Petrov', 'o.petrov'),
  person('weber', 'Anna Weber', 'a.weber'),
  person('smirnov', 'Павел Смирнов', 'p.smirnov'),
  person('sync', 'Sync Daemon', 'sync'),
];
const BUYERS = ['ivanova', 'petrov', 'weber', 'smirnov'] as const;
const DISTRIBUTORS = ['Hydrotech', 'Nordwind Supply', 'Rotor Trade', 'Уралнасос'] as const;

function person(key: string, name: string, jira: string, crm = jira): SamplePerson {
  return { key, name, jiraEmail: `${jira}@nordhafen.example`, crmEmail: `${crm}@nordhafen.example` };
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random.next() * list.length)] as T;
}

function chance(random: Random, share: number): boolean {
  return random.next() < share;
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Times of making, ascending, on working days between 8 and 18 o'clock wherever the span allows it. */
function times(random: Random, count: number, now: number): number[] {
  const made = Array.from({ length: count }, () => {
    const midnight = Math.floor((now - random.next() * SPAN_DAYS * DAY) / DAY) * DAY;
    const weekday = new Date(midnight).getUTCDay();
    const weekend = weekday === 0 ? 2 : weekday === 6 ? 1 : 0;
    const at = midnight - weekend * DAY + Math.floor((8 + random.next() * 10) * 60 * 60 * 1000);
    return Math.min(Math.max(at, now - SPAN_DAYS * DAY), now - 60_000);
  });
  return made.sort((a, b) => a - b);
}

/** The price of the lot, rounded as people round. */
function amount(random: Random, goods: Goods, quantity: number): number {
  const [low, high] = goods.price;
  const total = (low + (high - low) * random.next() ** 2) * quantity;
  const step = total > 1_000_000 ? 5000 : total > 100_000 ? 500 : 10;
  const rounded = Math.round(total / step) * step;
  return chance(random, 0.2) ? rounded + Math.floor(random.next() * 100) / 100 : rounded;
}

/** Takes the first wording that nobody has yet. */
function unique(used: Set<string>, wordings: () => string): string {
  for (let attempt = 0; attempt < 12; attempt += 1) {
    const text = wordings();
    if (used.has(text)) continue;
    used.add(text);
    return text;
  }
  // Companies that repeat themselves tell their orders apart by the order number.
  const text = `${wordings()}, order ${4500000 + used.size}`;
  used.add(text);
  return text;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `12 shaft seals`, `45 kg of welding wire`. */
function lot(goods: Goods, quantity: number): string {
  return goods.unit ? `${quantity} ${goods.unit.en} of ${goods.en}` : `${quantity} ${goods.en}`;
}

function requestWording(random: Random, goods: Goods, quantity: number): string {
  const spec = pick(random, goods.specs);
  const place = pick(random, PLACES);
  const urgency = pick(random, URGENCIES);
  const unit = goods.unit?.ru ?? 'шт.';
  const forms: readonly string[] = [
    `${capital(lot(goods, quantity))}, ${spec}, for ${place.en}${urgency}`,
    `${capital(goods.en)} ${spec} for ${place.en}${urgency}`,
    `Buy ${lot(goods, quantity)}, ${spec}, for ${place.en}${urgency}`,
    `${capital(place.ru)}: ${goods.ru} ${spec}, ${quantity} ${unit}${urgency}`,
    `Закупить ${goods.ru} ${spec} (${place.ru})${urgency}`,
    `Reorder ${lot(goods, quantity)}, ${spec}, ${place.en}${urgency}`,
  ];
  return pick(random, forms);
}

function dealWording(random: Random, goods: Goods, quantity: number): string {
  const spec = pick(random, goods.specs);
  const place = pick(random, PLACES);
  const amountRu = `${quantity} ${goods.unit?.ru ?? 'шт.'}`;
  const forms: readonly string[] = [
    `${capital(place.ru)}: ${goods.ru} ${spec}, ${amountRu}`,
    `Поставка: ${goods.ru} ${spec}, ${place.ru}`,
    `${capital(goods.ru)} ${spec} - ${place.ru}`,
    `Договор поставки, ${goods.ru} (${spec}), ${place.ru}`,
    `${capital(place.en)}: ${lot(goods, quantity)}, ${spec}`,
    `${capital(goods.en)} ${spec}, delivery to ${place.en}`,
    `Запрос КП: ${goods.ru} ${spec}, ${amountRu}, ${place.ru}`,
  ];
  return pick(random, forms) + pick(random, DEAL_ENDINGS);
}

/** The older, the further. */
function requestStatus(random: Random, age: number): RequestStatus {
  if (chance(random, 0.06)) return "Won't do";
  const progress = age / (SPAN_DAYS * DAY) + random.next() * 0.8 - 0.4;
  if (progress > 0.6) return 'Done';
  return progress > 0.25 ? 'In Progress' : 'To Do';
}

function dealStage(random: Random, age: number): DealStage {
  const progress = age / (SPAN_DAYS * DAY) + random.next() * 0.8 - 0.4;
  if (progress > 0.75) return chance(random, 0.7) ? 'Выиграна' : 'Проиграна';
  if (progress > 0.5) return 'В работе';
  if (progress > 0.3) return 'Новая';
  return progress > 0.1 ? 'Согласование' : 'Черновик';
}

function makeRequest(random: Random, createdAt: number, now: number, used: Set<string>): SampleRequest {
  const goods = pick(random, GOODS);
  const quantity = pick(random, goods.quantity);
  const reasons = [pick(random, REASONS), ...(chance(random, 0.5) ? [pick(random, REASONS)] : [])];
  return {
    summary: unique(used, () => requestWording(random, goods, quantity)),
    description: chance(random, 0.9) ? [...new Set(reasons)].join('\n\n') : '',
    budget: chance(random, 0.9) ? amount(random, goods, quantity) : null,
    dueDate: chance(random, 0.85) ? day(createdAt + Math.floor(7 + random.next() * 60) * DAY) : null,
    distributor: chance(random, 0.8) ? pick(random, DISTRIBUTORS) : null,
    labels: goods.tags.filter(() => chance(random, 0.6)).map((tag) => tag.replaceAll(' ', '-')),
    assignee: chance(random, 0.85) ? pick(random, BUYERS) : null,
    reporter: pick(random, BUYERS),
    priority: pick(random, ['High', 'Medium', 'Medium', 'Medium', 'Low'] as const),
    status: requestStatus(random, now - createdAt),
    createdAt,
  };
}

function makeDeal(random: Random, createdAt: number, now: number, used: Set<string>): SampleDeal {
  const goods = pick(random, GOODS);
  const quantity = pick(random, goods.quantity);
  const currency = chance(random, 0.75) ? 'RUB' : 'EUR';
  const roubles = amount(random, goods, quantity);
  return {
    title: unique(used, () => dealWording(random, goods, quantity)),
    amount: chance(random, 0.92) ? (currency === 'RUB' ? roubles : Math.round(roubles / 95)) : null,
    currency,
    closeDate: chance(random, 0.9) ? day(createdAt + Math.floor(10 + random.next() * 75) * DAY) : null,
    distributor: chance(random, 0.8) ? pick(random, DISTRIBUTORS) : null,
    tags: goods.tags.filter(() => chance(random, 0.5)),
    responsible: pick(random, BUYERS),
    stage: dealStage(random, now - createdAt),
    comments: pick(random, DEAL_NOTES),
    urgent: chance(random, 0.15),
    createdAt,
  };
}

export function makeCompany(options: SampleOptions): SampleCompany {
  const { seed, now } = options;
  const forRequests = seededRandom(seed);
  const forDeals = seededRandom(seed ^ 0x5f3759df);
  const summaries = new Set<string>();
  const titles = new Set<string>();
  return {
    people: PEOPLE,
    distributors: DISTRIBUTORS,
    requests: times(forRequests, options.issues, now).map((at) => makeRequest(forRequests, at, now, summaries)),
    deals: times(forDeals, options.deals, now).map((at) => makeDeal(forDeals, at, now, titles)),
  };
}
