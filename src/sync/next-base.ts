// What a pair has settled on after a look at it, or a write: the ground on which the next look tells edits from echoes. A
// base moves only with values that both sides were seen to show.
import { otherSide, type Side, type SourceRecord, type Value } from '../model.ts';
import type { Profile, ProfileField } from '../profiles/profile.ts';
import type { Base } from '../state/store.ts';
import type { Applied } from './apply.ts';
import { type Decision, imageOf } from './decide.ts';
import { settledOf } from './settled.ts';

type Records = Readonly<Record<Side, SourceRecord>>;

/** After the writes of a decision: what they reached has settled, everything else stays as it was. */
export function advancedBase(
  base: Base,
  planned: Records,
  decision: Decision,
  applied: Applied,
  profile: Profile,
): Base {
  const next: Record<string, Base[string]> = {};
  const compared = comparedBase(base, planned, decision.outcomes, profile);
  for (const field of profile.fields) {
    const { name } = field;
    if (Object.hasOwn(compared, name)) next[name] = compared[name] as Base[string];
    const outcome = decision.outcomes[name];
    if (outcome?.kind === 'agreed') next[name] = outcome.base;
    if (outcome?.kind !== 'write') continue;
    const done = applied.done.filter((write) => write.field === name);
    const restored = applied.overwritten.some((one) => one.write.field === name && one.outcome === 'restored');
    const coerced = applied.coerced.find((write) => write.field === name);
    if (coerced !== undefined) {
      const { side, returned } = coerced;
      const shown = shownOf(planned, field, otherSide(side));
      next[name] = baseOfCoerced(field, settledOf(base, name), { target: side, returned, shown });
    }
    if (coerced !== undefined || restored || done.length < outcome.writes.length) continue;
    const shown: Record<Side, Value> = { jira: shownOf(planned, field, 'jira'), crm: shownOf(planned, field, 'crm') };
    for (const write of done) shown[write.side] = write.returned;
    next[name] = shown;
  }
  return next;
}

/** With what both sides filled in fields that are compared for the first time: these may not settle now. */
export function comparedBase(base: Base, planned: Records, outcomes: Decision['outcomes'], profile: Profile): Base {
  const next: Record<string, Base[string]> = { ...base };
  for (const field of profile.fields) {
    const { name } = field;
    const isCompared = ['write', 'held', 'failed'].includes(outcomes[name]?.kind ?? '');
    const shown = { jira: shownOf(planned, field, 'jira'), crm: shownOf(planned, field, 'crm') };
    if (Object.hasOwn(base, name) || !isCompared || shown.jira === null || shown.crm === null) continue;
    next[name] = { ...shown, unsettled: true };
  }
  return next;
}

/**
 * What the target made of what was sent is our own doing, so it is its new base; the origin's base waits until it settles,
 * beside what the origin showed. A field that never settled is taken for one that settled on what the target made of it.
 */
export function baseOfCoerced(
  field: ProfileField,
  settled: Base[string] | undefined,
  { target, returned, shown }: { readonly target: Side; readonly returned: Value; readonly shown: Value },
): Base[string] {
  const side = otherSide(target);
  const origin = settled === undefined ? imageOf(field, returned, target) : settled[side];
  const coerced = { side, shown };
  return target === 'jira' ? { jira: returned, crm: origin, coerced } : { jira: origin, crm: returned, coerced };
}

function shownOf(records: Records, field: ProfileField, side: Side): Value {
  return records[side].fields[field.ids[side]] ?? null;
}
