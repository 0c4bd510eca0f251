// Thin depth: the product's engine, store and webhook handlers on records in memory, without HTTP and without the real
// connectors; some ten times as fast as the full one.
import { type Fields, SIDES, type Side, sameValue, valueText } from '../../../src/model.ts';
import { type Clock, seededRandom } from '../../../src/ports.ts';
import { createPromiseClock } from '../../support/virtual-clock.ts';
import type { FieldName, Said, SaidFields } from '../script/script.ts';
import { firstCompany } from '../stage/first-company.ts';
import { shownValue } from '../stage/full-seen.ts';
import { createHistory } from '../stage/history.ts';
import type { Actor, Look, Seen, Sent, Stage, StageOptions, Way } from '../stage/stage.ts';
import { ACCOUNTS, IDS, valuesOf } from './company.ts';
import { createThinConnector, type Manners } from './connector.ts';
import { beginThinLife, type Existence, ifAlive } from './life.ts';
import { createShelf, type Row, type Shelf } from './records.ts';
import { createSender, type Delivery } from './webhooks.ts';
import { type Call, createWire, type Weather } from './wire.ts';

const FIELDS = Object.keys(IDS.jira) as FieldName[];
const NUMBER = 'customfield_10033';
const LINK = 'ufCrm_1747309873';

