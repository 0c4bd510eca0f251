// A Bitrix24 cloud portal (classic REST) as deterministic handlers over an injected clock. Written from the vendor's
// documentation alone; it shares nothing with the connector, so that both cannot share a mistake.
import type { Clock, Random } from '../../ports.ts';
import type { Product, SandboxEdited, SandboxRequest, SandboxResponse, WebhookPort } from '../http.ts';
import type { SampleCompany } from '../sample-company.ts';
import { readActs, runActs } from './acts.ts';
import { createApplication } from './application.ts';
import { printComment } from './comments.ts';
import { editPortal } from './edit.ts';
import { ENTITIES } from './entities.ts';
import { errorBody, RestError } from './errors.ts';
import { createEventSender } from './events.ts';
import { installApp, uninstallApp } from './install.ts';
import { keepItem } from './item-store.ts';
import { createLimits } from './limits.ts';
import { answerOauth } from './oauth-server.ts';
import type { Item, Portal } from './portal.ts';
import { printItem } from './print.ts';
import { callRest, targetOf } from './rest-server.ts';
import { runRobots } from './robots.ts';
import { CATEGORIES, CURRENCIES, loadSample, sampleStatuses, sampleUsers } from './sample.ts';
import { schemaOf } from './schema.ts';
import { applySettings, DEFAULT_SETTINGS } from './settings.ts';
import { sampleUserFields } from './user-fields.ts';
import { printUser } from './user-methods.ts';

export type BitrixSandboxOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** Base address, known once the server listens. */
  readonly url: () => string;
  readonly company: SampleCompany;
  readonly limits: 'real' | 'off';
  readonly webhooks: WebhookPort;
};

export type BitrixCredentials = {
  /** The whole incoming-webhook base address, ending in "/". */
  readonly webhook: () => string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly memberId: string;
  readonly applicationToken: string;
};

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' } as const;

export type BitrixSandbox = Product & {
  readonly credentials: BitrixCredentials;
  /** As in `state`; one that did not change is the same object each time. */
  readonly deals: () => readonly unknown[];
};

export function createBitrixSandbox(options: BitrixSandboxOptions): BitrixSandbox {
  const closed = new AbortController();
  const portal = createPortal(options, closed.signal);
  const events = createEventSender(portal, options.webhooks);
  const limits = createLimits(portal);
  loadSample(portal, options.company);
  portal.raise = events.raise;
  portal.tellApp = events.tellApp;
  portal.afterSave = (entity, id, changed) => runRobots(portal, entity, id, changed);

  async function handle(request: SandboxRequest): Promise<SandboxResponse> {
    const oauth = answerOauth(portal, request);
    if (oauth) return oauth;
    const moved = renamed(portal, request);
    if (moved) return moved;
    const target = targetOf(request.path);
    if (!target) return { status: 404, headers: { 'content-type': 'text/html; charset=utf-8' }, body: NOT_FOUND_PAGE };
    try {
      const { answer, time } = callRest(portal, limits, request, target);
      return { status: 200, headers: JSON_HEADERS, body: JSON.stringify({ ...answer, time }) };
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      const headers = { ...JSON_HEADERS, ...retryAfter(portal, error) };
      return { status: error.status, headers, body: JSON.stringify(errorBody(error)) };
    }
  }

  /** By item, which is replaced on every change, for each version of the fields: settings too begin a new one. */
  const printed = new WeakMap<object, WeakMap<object, unknown>>();

  function printedDeal(item: Item): unknown {
    const schema = schemaOf(portal, 'deal');
    const known = printed.get(schema) ?? new WeakMap<object, unknown>();
    printed.set(schema, known);
    const deal = known.get(item) ?? printItem(portal, 'deal', item);
    known.set(item, deal);
    return deal;
  }

  function configure(changes: Readonly<Record<string, unknown>>): unknown {
    const { acts, settings } = readActs(changes);
    portal.settings = applySettings(portal.settings, settings);
    portal.schemas.clear();
    if ('foreignOriginators' in changes) markForeign(portal);
    if ('app' in changes && portal.settings.app === null) uninstallApp(portal, events.post);
    else if ('app' in changes) installApp(portal, events.post);
    runActs(portal, acts);
    events.resume();
    return portal.settings;
  }

  function state(): unknown {
    const items: Record<string, unknown[]> = {};
    for (const { name } of ENTITIES) {
      items[name] = [...portal.items[name].values()].map((item) => printItem(portal, name, item));
    }
    const comments = [...portal.comments.values()].map((comment) => printComment(portal, comment));
    const users = portal.users.map((user) => printUser(portal, user));
    const { installed, handlers, queue } = portal.app;
    const application = { installed, handlers, queue: [...queue.values()] };
    return { items, comments, users, sentEvents: events.sent(), application, settings: portal.settings };
  }

  const { code, userId, ...public_ } = portal.credential;
  const edit: (edit: Parameters<Product['edit']>[0]) => SandboxEdited = (change) => editPortal(portal, change);
  return {
    handle,
    edit,
    state,
    deals: () => [...portal.items.deal.values()].map(printedDeal),
    configure,
    close: () => closed.abort(),
    credentials: { ...public_, webhook: () => `${options.url().replace(/\/+$/, '')}/rest/${userId}/${code}/` },
  };
}

