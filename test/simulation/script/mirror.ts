// Days that mean the same with the two sides exchanged: fields that both products treat alike, edited on one side or on
// both between two sweeps, so that it does not matter whose news travels faster.
import { otherSide, type Side } from '../../../src/model.ts';
import { seededRandom } from '../../../src/ports.ts';
import { CALM } from './calm-setup.ts';
import { between, chance, MINUTE, pick, SECOND } from './chance.ts';
import { firstNames } from './generate.ts';
import type { Action, Conflict, FieldName, Script, Setup } from './script.ts';
import { createWriter } from './values.ts';

const SIDES: readonly Side[] = ['jira', 'crm'];
/** Amount, date and status have policies of their own that name a side. */
export const MIRRORED: readonly FieldName[] = ['title', 'note', 'labels'];
const GROUPS = 30;
const APART_MS = 34 * MINUTE;

export function bothWays(seed: number): Script {
  const random = seededRandom(Math.imul(seed + 11, 0xc2b2ae35));
  const writer = createWriter(random);
  const setup: Setup = {
    ...CALM,
    conflict: pick<Conflict>(random, ['hold', 'jira', 'crm']),
    labels: pick(random, ['merge', 'hold']),
    note: pick(random, ['both', 'both', 'to-crm', 'to-jira']),
    webhooks: 'lost',
    sweepMinutes: 15,
    // What one product's search shows late has no counterpart.
    indexLagMs: 0,
  };
  const names = firstNames(setup);
  const actions: Action[] = [];
  for (let group = 0; group < GROUPS; group += 1) {
    const record = pick(random, names);
    const sides = chance(random, 0.5) ? SIDES : [pick(random, SIDES)];
    const field = pick(random, MIRRORED);
    for (const side of sides) {
      const more = pick(random, MIRRORED);
      const fields = { [field]: writer.value(field, side), [more]: writer.value(more, side) };
      const at = group * APART_MS + between(random, 0, 5 * SECOND);
      actions.push({ do: 'edit', at, side, record, fields });
    }
  }
  return { kind: 'both-ways', seed, setup, actions: actions.sort((a, b) => a.at - b.at) };
}

/** The same day with Jira and the CRM exchanged, in the profile as in what people do. */
export function mirrored(script: Script): Script {
  const { conflict, note } = script.setup;
  const setup: Setup = {
    ...script.setup,
    conflict: conflict === 'jira' || conflict === 'crm' ? otherSide(conflict) : conflict,
    note: note === 'both' ? 'both' : note === 'to-crm' ? 'to-jira' : 'to-crm',
  };
  const actions = script.actions.map((action) =>
    'side' in action ? { ...action, side: otherSide(action.side) } : action,
  );
  return { ...script, setup, actions };
}
