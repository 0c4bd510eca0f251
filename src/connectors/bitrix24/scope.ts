// The inside of a Bitrix24 scope: which entity, and what its records must show. The portal narrows lists by pipeline;
// everything is judged again here, on the values that we read.
import { z } from 'zod';
import { type Scope, sameValue, type Value } from '../../model.ts';
import type { Params } from './batch.ts';
import { type Entity, entityNamed } from './entities.ts';
import { decodeField, type FieldKind, type Item } from './fields.ts';

/** One of these values; for a field with several values: at least one of them. */
export type Clause = { readonly field: string; readonly anyOf: readonly Value[] };

const clauseSchema = z.object({
  field: z.string(),
  anyOf: z.array(z.union([z.null(), z.string(), z.boolean(), z.object({ amount: z.string(), currency: z.string() })])),
});
const querySchema = z.object({ where: z.array(clauseSchema) });

export function makeScope(connection: string, entity: Entity, where: readonly Clause[]): Scope {
  return { connection, entity: entity.name, query: { where } };
}

export function entityOf(scope: Scope): Entity {
  const entity = entityNamed(scope.entity);
  if (entity === null) throw new Error(`scope of unknown entity ${scope.entity}`);
  return entity;
}

export function clausesOf(scope: Scope): readonly Clause[] {
  return querySchema.parse(scope.query).where;
}

export function isInScope(clauses: readonly Clause[], kinds: ReadonlyMap<string, FieldKind>, item: Item): boolean {
  for (const { field, anyOf } of clauses) {
    const kind = kinds.get(field);
    const value = kind ? decodeField(kind, item) : undefined;
    if (value === undefined || !anyOf.some((wanted) => holds(value, wanted))) return false;
  }
  return true;
}

function holds(value: Value, wanted: Value): boolean {
  if (Array.isArray(value)) return typeof wanted === 'string' && value.includes(wanted);
  return sameValue(value, wanted);
}

/** Only the pipeline: its filter is documented for every entity that has one, and it cuts the most. */
export function serverFilter(clauses: readonly Clause[]): Params {
  const filter: Record<string, unknown> = {};
  for (const { field, anyOf } of clauses) {
    if (field !== 'categoryId') continue;
    if (anyOf.length === 1) filter['=categoryId'] = anyOf[0];
    else filter['@categoryId'] = anyOf;
  }
  return filter;
}
