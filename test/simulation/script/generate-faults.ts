// What goes wrong in a schedule: at least five things of three kinds.
import type { Side } from '../../../src/model.ts';
import type { Random } from '../../../src/ports.ts';
import { between, chance, HOUR, MINUTE, pick, SECOND } from './chance.ts';
import type { Action, FaultKind, FaultOp, Setup, WebhookMode } from './script.ts';

export const LEAST_FAULTS = 5;
export const LEAST_KINDS = 3;
const MOST_FAULTS = 9;
const SIDES: readonly Side[] = ['jira', 'crm'];

type Maker = (random: Random, at: number) => Action;

const MAKERS: readonly { readonly weight: number; readonly make: Maker }[] = [
  { weight: 4, make: fault },
  { weight: 3, make: kill },
  { weight: 1, make: outage },
  { weight: 1, make: lag },
  { weight: 2, make: webhooks },
  { weight: 1, make: clock },
  { weight: 1, make: coerce },
  { weight: 1, make: noField },
  { weight: 1, make: noOption },
  { weight: 1, make: revoke },
  { weight: 1, make: robot },
];
const URN = MAKERS.flatMap(({ weight, make }) => Array.from({ length: weight }, () => make));

export function faultActs(random: Random, setup: Setup): Action[] {
  const wanted = between(random, LEAST_FAULTS, MOST_FAULTS);
  const end = setup.hours * HOUR - 2 * HOUR;
  const acts: Action[] = [];
  while (acts.length < wanted || kindsOf(acts) < LEAST_KINDS) {
    acts.push(pick(random, URN)(random, between(random, 0, end)));
  }
  return acts;
}

export function kindsOf(acts: readonly Action[]): number {
  return new Set(acts.map((act) => (act.do === 'fault' ? act.kind : act.do))).size;
}

function while_(random: Random): number {
  return pick(random, [10 * SECOND, 2 * MINUTE, 20 * MINUTE, HOUR]);
}

function fault(random: Random, at: number): Action {
  const kind = pick<FaultKind>(random, [
    'unsent',
    'unanswered',
    'unanswered',
    'late',
    'error',
    'garbled',
    'cut',
    'limited',
    'hangs',
    'denied',
  ]);
  const op = pick<FaultOp>(random, ['any', 'create', 'create', 'update', 'update', 'read', 'list']);
  const forMs = op === 'create' ? 4 * HOUR : while_(random) + 20 * MINUTE;
  return { do: 'fault', at, side: pick(random, SIDES), op, kind, times: between(random, 1, 4), forMs };
}

function kill(random: Random, at: number): Action {
  const downMs = pick(random, [0, SECOND, MINUTE, 40 * MINUTE]);
  return { do: 'kill', at, steps: between(random, 1, 40), downMs, loseState: chance(random, 0.12) };
}

function outage(random: Random, at: number): Action {
  return { do: 'outage', at, side: pick(random, SIDES), forMs: while_(random) };
}

function revoke(random: Random, at: number): Action {
  return { do: 'revoke', at, side: pick(random, SIDES), forMs: while_(random) };
}

function lag(random: Random, at: number): Action {
  return { do: 'lag', at, ms: between(random, 0, 15 * MINUTE), forMs: while_(random) };
}

function webhooks(random: Random, at: number): Action {
  const mode = pick<WebhookMode>(random, ['lost', 'lost', 'shuffled', 'doubled', 'paused']);
  return { do: 'webhooks', at, side: pick(random, SIDES), mode, forMs: while_(random) };
}

function clock(random: Random, at: number): Action {
  return { do: 'clock', at, skewMs: between(random, -9 * MINUTE, 9 * MINUTE) };
}

function coerce(random: Random, at: number): Action {
  const field = pick(random, ['note', 'title', 'distributor'] as const);
  return { do: 'coerce', at, side: pick(random, SIDES), field, forMs: while_(random) };
}

function noField(random: Random, at: number): Action {
  return { do: 'no-field', at, side: pick(random, SIDES), field: 'note', forMs: while_(random) };
}

function noOption(random: Random, at: number): Action {
  return { do: 'no-option', at, side: pick(random, SIDES), option: 'Rotor Trade', forMs: while_(random) };
}

function robot(random: Random, at: number): Action {
  return { do: 'robot', at, field: 'note', times: between(random, 1, 12) };
}
