// What an entity looks like right now: two rounds of one batch each (fields and pipelines, then the dictionaries).
import { z } from 'zod';
import { BadResponseError } from '../../errors.ts';
import type { Description, FieldSchema, Option, ScopeProblem, ScopeSpec } from '../../model.ts';
import type { Ask } from '../connector.ts';
import type { CommandOutcome, Params } from './batch.ts';
import type { Client } from './client.ts';
import type { Commands } from './commands.ts';
import { ENTITIES, type Entity, entityNamed, stageDictionary } from './entities.ts';
import { type EntityFields, fieldSchemas, type Lists, readDescriptors, unlabelled } from './schema.ts';
import { makeScope } from './scope.ts';
import { cureFor, resolveWhere } from './where.ts';

export type DescribeParts = { readonly client: Client; readonly commands: Commands; readonly connection: string };
export type Described = { readonly description: Description; readonly fields: EntityFields | null };

const categorySchema = z.object({ id: z.coerce.string(), name: z.string() });
const categoriesSchema = z.object({ categories: z.array(categorySchema) });
const statusesSchema = z.array(z.object({ STATUS_ID: z.string(), NAME: z.string() }));
const labelRow = z.object({
  FIELD_NAME: z.string(),
  EDIT_FORM_LABEL: z.string().nullish().catch(null),
  LIST_COLUMN_LABEL: z.string().nullish().catch(null),
});

export async function loadFields(parts: DescribeParts, entity: Entity, ask: Ask): Promise<EntityFields> {
  const result = await need(parts, 'crm.item.fields', { entityTypeId: entity.entityTypeId }, ask);
  try {
    return readDescriptors(result, entity);
  } catch (error) {
    const where = { path: 'result.fields', excerpt: '' };
    throw new BadResponseError('crm.item.fields cannot be read', 'Report it with the Bitrix24 version.', where, error);
  }
}

export async function describeScope(parts: DescribeParts, spec: ScopeSpec, ask: Ask): Promise<Described> {
  const entity = entityNamed(spec.entity);
  const misplaced = problemsOf(spec, entity);
  if (entity === null) return { description: { scope: null, fields: [], problems: misplaced }, fields: null };

  const [fields, categories] = await Promise.all([loadFields(parts, entity, ask), categoriesOf(parts, entity, ask)]);
  const withCategories = new Map<string, readonly Option[]>([['categoryId', categories]]);
  const [dictionaries, labels] = await Promise.all([dictionariesOf(parts, fields, ask), labelsOf(parts, fields, ask)]);
  const lists: Lists = { options: new Map([...withCategories, ...dictionaries]), labels };
  // Which stages there are depends on the pipeline, which `where` names: hence in two steps.
  const first = resolveWhere(pick(spec.where, fieldSchemas(fields, lists), 'categoryId'), fieldSchemas(fields, lists));
  const chosen = first.clauses.flatMap(({ anyOf }) => anyOf.map(String));
  const stages = await stagesOf(parts, entity, chosen, categories, ask);
  const schemas = fieldSchemas(fields, { ...lists, options: new Map([...lists.options, ['stageId', stages]]) });
  const resolved = resolveWhere(spec.where, schemas);
  const problems = [...misplaced, ...resolved.problems];
  const scope = problems.length === 0 ? makeScope(parts.connection, entity, resolved.clauses) : null;
  return { description: { scope, fields: schemas, problems }, fields };
}

function problemsOf(spec: ScopeSpec, entity: Entity | null): readonly ScopeProblem[] {
  const problems: ScopeProblem[] = [];
  if (entity === null) {
    const names = ENTITIES.map(({ name }) => name);
    const message = `entity "${spec.entity}" is not in this version`;
    problems.push({ path: ['entity'], message, cure: cureFor(spec.entity, names) });
  }
  for (const key of ['project', 'type'] as const) {
    if (spec[key] === undefined) continue;
    problems.push({ path: [key], message: `${key} belongs to Jira`, cure: 'Narrow a CRM entity with `where`.' });
  }
  return problems;
}

function pick(where: ScopeSpec['where'], fields: readonly FieldSchema[], id: string): ScopeSpec['where'] {
  if (where === undefined || typeof where === 'string') return undefined;
  const kept = Object.entries(where).filter(([name, wanted]) => {
    const { clauses } = resolveWhere({ [name]: wanted }, fields);
    return clauses[0]?.field === id;
  });
  return Object.fromEntries(kept);
}

