// What can be seen only over all lines together: two lines that write one field, and creates that would be refused.
import { type FieldSchema, SIDES, type Side } from '../model.ts';
import { quoted } from '../nearest.ts';
import { type ResolvedLine, writes } from './compile-fields.ts';
import type { CompiledComputed } from './compile-parts.ts';
import type { ProfileDraft } from './draft.ts';
import type { ProblemList } from './problem-list.ts';
import type { Stamp } from './profile.ts';

/** Set by the scope or by the vendor itself when a record is created. */
const GIVEN: Readonly<Record<Side, readonly string[]>> = {
  jira: ['project', 'issuetype', 'reporter'],
  crm: ['categoryId'],
};

type Stamps = Readonly<Record<Side, Stamp>>;

export function checkWriters(
  draft: ProfileDraft,
  lines: readonly ResolvedLine[],
  computed: readonly CompiledComputed[],
  stamp: Stamps,
  problems: ProblemList,
): void {
  const writers: { side: Side; id: string; label: string; at: number }[] = [];
  for (const { line, schemas } of lines) {
    for (const side of SIDES) {
      const schema = schemas[side];
      if (schema === null || !writes(line.direction?.value ?? 'both', side)) continue;
      writers.push({ side, id: schema.id, label: schema.label, at: line.names[side].at });
    }
  }
  for (const { field } of computed) {
    const at =
      draft.computed.find((line) => line.side === field.side && line.from.source === field.from.source)?.name.at ?? 0;
    writers.push({ side: field.side, id: field.id, label: field.name, at });
  }
  for (const side of SIDES) {
    const own = stamp[side];
    const named = draft.stamp[side];
    if (own.kind === 'field' && named !== null) writers.push({ side, id: own.id, label: named.value, at: named.at });
  }
  const first = new Map<string, number>();
  for (const writer of writers.sort((a, b) => a.at - b.at)) {
    const key = `${writer.side}:${writer.id}`;
    if (!first.has(key)) first.set(key, writer.at);
    else
      problems.add(
        writer.at,
        `${quoted(writer.label)} of the \`${writer.side}\` side is written by another line already.`,
        `Remove one of the two, or give one of them \`direction: to-${writer.side === 'jira' ? 'crm' : 'jira'}\`.`,
      );
  }
}

/** A field that the vendor demands and nobody fills would make every create fail. */
export function checkCreate(
  draft: ProfileDraft,
  schemas: Readonly<Record<Side, readonly FieldSchema[] | null>>,
  lines: readonly ResolvedLine[],
  computed: readonly CompiledComputed[],
  stamp: Stamps,
  problems: ProblemList,
): void {
  for (const side of SIDES) {
    const policy = draft.create[side];
    // A name that does not resolve may be the very one that is missing.
    if (policy === null || lines.some((line) => line.schemas[side] === null)) continue;
    const filled = new Set(GIVEN[side]);
    for (const { line, schemas: pair } of lines) {
      if (line.on !== 'update' && writes(line.direction?.value ?? 'both', side)) filled.add(pair[side]?.id ?? '');
    }
    for (const { field } of computed) if (field.side === side) filled.add(field.id);
    const own = stamp[side];
    if (own.kind === 'field') filled.add(own.id);
    for (const field of schemas[side] ?? []) {
      if (!field.requiredOnCreate || filled.has(field.id)) continue;
      const what = side === 'jira' ? 'an issue' : 'a record';
      problems.add(
        policy.at,
        `${quoted(field.label)} is required to create ${what} on the \`${side}\` side, and no line fills it.`,
        `Add a line with \`${side}: ${JSON.stringify(field.label)}\` to \`fields\`, or write \`create: { ${side}: false }\`.`,
      );
    }
  }
}
