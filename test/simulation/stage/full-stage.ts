// Full depth: both sandbox products behind their HTTP handlers, the real connectors, webhooks as signed bodies.
import { connectNote } from '../../../src/daemon/events.ts';
import { SIDES, type Side } from '../../../src/model.ts';
import { seededRandom } from '../../../src/ports.ts';
import { type OutgoingWebhook, SandboxEditError, type SandboxRequest } from '../../../src/sandbox/http.ts';
import { createSandboxInProcess, type InProcessSandbox } from '../../../src/sandbox/index.ts';
import { beginLife, type DaemonLife, PUBLIC_URL } from '../../support/daemon-life.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { writesIn } from '../../support/write-log.ts';
import type { SaidFields, WebhookMode } from '../script/script.ts';
import { labelsAfter } from '../script/values.ts';
import { firstCompany } from './first-company.ts';
import { createFullFaults } from './full-faults.ts';
import { isHeard, looksIn } from './full-heard.ts';
import { screensOf } from './full-seen.ts';
import { createHistory } from './history.ts';
import { PERSON_NAMES } from './names.ts';
import { PEOPLE } from './people.ts';
import type { Look, Sent, Stage, StageOptions, Way } from './stage.ts';

const JIRA_NAMES: Readonly<Record<string, string>> = {
  title: 'summary',
  amount: 'Budget',
  distributor: 'Distributor',
  note: 'Customer note',
  urgent: 'Urgent',
  due: 'duedate',
};
const CRM_NAMES: Readonly<Record<string, string>> = {
  amount: 'opportunity',
  distributor: 'Дистрибьютор по сделке',
  note: 'Примечание',
  urgent: 'Срочно',
  due: 'closedate',
  labels: 'Метки',
  assignee: 'assignedById',
  status: 'stage',
};
const EDITORS = { jira: 'Oleg Petrov', crm: 'Anna Weber' } as const;

export type FullStage = Stage & { readonly sandbox: InProcessSandbox };