const NOT_FOUND_PAGE = '<!DOCTYPE html><html><head><title>404</title></head><body>Страница не найдена</body></html>';

function createPortal(options: BitrixSandboxOptions, closed: AbortSignal): Portal {
  const { clock, random, company } = options;
  const users = sampleUsers(company);
  const sync = users.find((user) => user.key === 'sync') ?? users[0];
  return {
    clock,
    random,
    url: options.url,
    limits: options.limits,
    credential: {
      userId: sync?.id ?? 1,
      code: random.hex(8),
      clientId: `local.${random.hex(7)}.${random.hex(4)}`,
      clientSecret: random.hex(25),
      memberId: random.hex(16),
      applicationToken: random.hex(16),
    },
    users,
    statuses: sampleStatuses(),
    categories: CATEGORIES,
    currencies: CURRENCIES,
    userFields: sampleUserFields(company.distributors),
    items: { lead: new Map(), deal: new Map(), contact: new Map(), company: new Map() },
    bin: { lead: new Map(), deal: new Map(), contact: new Map(), company: new Map() },
    origins: new Map(),
    comments: new Map(),
    stageHistory: [],
    counters: new Map([
      ['comment', 5100],
      ['handler', 20],
    ]),
    schemas: new Map(),
    settings: DEFAULT_SETTINGS,
    app: createApplication(),
    acting: { userId: null, byApp: false, connector: '', hops: 0, hit: 0 },
    raise: () => {},
    tellApp: () => {},
    afterSave: () => {},
    later: (ms, work) => {
      clock.sleep(ms, closed).then(work, () => {});
    },
  };
}

function renamed(portal: Portal, request: SandboxRequest): SandboxResponse | null {
  const { rename } = portal.settings;
  if (!rename || request.headers.host?.toLowerCase() !== rename.oldHost.toLowerCase()) return null;
  const query = request.query.toString();
  const location = rename.newUrl.replace(/\/+$/, '') + request.path + (query === '' ? '' : `?${query}`);
  return { status: 302, headers: { location, 'content-type': 'text/html; charset=utf-8' }, body: '' };
}

function retryAfter(portal: Portal, error: RestError): Record<string, string> {
  if (portal.settings.variants['limit-retry-after'] === 'A') return {};
  if (error.code === 'QUERY_LIMIT_EXCEEDED') return { 'retry-after': '1' };
  return error.code === 'OPERATION_TIME_LIMIT' ? { 'retry-after': '60' } : {};
}

function markForeign(portal: Portal): void {
  const { every, originatorId } = portal.settings.foreignOriginators;
  if (every < 1) return;
  for (const [index, deal] of [...portal.items.deal.values()].entries()) {
    if ((index + 1) % every === 0) keepItem(portal, 'deal', { ...deal, originatorId, originId: `УТ-${deal.id}` });
  }
}
