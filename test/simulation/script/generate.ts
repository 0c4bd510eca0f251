// From a seed to a schedule: at least forty edits by people of both sides and five faults of three kinds in a day.
import type { Side } from '../../../src/model.ts';
import { type Random, seededRandom } from '../../../src/ports.ts';
import { between, chance, HOUR, MINUTE, pick, SECOND } from './chance.ts';
import { faultActs } from './generate-faults.ts';
import type { Action, Conflict, Script, Setup, WebhookMode } from './script.ts';
import { createWriter, type Writer } from './values.ts';

export const LEAST_EDITS = 40;
const MOST_EDITS = 55;
const SIDES: readonly Side[] = ['jira', 'crm'];

export function generate(seed: number): Script {
  const random = seededRandom(Math.imul(seed + 1, 0x9e3779b1));
  const setup = setupOf(random);
  const writer = createWriter(random);
  const names = firstNames(setup);
  const actions: Action[] = [
    ...edits(random, setup, writer, names),
    ...creates(random, setup, writer),
    ...comings(random, setup, names),
    ...faultActs(random, setup),
  ];
  actions.push(...tidyings(seed, setup, actions), ...leavings(seed, setup, names));
  return { kind: 'day', seed, setup, actions: actions.sort((a, b) => a.at - b.at) };
}

/** People work in bursts: some edits of one record within seconds or minutes, on both sides. */
function edits(random: Random, setup: Setup, writer: Writer, names: readonly string[]): Action[] {
  const actions: Action[] = [];
  const wanted = between(random, LEAST_EDITS, MOST_EDITS);
  const end = setup.hours * HOUR - HOUR;
  while (actions.length < wanted) {
    const record = pick(random, names);
    const at = between(random, 0, end);
    const size = chance(random, 0.45) ? between(random, 2, 5) : 1;
    const within = pick(random, [SECOND, 5 * SECOND, MINUTE, 15 * MINUTE]);
    for (let one = 0; one < size; one += 1) {
      const side = pick(random, SIDES);
      const verb = chance(random, 0.08) ? 'race' : 'edit';
      const when = at + (one === 0 ? 0 : between(random, 0, within));
      actions.push({ do: verb, at: when, side, record, fields: writer.fields(side) });
    }
  }
  return actions;
}

function creates(random: Random, setup: Setup, writer: Writer): Action[] {
  const actions: Action[] = [];
  const count = pick(random, [0, 1, 2, 4]);
  for (let number = 1; number <= count; number += 1) {
    const side = pick(random, SIDES);
    const record = `new ${number}`;
    const at = between(random, 0, setup.hours * HOUR - 3 * HOUR);
    const status = side === 'jira' ? 'To Do' : pick(random, ['Новая', 'В работе', 'Черновик']);
    const fields = { title: writer.value('title', side), note: writer.value('note', side), status };
    actions.push({ do: 'create', at, side, record, fields });
    for (let more = between(random, 0, 3); more > 0; more -= 1) {
      const on = chance(random, 0.7) ? side : pick(random, SIDES);
      const later = at + between(random, 1, pick(random, [SECOND, MINUTE, 30 * MINUTE]));
      actions.push({ do: 'edit', at: later, side: on, record, fields: writer.fields(on) });
    }
  }
  return actions;
}

function comings(random: Random, setup: Setup, names: readonly string[]): Action[] {
  const actions: Action[] = [];
  const end = setup.hours * HOUR - 5 * HOUR;
  if (chance(random, 0.25)) {
    actions.push({ do: 'delete', at: between(random, 0, end), side: pick(random, SIDES), record: pick(random, names) });
  }
  if (chance(random, 0.2)) {
    const record = pick(random, names);
    const at = between(random, 0, end);
    actions.push({ do: 'leave', at, record });
    actions.push({ do: 'return', at: at + between(random, MINUTE, 3 * HOUR), record });
  }
  return actions;
}

/**
 * In two days of five those who run the sync do something as well, mostly right beside something else. From a chance of
 * their own: the rest of the day is as it would be without them.
 */
function tidyings(seed: number, setup: Setup, others: readonly Action[]): Action[] {
  const random = seededRandom(Math.imul(seed + 7, 0x165667b1));
  const actions: Action[] = [];
  if (!chance(random, 0.4)) return actions;
  for (let more = between(random, 1, 3); more > 0; more -= 1) {
    const beside = pick(random, others).at + between(random, 0, pick(random, [SECOND, MINUTE, 30 * MINUTE]));
    const at = chance(random, 0.7) ? beside : between(random, 0, setup.hours * HOUR - HOUR);
    const what = pick(random, ['decide', 'retry', 'retry', 'resync', 'edit-profile', 'pause'] as const);
    actions.push(
      what === 'pause' ? { do: what, at, forMs: pick(random, [MINUTE, 20 * MINUTE, 2 * HOUR]) } : { do: what, at },
    );
  }
  return actions;
}

/** One that leaves the pipeline and stays away, from a chance of its own as well. */
function leavings(seed: number, setup: Setup, names: readonly string[]): Action[] {
  const random = seededRandom(Math.imul(seed + 13, 0x85ebca6b));
  if (!chance(random, 0.1)) return [];
  return [{ do: 'leave', at: between(random, 0, setup.hours * HOUR - HOUR), record: pick(random, names) }];
}

export function firstNames(setup: Pick<Setup, 'pairs' | 'requests' | 'deals'>): string[] {
  const named = (word: string, count: number) => Array.from({ length: count }, (_, at) => `${word} ${at + 1}`);
  return [...named('pair', setup.pairs), ...named('request', setup.requests), ...named('deal', setup.deals)];
}

function setupOf(random: Random): Setup {
  return {
    pairs: between(random, 2, 4),
    requests: between(random, 0, 1),
    deals: between(random, 0, 1),
    conflict: pick<Conflict>(random, ['hold', 'hold', 'jira', 'crm', 'newest']),
    labels: pick(random, ['merge', 'merge', 'hold']),
    note: pick(random, ['both', 'both', 'both', 'to-crm', 'to-jira']),
    gone: pick(random, ['unlink', 'unlink', 'delete']),
    sweepMinutes: pick(random, [15, 30, 60, 60, 120]),
    tickMs: pick(random, [60_000, 300_000, 600_000, 600_000]),
    indexLagMs: pick(random, [0, 2_000, 2_000, 60_000, 5 * MINUTE]),
    keyGaps: chance(random, 0.2),
    limits: chance(random, 0.3) ? 'real' : 'off',
    application: chance(random, 0.1),
    skewMs: chance(random, 0.2) ? between(random, -9 * MINUTE, 9 * MINUTE) : 0,
    latencyMs: pick(random, [0, 50, 400, 2_000]),
    webhooks: pick<WebhookMode>(random, ['normal', 'normal', 'normal', 'shuffled', 'doubled', 'lost']),
    hours: 24,
  };
}
