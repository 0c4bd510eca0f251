// Days on which less happens at once: isolated edits without any fault, creates under bad lines, and schedules with a
// part of what wakes the daemon taken away.
import type { Side } from '../../../src/model.ts';
import { seededRandom } from '../../../src/ports.ts';
import { CALM } from './calm-setup.ts';
import { between, chance, HOUR, MINUTE, pick } from './chance.ts';
import { firstNames, generate } from './generate.ts';
import { bothWays } from './mirror.ts';
import type { Action, FaultKind, Kind, Script, Setup } from './script.ts';
import { createWriter } from './values.ts';

const SIDES: readonly Side[] = ['jira', 'crm'];
export const ISOLATED_EDITS = 40;
const APART_MS = 34 * MINUTE;
const PLAIN = ['title', 'amount', 'due', 'note', 'labels'] as const;

/** One edit of some fields at a time, with half an hour between two. */
export function isolatedEdits(seed: number, webhooks: 'normal' | 'lost' | 'shuffled'): Script {
  const random = seededRandom(seed);
  const writer = createWriter(random);
  const setup = { ...CALM, webhooks, sweepMinutes: 15 };
  const names = firstNames(setup);
  const actions = Array.from({ length: ISOLATED_EDITS }, (_, at): Action => {
    const side = pick(random, SIDES);
    const chosen = PLAIN.filter(() => chance(random, 0.4));
    const fields = Object.fromEntries(
      (chosen.length > 0 ? chosen : ['title' as const]).map((name) => [name, writer.value(name, side)]),
    );
    return { do: 'edit', at: at * APART_MS, side, record: pick(random, names), fields };
  });
  const kind = webhooks === 'normal' ? 'isolated' : (`isolated-${webhooks}` as const);
  return { kind, seed, setup, actions };
}

/** As dense as 50 in eight hours, and with more records to take for one another: after a lost state all of them are looked for. */
export const CREATES = 125;
const CREATING_HOURS = 20;

/** A fifth of the creates loses its answer in one way or another, one in twenty meets the end of the daemon. */
export function manyCreates(seed: number): Script {
  const random = seededRandom(Math.imul(seed + 7, 0x85ebca6b));
  const writer = createWriter(random);
  const setup: Setup = {
    ...CALM,
    pairs: 2,
    sweepMinutes: 60,
    tickMs: 600_000,
    indexLagMs: between(random, 0, 15 * MINUTE),
    keyGaps: chance(random, 0.5),
    hours: CREATING_HOURS + 4,
  };
  const actions: Action[] = [];
  for (let number = 1; number <= CREATES; number += 1) {
    const side = pick(random, SIDES);
    const at = between(random, 0, CREATING_HOURS * HOUR);
    const status = side === 'jira' ? 'To Do' : 'Новая';
    const fields = { title: writer.value('title', side), status };
    actions.push({ do: 'create', at, side, record: `new ${number}`, fields });
    const other = side === 'jira' ? 'crm' : 'jira';
    if (chance(random, 0.2)) {
      const kind = pick<FaultKind>(random, ['unsent', 'unanswered', 'late', 'error', 'cut', 'hangs']);
      actions.push({ do: 'fault', at, side: other, op: 'create', kind, times: 1, forMs: HOUR });
    }
    if (chance(random, 0.05)) {
      actions.push({ do: 'kill', at, steps: between(random, 1, 12), downMs: MINUTE, loseState: chance(random, 0.2) });
    }
  }
  return { kind: 'creates', seed, setup, actions: actions.sort((a, b) => a.at - b.at) };
}

/** Nothing from outside tells of a change; only sweeps find it. */
export function withoutHints(seed: number): Script {
  const script = generate(seed);
  const actions = script.actions.filter((action) => action.do !== 'webhooks');
  return { ...script, kind: 'no-hints', setup: { ...script.setup, webhooks: 'lost' }, actions };
}

/** Every delivery arrives at least once, so the daemon is always there. */
export function forNoSweeps(seed: number): Script {
  const script = generate(seed);
  const actions = script.actions.filter((action) => action.do !== 'webhooks' && action.do !== 'kill');
  return {
    ...script,
    kind: 'no-sweeps',
    setup: { ...script.setup, webhooks: pick(seededRandom(seed), ['normal', 'doubled', 'shuffled'] as const) },
    actions,
  };
}

const KILLS = 15;

/** Whatever was answered with 2xx is never told again, and no sweep finds it: it has to outlive the daemon. */
export function killedWhenTold(seed: number): Script {
  const script = forNoSweeps(seed);
  const random = seededRandom(Math.imul(seed + 3, 0x27d4eb2f));
  const kills = Array.from({ length: KILLS }, (): Action => {
    const at = between(random, 0, script.setup.hours * HOUR - 2 * HOUR);
    return { do: 'kill-told', at, downMs: pick(random, [0, 1_000, MINUTE]) };
  });
  const setup = { ...script.setup, patient: true };
  return { ...script, kind: 'told', setup, actions: [...script.actions, ...kills].sort((a, b) => a.at - b.at) };
}

const MAKERS: Readonly<Record<Kind, (seed: number) => Script>> = {
  day: generate,
  isolated: (seed) => isolatedEdits(seed, 'normal'),
  'isolated-lost': (seed) => isolatedEdits(seed, 'lost'),
  'isolated-shuffled': (seed) => isolatedEdits(seed, 'shuffled'),
  creates: manyCreates,
  'no-hints': withoutHints,
  'no-sweeps': forNoSweeps,
  told: killedWhenTold,
  'both-ways': bothWays,
};

export function isKind(word: string): word is Kind {
  return Object.hasOwn(MAKERS, word);
}

export function scriptOf(kind: Kind, seed: number): Script {
  return MAKERS[kind](seed);
}