export function createFullStage({ seed, setup, border }: StageOptions): FullStage {
  const clock = createVirtualClock();
  let life: DaemonLife | null = null;
  const delivered: OutgoingWebhook[] = [];
  let skew = 0;

  let acknowledged: (() => void) | null = null;

  async function deliver(webhook: OutgoingWebhook): Promise<number> {
    const receive = async (): Promise<number> => {
      if (life === null) throw new Error('connect ECONNREFUSED');
      return life.receive(webhook);
    };
    const side = webhook.url.endsWith('/jira') ? 'jira' : 'crm';
    const status = await (border?.delivery(side, receive) ?? receive());
    if (status < 300) {
      delivered.push(webhook);
      acknowledged?.();
    }
    return status;
  }

  const { limits, indexLagMs, application } = setup;
  const company = firstCompany(setup);
  const sandbox = createSandboxInProcess({ clock, seed, limits, indexLagMs, company, webhooks: deliver });
  const { jira, bitrix24 } = sandbox;
  const screens = screensOf(sandbox);
  const history = createHistory(clock.now);
  const faults = createFullFaults(sandbox);
  const sent: Sent[] = [];
  const unheard = new Set<number>();
  const looks: Look[] = [];
  let [lives, dead] = [0, 0];
  const chance = seededRandom(seed + 77);
  jira.product.configure({ keyGaps: setup.keyGaps });

  function look(actor: 'person' | 'robot' | 'daemon', sides: readonly Side[] = SIDES): void {
    for (const side of sides) history.compare(side, screens.seen(side), actor);
  }

  type Handle = InProcessSandbox['jira']['handle'];
  /** On its way for a while, there and back. */
  const slowly =
    (side: Side, handle: Handle): Handle =>
    async (request) => {
      const ms = setup.latencyMs * chance.next();
      const [by, since] = [lives, clock.now()];
      if (ms >= 1) await clock.sleep(ms);
      const answer = await handle(request);
      const heard = by > dead && isHeard(side, answer, clock.now() - since);
      const first = history.happenings.length;
      const shown = heard ? looksIn(side, request) : [];
      for (const id of shown) looks.push({ after: first, at: clock.now(), side, id });
      if (writesIn(side, request, 0).length > 0) look('daemon', [side]);
      if (!heard) for (let seq = first; seq < history.happenings.length; seq += 1) unheard.add(seq);
      if (ms >= 2) await clock.sleep(ms / 2);
      return answer;
    };
  const across = (side: Side, handle: Handle): Handle =>
    border === undefined ? handle : (request) => border.request(side, request, handle);
  const reached: InProcessSandbox = {
    ...sandbox,
    jira: { ...jira, handle: across('jira', slowly('jira', jira.handle)) },
    bitrix24: { ...bitrix24, handle: across('crm', slowly('crm', bitrix24.handle)) },
  };

  function listen(): void {
    const { webhookSecret: secret } = jira.product.credentials;
    jira.product.configure({ webhooks: { url: `${PUBLIC_URL}/webhooks/jira`, secret } });
    if (!application) bitrix24.product.configure({ webhooks: { url: `${PUBLIC_URL}/webhooks/bitrix24` } });
  }

  async function install(begun: DaemonLife): Promise<void> {
    const handler = `${PUBLIC_URL}/webhooks/bitrix24`;
    const installing = { plan: 'enterprise', webhookMode: 'normal', app: { installUrl: handler } };
    bitrix24.product.configure(installing);
    await clock.runFor(5_000);
    const { events } = begun.connectors.get('bitrix24') ?? {};
    const ask = { lane: 'live', handler, specs: [], takeOver: false } as const;
    await clock.until(Promise.resolve(events?.subscribe(ask)));
    await begun.store.note(connectNote('bitrix24'), { at: clock.now() });
    await clock.runFor(1_000);
    bitrix24.product.configure({ webhookMode: setup.webhooks });
  }

  /** As the vendors' forms take it. */
  function typed(side: Side, said: SaidFields, labels: readonly string[]): Record<string, unknown> {
    const names = side === 'jira' ? JIRA_NAMES : CRM_NAMES;
    const fields: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(said)) {
      const key = names[name] ?? name;
      if (name === 'labels') fields[key] = labelsAfter(labels, String(value));
      else if (name === 'assignee') fields[key] = PERSON_NAMES[String(value)];
      else if (name === 'urgent' && side === 'jira') fields[key] = value ? 'Yes' : 'No';
      else fields[key] = value;
    }
    return fields;
  }

  function tried<T>(work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      if (error instanceof SandboxEditError) return null;
      throw error;
    }
  }

  const place = (side: Side) => (side === 'jira' ? 'BUY' : 'deal');
  const product = (side: Side) => (side === 'jira' ? jira.product : bitrix24.product);
  const setting = (side: Side, on: object, off: object) => {
    const configure = (how: object) => {
      look('daemon', [side]);
      product(side).configure(how as Record<string, unknown>);
      history.lookAgain(side, screens.seen(side));
    };
    configure(on);
    return () => configure(off);
  };
  const webhooks = (side: Side, mode: WebhookMode) =>
    setting(side, { webhookMode: mode }, { webhookMode: setup.webhooks });
  const hidden = { jira: false, crm: false };
  look('person');
  for (const side of SIDES) webhooks(side, setup.webhooks);
  listen();

  return {
    depth: 'full',
    sandbox,
    clock,
    happenings: history.happenings,
    moves: history.moves,
    unheard,
    looks,
    needless: [],
    sent,
    onHappening(listener) {
      history.listen(listener);
    },
    onAcknowledged(listener) {
      acknowledged = listener;
    },
    seen: screens.seen,
    show: screens.show,
    edit(side, id, said, actor) {
      // Nobody can type into a field that is not on the screen.
      if (hidden[side] && 'note' in said) return false;
      const labels = (history.last(side).get(id)?.fields.labels ?? []) as readonly string[];
      const mark = history.last(side).get(id)?.mark ?? null;
      const fields = typed(side, said, side === 'jira' && mark !== null ? [...labels, mark] : labels);
      const done = tried(() => product(side).edit({ op: 'update', in: place(side), id, fields, user: EDITORS[side] }));
      look(actor, [side]);
      return done !== null;
    },
    create(side, said) {
      const { note, ...others } = said;
      const shown = hidden[side] ? others : said;
      const fields = { ...typed(side, shown, []), ...(side === 'crm' ? { category: 'Закупки' } : {}) };
      const type = side === 'jira' ? { type: 'Purchase request' } : {};
      const made = tried(() =>
        product(side).edit({ op: 'create', in: place(side), ...type, fields, user: EDITORS[side] }),
      );
      look('person', [side]);
      return made?.id ?? null;
    },
    remove(side, id) {
      tried(() => product(side).edit({ op: 'delete', in: place(side), id, user: EDITORS[side] }));
      look('person', [side]);
    },
    move(id, inScope) {
      const fields = { category: inScope ? 'Закупки' : 'Общая' };
      tried(() => bitrix24.product.edit({ op: 'update', in: 'deal', id, fields, user: EDITORS.crm }));
      look('person', ['crm']);
    },
    fault: faults.add,
    outage: faults.outage,
    revoke: (side) =>
      side === 'jira'
        ? setting('jira', { revokeToken: true }, { revokeToken: false })
        : setting('crm', { revokeToken: '401' }, { revokeToken: 'no' }),
    // Less than the overlap of a connection that nobody told of a longer lag.
    lag: (ms) => setting('jira', { indexLagMs: Math.min(ms, 9 * 60_000) }, { indexLagMs }),
    webhooks,
    coerce(side, field) {
      const names = side === 'jira' ? JIRA_NAMES : CRM_NAMES;
      const how =
        field === 'distributor' ? (side === 'jira' ? { drop: true } : { dropOption: 'Rotor Trade' }) : { cut: 9 };
      return setting(side, { coerce: [{ field: names[field] ?? field, ...how }] }, { coerce: [] });
    },
    noField(side) {
      hidden[side] = true;
      const back =
        side === 'jira'
          ? setting('jira', { disabledFields: ['Customer note'] }, { disabledFields: [] })
          : setting('crm', { removeField: ['Примечание'] }, { removeField: [] });
      return () => {
        hidden[side] = false;
        back();
      };
    },
    noOption: (side, option) =>
      side === 'jira'
        ? setting('jira', { readOnlyFields: ['Distributor'] }, { readOnlyFields: [] })
        : setting('crm', { removeOption: { 'Дистрибьютор по сделке': [option] } }, { removeOption: {} }),
    skew(ms) {
      skew = ms;
    },
    async begin({ store, fresh, log, tickMs, onStep, onFatal }) {
      lives += 1;
      const own = lives;
      const ways = new WeakMap<SandboxRequest, Way>();
      const begun = beginLife({
        sandbox: reached,
        clock: { ...clock, now: () => clock.now() + skew },
        random: seededRandom(seed + 1000 + history.happenings.length),
        log,
        store,
        staged: false,
        application,
        people: PEOPLE,
        reports: [],
        fatal: { push: onFatal } as never,
        tickMs,
        ...(border ? { makeDispatcher: border.makeDispatcher, lookAgainMs: border.lookAgainMs } : {}),
        onStep(step) {
          if (step.kind === 'stored') return onStep({ kind: 'stored', side: null, writes: true, what: step.verb });
          const writes = writesIn(step.side, step.request, clock.now());
          if (step.kind === 'request' && writes.length > 0) {
            const way: Way = { life: own, answeredAt: null };
            ways.set(step.request, way);
            for (const { what, id, fields } of writes) {
              const kind = what === 'create' ? what : 'update';
              sent.push({ at: clock.now(), side: step.side, what: kind, id, fields, way });
            }
          }
          const way = ways.get(step.request);
          if (step.kind === 'answer' && way !== undefined) way.answeredAt = clock.now();
          onStep({ kind: step.kind, side: step.side, writes: writes.length > 0, what: step.request.path });
        },
      });
      // Its tokens are in the state: a person installs it again where that is lost.
      if (fresh && application) {
        life = begun;
        await install(begun);
        life = null;
      }
      return {
        engine: begun.engine,
        profiles: begun.profiles,
        open() {
          life = begun;
        },
        kill() {
          begun.kill();
          dead = own;
          if (life === begun) life = null;
        },
        async stop() {
          life = null;
          await clock.until(Promise.all([begun.engine.stop(), begun.events.stop()]));
          for (const connector of begun.connectors.values()) await connector.close();
        },
      };
    },
    async redeliver(order) {
      for (const at of order(delivered.length)) {
        const webhook = delivered[at];
        if (webhook !== undefined && life !== null) await clock.until(life.receive(webhook));
      }
    },
    requests: () => jira.log.list().length + bitrix24.log.list().length,
    secrets: [
      jira.product.credentials.token,
      jira.product.credentials.webhookSecret,
      bitrix24.product.credentials.clientSecret,
      bitrix24.product.credentials.applicationToken,
    ],
    close: () => sandbox.close(),
  };
}
