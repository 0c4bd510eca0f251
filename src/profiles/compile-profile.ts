// Second half of loading a profile: names become ids, expressions and translations are built and checked against what
// the connectors see today. Nothing half-right comes out: with any problem there is no profile.
import type { Problem } from '../errors.ts';
import type { PeopleTable } from '../mapping/people.ts';
import { type Description, type FieldSchema, type Scope, SIDES, type Side } from '../model.ts';
import { checkCreate, checkWriters } from './check-writers.ts';
import { compileFields, type FieldSetting } from './compile-fields.ts';
import { compileGone } from './compile-gone.ts';
import { compileComputed, compileMatch, compileStamps } from './compile-parts.ts';
import type { ProfileDraft } from './draft.ts';
import { compileCondition, type ExpressionSetting } from './expressions.ts';
import { createProblemList } from './problem-list.ts';
import type { CreatePolicy, Profile } from './profile.ts';
import { versionOf } from './profile-version.ts';

type Use = { readonly side: Side; readonly field: FieldSchema };

/** Answers every problem of the file in file order, those that `parseProfile` found included. */
export function compileProfile(
  draft: ProfileDraft,
  descriptions: Readonly<Record<Side, Description>>,
  people: PeopleTable,
): { profile: Profile | null; problems: readonly Problem[] } {
  const problems = createProblemList(draft.file, draft.text, draft.problems.all());
  for (const side of SIDES) {
    for (const problem of descriptions[side].problems) {
      problems.add(draft.sides[side].placeOf(problem.path), problem.message, problem.cure);
    }
  }
  const schemas = { jira: knownFields(descriptions.jira), crm: knownFields(descriptions.crm) };
  const setting: FieldSetting = { draft, schemas, people, problems };

  const lines = compileFields(setting);
  const mapped = new Set(lines.flatMap((line) => SIDES.map((side) => `${side}:${line.schemas[side]?.id}`)));
  const expressions: ExpressionSetting = {
    schemas,
    zone: draft.sweep.full?.zone ?? 'UTC',
    person: (side, id) => people.show(id, side),
    isMapped: (side, id) => mapped.has(`${side}:${id}`),
    problems,
  };
  const uses: Use[] = [];
  const condition = (text: ProfileDraft['syncWhen']) => {
    const compiled = text === null ? null : compileCondition(text, expressions);
    uses.push(...(compiled?.uses ?? []));
    return compiled?.expression ?? null;
  };
  const match = compileMatch(setting);
  const stamp = compileStamps(setting);
  const syncWhen = condition(draft.syncWhen);
  const create = (side: Side): CreatePolicy | null => {
    const policy = draft.create[side];
    return policy === null ? null : { when: condition(policy.when) };
  };
  const creates = { jira: create('jira'), crm: create('crm') };
  const computed = compileComputed(setting, expressions);
  const gone = compileGone(setting);
  uses.push(...computed.flatMap((one) => one.uses), ...gone.uses);
  checkWriters(draft, lines, computed, stamp, problems);
  checkCreate(draft, schemas, lines, computed, stamp, problems);

  const found = problems.all();
  const scopes = { jira: descriptions.jira.scope, crm: descriptions.crm.scope };
  if (found.length > 0 || !hasBoth(scopes)) return { profile: null, problems: found };

  const fields = lines.flatMap((line) => line.field ?? []);
  const reads = (side: Side): readonly string[] => {
    const ids = new Set([...fields.map((field) => field.ids[side]), ...match.map((rule) => rule.ids[side])]);
    for (const use of uses) if (use.side === side) ids.add(use.field.id);
    for (const one of computed) if (one.field.side === side) ids.add(one.field.id);
    const own = stamp[side];
    if (own.kind === 'field') ids.add(own.id);
    return [...ids].sort();
  };
  const sides = { jira: { scope: scopes.jira, reads: reads('jira') }, crm: { scope: scopes.crm, reads: reads('crm') } };
  const used = (side: Side) => (schemas[side] ?? []).filter((field) => sides[side].reads.includes(field.id));
  const profile: Profile = {
    name: draft.name,
    was: draft.was,
    file: draft.file,
    version: versionOf(draft, scopes, { jira: used('jira'), crm: used('crm') }, people),
    sides,
    fields,
    computed: computed.map((one) => one.field),
    match,
    stamp,
    syncWhen,
    create: creates,
    gone: gone.gone,
    sweep: draft.sweep,
  };
  return { profile, problems: [] };
}

/** Null when nothing is known. Statuses depend on the scope: while that is wrong, nobody's statuses are looked up. */
function knownFields({ scope, fields }: Description): readonly FieldSchema[] | null {
  if (fields.length === 0) return null;
  if (scope !== null) return fields;
  return fields.map((field) => {
    if (field.type !== 'status') return field;
    const { options: _unknown, ...rest } = field;
    return rest;
  });
}

function hasBoth(scopes: Readonly<Record<Side, Scope | null>>): scopes is Readonly<Record<Side, Scope>> {
  return scopes.jira !== null && scopes.crm !== null;
}
