// P4: how much of the binding limit is used while more waits than it lets through, and how often a limit refuses us. The
// real clock shows it with everything that real sockets do; the virtual one shows half an hour of operating time.
import { silentLog, systemClock } from '../src/ports.ts';
import type { LoggedRequest } from '../src/sandbox/http.ts';
import { linkPairs, pairedCompany } from '../test/support/linked-pairs.ts';
import { createWorld, PROCUREMENT, type World } from '../test/support/world.ts';
import { type BenchOptions, pause, withDaemon, withPairs, withState } from './bench.ts';
import type { Figure } from './figures.ts';
import { FIRST_DEAL, FIRST_ISSUE } from './paired-company.ts';
import type { Sandbox } from './sandbox-client.ts';

/** What the vendors let through per second (the sandbox holds to it): edits of Jira, requests of a standard portal. */
const JIRA_EDITS = 50;
const PORTAL_REQUESTS = 2;
/** Seconds of a method's time in ten minutes. */
const OPERATING = { seconds: 480, windowMs: 600_000 };
const SECONDS_PER_UPDATE = 2;
const PROFILE = 'procurement';

type Side = 'jira' | 'crm';

/** Which side is written to, how many wait (above half of the pairs the brake would halt the profile), and how long is watched after the burst is over. */
type Backlog = {
  readonly to: Side;
  readonly pairs: number;
  readonly edited: number;
  readonly skipMs: number;
  readonly watchMs: number;
};

const BACKLOGS: readonly Backlog[] = [
  { to: 'jira', pairs: 7_000, edited: 3_400, skipMs: 5_000, watchMs: 60_000 },
  { to: 'crm', pairs: 3_600, edited: 1_700, skipMs: 20_000, watchMs: 60_000 },
];

const binding = (to: Side) => (to === 'jira' ? JIRA_EDITS : PORTAL_REQUESTS);
const what = (to: Side) => (to === 'jira' ? 'edits of Jira' : 'requests of Bitrix24');

function counted(to: Side, requests: readonly LoggedRequest[]): readonly LoggedRequest[] {
  return to === 'crm'
    ? requests
    : requests.filter(({ method, path }) => method === 'PUT' && /\/issue\/\d+$/.test(path));
}

function refusals(requests: readonly LoggedRequest[]): number {
  return requests.filter(({ status }) => status === 429 || status === 503).length;
}

/** Of what the limit lets through in the time between two moments, the part that was sent. */
function share(to: Side, requests: readonly LoggedRequest[], from: number, until: number): number {
  const sent = counted(to, requests).filter(({ at, status }) => at >= from && at < until && status < 300).length;
  return (100 * sent) / ((binding(to) * (until - from)) / 1000);
}

function figures(clock: string, to: Side, used: number, refused: number, requests: number): Figure[] {
  return [
    { id: 'P4', what: `use of the limit, ${what(to)}, ${clock} clock`, value: used, unit: '%', budget: { least: 95 } },
    {
      id: 'P4',
      what: `refused by a limit, ${what(to)}, ${clock} clock`,
      value: (1000 * refused) / Math.max(1, requests),
      unit: 'in 1000',
      budget: { most: 1 },
    },
  ];
}

async function onRealClock(backlog: Backlog, options: BenchOptions): Promise<Figure[]> {
  const { to, pairs, edited, skipMs, watchMs } = backlog;
  return withPairs(pairs, { sandboxLimits: 'real', limits: 'vendor' }, options, async (office) => {
    const { sandbox } = office;
    return withDaemon(office, options, async () => {
      await sandbox.ask('editAll', { side: to === 'jira' ? 'crm' : 'jira', from: 0, to: edited });
      await sandbox.ask('forgetRequests', {});
      await withState(office, (store) => store.addCommand('resync', { profile: PROFILE }, systemClock.now()));
      const first = await firstWrite(to, sandbox);
      await pause(skipMs + watchMs);
      const { jira, crm } = await sandbox.ask('requests', { since: 0 });
      const requests = to === 'jira' ? jira : crm;
      const from = first + skipMs;
      const used = share(to, requests, from, from + watchMs);
      options.say(`${what(to)}: ${used.toFixed(1)} %, ${refusals(requests)} of ${requests.length} refused`);
      return figures('real', to, used, refusals(requests), requests.length);
    });
  });
}

