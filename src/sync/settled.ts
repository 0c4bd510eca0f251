// What a pair settled on, told from what its fields merely showed when they were compared first.
import type { SourceRecord } from '../model.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Base } from '../state/store.ts';
import type { FieldOutcome } from './merge.ts';

/** Undefined: the field has not settled yet. Names come from people: `constructor` is a field like any other. */
export function settledOf(base: Base, field: string): Base[string] | undefined {
  const known = Object.hasOwn(base, field) ? base[field] : undefined;
  return known?.unsettled === true ? undefined : known;
}

/** With what both sides filled in fields that are compared for the first time: these may not settle now. */
export function comparedBase(
  base: Base,
  { jira, crm }: { readonly jira: SourceRecord; readonly crm: SourceRecord },
  outcomes: Readonly<Record<string, Pick<FieldOutcome, 'kind'> | { readonly kind: 'parked' }>>,
  profile: Profile,
): Base {
  const next: Record<string, Base[string]> = { ...base };
  for (const { name, ids } of profile.fields) {
    const isCompared = ['write', 'held', 'failed'].includes(outcomes[name]?.kind ?? '');
    const shown = { jira: jira.fields[ids.jira] ?? null, crm: crm.fields[ids.crm] ?? null };
    if (Object.hasOwn(base, name) || !isCompared || shown.jira === null || shown.crm === null) continue;
    next[name] = { ...shown, unsettled: true };
  }
  return next;
}