async function categoriesOf(parts: DescribeParts, entity: Entity, ask: Ask): Promise<readonly Option[]> {
  // Leads have no pipelines: ENTITY_TYPE_NOT_SUPPORTED.
  if (entity.name === 'lead') return [];
  const result = await want(parts, 'crm.category.list', { entityTypeId: entity.entityTypeId }, ask);
  const parsed = categoriesSchema.safeParse(result);
  return parsed.success ? parsed.data.categories.map(({ id, name }) => ({ id, label: name })) : [];
}

async function dictionariesOf(
  parts: DescribeParts,
  { descriptors }: EntityFields,
  ask: Ask,
): Promise<readonly (readonly [string, readonly Option[]])[]> {
  const wanted = [...descriptors].filter(
    ([id, one]) => one.type === 'crm_status' && one.statusType && id !== 'stageId',
  );
  return Promise.all(
    wanted.map(async ([id, { statusType }]) => [id, await statusesOf(parts, statusType ?? '', ask)] as const),
  );
}

async function statusesOf(parts: DescribeParts, dictionary: string, ask: Ask): Promise<readonly Option[]> {
  const params = { order: { SORT: 'ASC' }, filter: { ENTITY_ID: dictionary } };
  const parsed = statusesSchema.safeParse(await want(parts, 'crm.status.list', params, ask));
  return parsed.success ? parsed.data.map(({ STATUS_ID, NAME }) => ({ id: STATUS_ID, label: NAME })) : [];
}

/** Stages of the chosen pipelines, of all when none is chosen; a label that several have gets its pipeline's name. */
async function stagesOf(
  parts: DescribeParts,
  entity: Entity,
  chosen: readonly string[],
  categories: readonly Option[],
  ask: Ask,
): Promise<readonly Option[]> {
  if (entity.stages === null) return [];
  const known = categories.length > 0 && entity.stages === 'DEAL_STAGE' ? categories : [{ id: '0', label: '' }];
  const asked = known.filter(({ id }) => chosen.length === 0 || chosen.includes(id));
  const lists = await Promise.all(
    asked.map(async (category) => {
      const stages = await statusesOf(parts, stageDictionary(entity, category.id) ?? '', ask);
      return stages.map((stage) => ({ ...stage, category: category.label }));
    }),
  );
  const all = lists.flat();
  return all.map(({ id, label, category }) => {
    const shared = all.some((other) => other.label === label && other.id !== id);
    return { id, label: shared && category !== '' ? `${label} (${category})` : label };
  });
}

/** Only where `crm.item.fields` shows none. The classic list gives labels in one language at a time. */
async function labelsOf(
  parts: DescribeParts,
  fields: EntityFields,
  ask: Ask,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const labels = new Map<string, string[]>();
  const missing = new Set(unlabelled(fields));
  if (missing.size === 0) return labels;
  for (const result of await Promise.all(
    ['ru', 'en'].map((lang) =>
      want(parts, `crm.${fields.entity.name}.userfield.list`, { filter: { LANG: lang } }, ask),
    ),
  )) {
    for (const raw of Array.isArray(result) ? result : []) {
      const row = labelRow.safeParse(raw);
      if (!row.success || !missing.has(row.data.FIELD_NAME)) continue;
      const found = [row.data.EDIT_FORM_LABEL, row.data.LIST_COLUMN_LABEL].filter((text) => !!text);
      labels.set(row.data.FIELD_NAME, [...(labels.get(row.data.FIELD_NAME) ?? []), ...(found as string[])]);
    }
  }
  return labels;
}

async function need({ client, commands }: DescribeParts, method: string, params: Params, ask: Ask): Promise<unknown> {
  const outcome = await commands.read({ method, params }, ask);
  if (outcome.kind === 'done') return outcome.answer.result;
  throw client.error(failureIn(outcome), method, false);
}

/** For what is good to have: null where the webhook may not see it or the portal lacks it. */
async function want({ client, commands }: DescribeParts, method: string, params: Params, ask: Ask): Promise<unknown> {
  const outcome = await commands.read({ method, params }, ask);
  if (outcome.kind === 'done') return outcome.answer.result;
  const error = client.error(failureIn(outcome), method, false);
  if (error.name === 'RejectedError') return null;
  throw error;
}

function failureIn(outcome: CommandOutcome): Parameters<Client['error']>[0] {
  if (outcome.kind === 'failed') return outcome.failure;
  return { code: 'INTERNAL_SERVER_ERROR', description: 'the command was not run', status: null };
}