async function firstWrite(to: Side, sandbox: Sandbox): Promise<number> {
  for (let looked = 0; looked < 600; looked += 1) {
    const { jira, crm } = await sandbox.ask('requests', { since: 0 });
    const first =
      to === 'jira'
        ? counted(to, jira)[0]
        : crm.find(({ commands = [] }) => commands.some((one) => one.startsWith('crm.item.update')));
    if (first) return first.at;
    await pause(100);
  }
  throw new Error('nothing was written');
}

/** A settled world in which everything of one side was edited and waits. */
async function backlogged(
  { to, pairs, edited }: Backlog,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<World> {
  const world = await createWorld({ company: pairedCompany(pairs), limits: 'real', log: silentLog });
  const profile = await linkPairs(world, pairs, PROCUREMENT);
  world.sandbox.bitrix24.product.configure(settings);
  await world.settle();
  const side = to === 'jira' ? 'crm' : 'jira';
  const marks = [];
  for (let at = 0; at < edited; at += 1) {
    const text = `Lot ${at}, edited`;
    const id = String((side === 'jira' ? FIRST_ISSUE : FIRST_DEAL) + at);
    if (side === 'jira') world.sandbox.jira.product.edit({ op: 'update', in: 'BUY', id, fields: { summary: text } });
    else world.sandbox.bitrix24.product.edit({ op: 'update', in: 'deal', id, fields: { title: text } });
    marks.push({ profile: profile.name, side, id, lane: 'bulk', cause: 'sweep', version: null } as const);
  }
  world.requests();
  await world.store.markDirty(marks, world.clock.now());
  world.engine.ring();
  return world;
}

async function onVirtualClock(backlog: Backlog, options: BenchOptions): Promise<Figure[]> {
  const { to, skipMs, watchMs } = backlog;
  const world = await backlogged(backlog);
  const from = world.clock.now() + skipMs;
  // The burst is spent first: a portal takes 50 requests at once.
  await world.clock.runFor(skipMs + watchMs);
  const seen = world.requests();
  const requests = to === 'jira' ? seen.jira : seen.crm;
  const used = share(to, requests, from, from + watchMs);
  options.say(`${what(to)}, virtual clock: ${used.toFixed(1)} %, ${refusals(requests)} of ${requests.length} refused`);
  await world.stop();
  return figures('virtual', to, used, refusals(requests), requests.length);
}

/** Updates take so long that the method's time is the narrower limit, for three times ten minutes. */
export async function measureOperating(options: BenchOptions): Promise<Figure[]> {
  const backlog = {
    to: 'crm',
    pairs: 3_600,
    edited: 1_700,
    skipMs: OPERATING.windowMs,
    watchMs: 3 * OPERATING.windowMs,
  } as const;
  const world = await backlogged(backlog, { operatingSeconds: { 'crm.item.update': SECONDS_PER_UPDATE } });
  // The whole budget of ten minutes is there at the beginning: a burst as well.
  await world.clock.runFor(backlog.skipMs);
  world.requests();
  const from = world.clock.now();
  const limitedBefore = world.connectors.get('bitrix24')?.usage().limited ?? 0;
  await world.clock.runFor(backlog.watchMs);
  const { crm } = world.requests();
  const limited = (world.connectors.get('bitrix24')?.usage().limited ?? 0) - limitedBefore;
  // What was refused is among them.
  const asked = world.writes().filter(({ side, at }) => side === 'crm' && at >= from).length;
  const allowed = (OPERATING.seconds * backlog.watchMs) / OPERATING.windowMs / SECONDS_PER_UPDATE;
  const updates = asked - limited;
  const used = (100 * updates) / allowed;
  const commands = crm.reduce((sum, request) => sum + (request.commands?.length ?? 1), 0);
  options.say(
    `operating time, virtual clock: ${updates} updates of ${allowed} allowed, ${limited} of ${commands} refused`,
  );
  await world.stop();
  return [
    {
      id: 'P4',
      what: 'use of the operating time of updates, virtual clock',
      value: used,
      unit: '%',
      budget: { least: 95 },
    },
    {
      id: 'P4',
      what: 'refused by operating time, virtual clock',
      value: (1000 * limited) / Math.max(1, commands),
      unit: 'in 1000',
      budget: { most: 1 },
    },
  ];
}

export async function measureLimits(options: BenchOptions): Promise<readonly Figure[]> {
  const found: Figure[] = [];
  for (const backlog of BACKLOGS) found.push(...(await onVirtualClock(backlog, options)));
  found.push(...(await measureOperating(options)));
  for (const backlog of BACKLOGS) found.push(...(await onRealClock(backlog, options)));
  return found;
}
