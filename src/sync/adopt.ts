// A record that we created without learning of it (the answer was lost, the process died) is seen later by its mark.
// As long as nobody has touched it, it shows what our create made of its source, and not somebody's edits.
import { otherSide, SIDES, type Side, type SourceRecord } from '../model.ts';
import type { Base } from '../state/store.ts';
import type { SyncContext } from './context.ts';
import { baseOfCoerced } from './settlement.ts';
import { intentKey, syncKey } from './sync-key.ts';

type Pair = Readonly<Record<Side, SourceRecord>>;

export type OwnCreate = { readonly target: Side; readonly intentKey: string };

/** The create that this pair came from, if one of the records carries our mark. */
export function ownCreate(pair: Pair, context: SyncContext): OwnCreate | null {
  const { profile, tenants } = context;
  for (const target of SIDES.toReversed()) {
    const source = otherSide(target);
    const key = syncKey(source, pair[source].ref.entity, pair[source].ref.id);
    if (pair[target].marker?.key !== key) continue;
    return { target, intentKey: intentKey(profile.sides[target].scope, tenants[source], key) };
  }
  return null;
}

/**
 * The base of a new pair: empty, unless one record is the untouched outcome of a create in doubt. Then what the source
 * shows otherwise is its own news, and there is nobody to be in conflict with.
 */
export async function firstBase(pair: Pair, context: SyncContext): Promise<Base> {
  const create = ownCreate(pair, context);
  if (create === null) return {};
  const { target } = create;
  const source = otherSide(target);
  const { profile, store, clock } = context;
  const made = pair[target];
  if (made.updatedAt !== made.createdAt) return {};
  const plan = { key: create.intentKey, profile: profile.name, side: target, sourceId: pair[source].ref.id };
  const intent = await store.planIntent(plan, clock.now());
  if (intent.state !== 'doubtful') return {};
  const base: Record<string, Base[string]> = {};
  for (const field of profile.fields) {
    const shown = { jira: pair.jira.fields[field.ids.jira], crm: pair.crm.fields[field.ids.crm] };
    const [from, to] = [shown[source], shown[target]];
    if (from === undefined || to === undefined) continue;
    // What a vendor fills in where the source has nothing stands.
    base[field.name] =
      from === null
        ? { ...baseOfCoerced(field, undefined, target, to), [source]: null }
        : baseOfCoerced(field, undefined, target, to);
  }
  return base;
}
