import type { FieldSchema, Side } from '../model.ts';
import { nearest, quoted } from '../nearest.ts';
import type { ProblemList } from './problem-list.ts';

export type Resolution =
  | { readonly field: FieldSchema }
  | { readonly field: null; readonly message: string; readonly cure: string };

/** An id wins over an alias, an alias over a label; a label that several fields bear is an error. */
export function resolveField(name: string, side: Side, schemas: readonly FieldSchema[]): Resolution {
  const wanted = plain(name);
  const exact = schemas.find((field) => field.id === name) ?? schemas.find((field) => field.aliases.includes(name));
  if (exact !== undefined) return { field: exact };
  const same = unique(schemas.filter((field) => field.label === name));
  const alike = same.length > 0 ? same : unique(schemas.filter((field) => plain(field.label) === wanted));
  const [only] = alike;
  if (only !== undefined && alike.length === 1) return { field: only };
  if (alike.length > 1) {
    return {
      field: null,
      message: `${quoted(name)} is the label of ${alike.length} fields on the \`${side}\` side.`,
      cure: `Write the id: ${alike.map((field) => quoted(field.id)).join(' or ')}.`,
    };
  }
  const byCase = schemas.find(
    (field) => plain(field.id) === wanted || field.aliases.some((alias) => plain(alias) === wanted),
  );
  if (byCase !== undefined) return { field: byCase };
  const close = namesLike(name, schemas);
  return {
    field: null,
    message: `${quoted(name)} is not a field of the \`${side}\` side.`,
    cure:
      close.length > 0
        ? `Did you mean ${close.map(quoted).join(' or ')}?`
        : 'Write a label or an id as the product shows it; `jira-crm-sync check` lists them.',
  };
}

/** Reports what does not resolve. `schemas` null: that side could not be described, which is reported elsewhere. */
export function fieldAt(
  name: { readonly value: string; readonly at: number },
  side: Side,
  schemas: readonly FieldSchema[] | null,
  problems: ProblemList,
): FieldSchema | null {
  if (schemas === null) return null;
  const found = resolveField(name.value, side, schemas);
  if (found.field === null) problems.add(name.at, found.message, found.cure);
  return found.field;
}

/** The closest name of each field, closest fields first. */
function namesLike(wanted: string, schemas: readonly FieldSchema[]): readonly string[] {
  const owner = new Map<string, FieldSchema>();
  for (const field of schemas) for (const name of [field.label, field.id, ...field.aliases]) owner.set(name, field);
  const seen = new Set<FieldSchema | undefined>();
  const close = nearest(wanted, owner.keys(), 12).filter((name) => {
    const first = !seen.has(owner.get(name));
    seen.add(owner.get(name));
    return first;
  });
  return close.slice(0, 3);
}

function unique(fields: readonly FieldSchema[]): readonly FieldSchema[] {
  return fields.filter((field, index) => fields.findIndex((other) => other.id === field.id) === index);
}

function plain(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}