export function createThinStage({ seed, setup }: StageOptions): Stage {
  const clock = createPromiseClock();
  const history = createHistory(clock.now);
  const sent: Sent[] = [];
  const ways = new WeakMap<Call, Way>();
  let lives = 0;
  const delivered: Delivery[] = [];
  let skew = 0;
  let requests = 0;
  let actor: Actor = 'person';
  let expected: SaidFields | null = null;
  const unheard = new Set<number>();
  const looks: Look[] = [];
  const needless: string[] = [];
  let receive: ((delivery: Delivery) => Promise<number>) | null = null;
  let acknowledged: (() => void) | null = null;
  const deaths = new Set<() => void>();

  async function deliver(delivery: Delivery): Promise<number> {
    const status = setup.patient ? await answered(delivery) : await knock(delivery);
    if (status < 300) {
      delivered.push(delivery);
      acknowledged?.();
    }
    return status;
  }

  async function knock(delivery: Delivery): Promise<number> {
    if (receive === null) throw new Error('connect ECONNREFUSED');
    return receive(delivery);
  }

  /** By whoever is there: one that dies without an answer was told nothing. */
  async function answered(delivery: Delivery): Promise<number> {
    for (;;) {
      while (receive === null) await clock.sleep(1_000);
      const dies = new Promise<null>((end) => deaths.add(() => end(null)));
      const status = await Promise.race([receive(delivery), dies]);
      if (status !== null) return status;
    }
  }

  function side(name: Side) {
    const random = seededRandom(seed * 2 + (name === 'jira' ? 1 : 2));
    const sender = createSender({ side: name, clock, random, deliver });
    const manners: Manners = {
      indexLagMs: setup.indexLagMs,
      cut: new Set(),
      dropped: new Set(),
      hidden: new Set(),
      goneOptions: new Set(),
    };
    const weather: Weather = { outage: false, revoked: false, faults: [] };
    const shelf = createShelf(name, clock, (row, what) => {
      history.compareOne(name, row.id, row.deleted ? null : rowSeen(shelf, row), actor, expected);
      const version = name === 'jira' && what !== 'deleted' ? new Date(shelf.now(row).at).toISOString() : null;
      sender.tell(row.id, what === 'deleted' ? 'deleted' : 'changed', version);
    });
    return { shelf, sender, manners, weather, random };
  }
  const sides: Readonly<Record<Side, ReturnType<typeof side>>> = { jira: side('jira'), crm: side('crm') };

  function seen(name: Side): Map<string, Seen> {
    const all = new Map<string, Seen>();
    for (const row of sides[name].shelf.rows.values())
      if (!row.deleted) all.set(row.id, rowSeen(sides[name].shelf, row));
    return all;
  }

  function rowSeen(shelf: Shelf, row: Row): Seen {
    const { values, marker, inScope } = shelf.now(row);
    const { manners } = sides[shelf.side];
    const fields = {} as Record<FieldName, Said>;
    for (const field of FIELDS) {
      const id = IDS[shelf.side][field];
      const value = manners.hidden.has(id) ? null : (values[id] ?? null);
      const said = shownValue(ACCOUNTS[shelf.side], shelf.side, field, value);
      fields[field] = field === 'amount' && shelf.side === 'crm' ? (said ?? 0) : said;
    }
    const key = shelf.side === 'jira' ? `BUY-${row.number}` : row.id;
    const names = values[shelf.side === 'jira' ? NUMBER : LINK] ?? null;
    return { id: row.id, key, fields, mark: marker?.key ?? null, names: names as string | null, inScope };
  }

  function as<T>(who: Actor, work: () => T): T {
    const before = actor;
    actor = who;
    try {
      return work();
    } finally {
      actor = before;
      expected = null;
    }
  }

  /** Whatever it does, the daemon is not told of. */
  function withoutAnswer<T>(work: () => T): T {
    const first = history.happenings.length;
    try {
      return work();
    } finally {
      for (let seq = first; seq < history.happenings.length; seq += 1) unheard.add(seq);
    }
  }

  function saidOf(name: Side, values: Fields): SaidFields {
    const said: Record<string, Said> = {};
    for (const field of FIELDS) {
      const value = values[IDS[name][field]];
      if (value !== undefined) said[field] = shownValue(ACCOUNTS[name], name, field, value);
    }
    return said;
  }

  function begin(): void {
    const { requests: issues, deals } = firstCompany(setup);
    for (const { summary } of issues) sides.jira.shelf.add(firstValues('jira', summary), null);
    for (const { title } of deals) sides.crm.shelf.add(firstValues('crm', title), null);
    sides.jira.shelf.setGaps(setup.keyGaps);
    for (const name of SIDES) sides[name].sender.set(setup.webhooks);
  }

  function setting(on: () => void, off: () => void): () => void {
    on();
    return off;
  }

  const added = <T>(set: Set<T>, value: T) =>
    setting(
      () => set.add(value),
      () => set.delete(value),
    );
  /** What the screens show without anybody having changed a record. */
  const lookAgain = (name: Side) => history.lookAgain(name, seen(name));

  begin();
  return {
    depth: 'thin',
    clock,
    happenings: history.happenings,
    moves: history.moves,
    unheard,
    looks,
    needless,
    sent,
    onHappening: history.listen,
    onAcknowledged(listener) {
      acknowledged = listener;
    },
    seen,
    show: (name, field, value) => shownValue(ACCOUNTS[name], name, field, value),
    edit(name, id, said, who) {
      const { shelf, manners } = sides[name];
      const row = shelf.rows.get(id);
      if (row === undefined || row.deleted) return false;
      const values = valuesOf(name, said, shelf.now(row).values);
      const impossible = Object.keys(values).some((field) => manners.hidden.has(field));
      if (impossible || (said.distributor === 'Rotor Trade' && manners.goneOptions.size > 0)) return false;
      as(who, () => shelf.change(row, values));
      return true;
    },
    create(name, said) {
      const first = name === 'jira' ? { status: '10010' } : { assignedById: '14', ufCrm_1747309875: false };
      const { note, ...rest } = said;
      const typed: SaidFields = sides[name].manners.hidden.has(IDS[name].note) ? rest : { note: note ?? null, ...rest };
      return as('person', () => sides[name].shelf.add({ ...first, ...valuesOf(name, typed, {}) }, null).id);
    },
    remove(name, id) {
      const row = sides[name].shelf.rows.get(id);
      if (row !== undefined) as('person', () => sides[name].shelf.drop(row));
    },
    move(id, inScope) {
      const row = sides.crm.shelf.rows.get(id);
      if (row !== undefined && !row.deleted) as('person', () => sides.crm.shelf.change(row, {}, { inScope }));
    },
    fault({ side: name, op, kind, times }) {
      const rule = { op, kind, times };
      sides[name].weather.faults.push(rule);
      return () => {
        rule.times = 0;
      };
    },
    outage: (name) =>
      setting(
        () => {
          sides[name].weather.outage = true;
        },
        () => {
          sides[name].weather.outage = false;
        },
      ),
    revoke: (name) =>
      setting(
        () => {
          sides[name].weather.revoked = true;
        },
        () => {
          sides[name].weather.revoked = false;
        },
      ),
    lag: (ms) =>
      setting(
        () => {
          sides.jira.manners.indexLagMs = ms;
        },
        () => {
          sides.jira.manners.indexLagMs = setup.indexLagMs;
        },
      ),
    webhooks: (name, mode) =>
      setting(
        () => sides[name].sender.set(mode),
        () => sides[name].sender.set(setup.webhooks),
      ),
    coerce: (name, field) =>
      added(field === 'distributor' ? sides[name].manners.dropped : sides[name].manners.cut, IDS[name][field]),
    noField(name, field) {
      const back = added(sides[name].manners.hidden, IDS[name][field]);
      lookAgain(name);
      return () => {
        back();
        lookAgain(name);
      };
    },
    noOption: (name, option) => added(sides[name].manners.goneOptions, option),
    skew(ms) {
      skew = ms;
    },
    async begin({ store, log, tickMs, onStep, onFatal }) {
      const life: Existence = { alive: true };
      lives += 1;
      const own: Clock = {
        now: () => clock.now() + skew,
        steady: clock.steady,
        sleep: (ms, signal) => ifAlive(life, clock.sleep(ms, signal)),
      };
      const random = seededRandom(seed + 1000 + history.happenings.length);
      const connectors = new Map(
        SIDES.map((name) => {
          const { shelf, manners, weather } = sides[name];
          const wire = createWire({
            side: name,
            clock: own,
            random: sides[name].random,
            latencyMs: setup.latencyMs,
            weather,
            unheard: withoutAnswer,
            later: (ms, work) => {
              clock.sleep(ms).then(
                () => as('daemon', work),
                () => {},
              );
            },
            async step(call, kind) {
              if (!life.alive) return new Promise(() => {});
              const { op, id } = call;
              const writes = op === 'create' || op === 'update';
              if (kind === 'request') requests += 1;
              if (kind === 'request' && writes) {
                const way: Way = { life: lives, answeredAt: null };
                ways.set(call, way);
                sent.push({ at: clock.now(), side: name, what: op, id, fields: [], way });
              }
              const way = ways.get(call);
              if (kind === 'answer' && way !== undefined) way.answeredAt = clock.now();
              onStep({ kind, side: name, writes, what: op });
              if (!life.alive) return new Promise(() => {});
              return undefined;
            },
          });
          const byDaemon = <T>(work: () => T) =>
            life.alive ? as('daemon', work) : withoutAnswer(() => as('daemon', work));
          const asDaemon: typeof wire = {
            call: (op, ask, work) => wire.call(op, ask, () => byDaemon(work)),
            write: (id, ask, work) => wire.write(id, ask, () => byDaemon(work)),
          };
          const connector = createThinConnector({
            side: name,
            shelf,
            wire: asDaemon,
            manners,
            clock: own,
            productClock: clock,
            onRead: (id) => looks.push({ after: history.happenings.length, at: clock.now(), side: name, id }),
            onPlanned(id, values, patch) {
              expected = saidOf(name, values);
              for (const [field, value] of Object.entries(patch)) {
                if (values[field] !== undefined && sameValue(values[field], value)) {
                  needless.push(`${name} ${id} ${field} was read as ${valueText(value)} and written so`);
                }
              }
            },
          });
          return [connector.connection, connector] as const;
        }),
      );
      const begun = beginThinLife({
        life,
        connectors,
        store,
        clock: own,
        random,
        log,
        tickMs,
        onStored: (verb) => onStep({ kind: 'stored', side: null, writes: true, what: verb }),
        onFatal,
      });
      return {
        engine: begun.engine,
        profiles: begun.profiles,
        open() {
          receive = begun.receive;
        },
        kill() {
          life.alive = false;
          for (const die of deaths) die();
          deaths.clear();
          if (receive === begun.receive) receive = null;
        },
        async stop() {
          receive = null;
          await clock.until(begun.engine.stop());
        },
      };
    },
    async redeliver(order) {
      for (const at of order(delivered.length)) {
        const delivery = delivered[at];
        if (delivery !== undefined) await receive?.(delivery);
      }
    },
    requests: () => requests,
    secrets: [],
    close() {},
  };
}

function firstValues(side: Side, title: string) {
  const said: SaidFields = {
    title,
    amount: 120_000,
    due: '2026-12-15',
    assignee: 'petrov',
    distributor: 'Hydrotech',
    note: null,
    urgent: false,
    status: side === 'jira' ? 'To Do' : 'Новая',
  };
  return valuesOf(side, said, {});
}
