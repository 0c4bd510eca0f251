// crm.item.list: select, filter, order, pages. Keyset reads (`>id`, order by id, start -1) and reads by id touch only
// the rows they answer, so that a hundred thousand items stay quick.
import { type Call, entityOf, isHidden, looksEmpty, yes } from './call.ts';
import type { EntityName } from './entities.ts';
import { invalidArgument } from './errors.ts';
import type { Schema } from './field.ts';
import { compareValues, compileFilter, namedIds, type Test } from './filter.ts';
import { asMap } from './form.ts';
import { idsByOrigin } from './item-store.ts';
import { type Answer, answer, PAGE, type Page, pageOf, readStart, uncounted } from './paging.ts';
import type { Item, Portal } from './portal.ts';
import { type PrintOptions, printItem } from './print.ts';
import { fieldNamed, schemaOf } from './schema.ts';

/** Never a condition or a sort key: computed, or kept in tables of their own. */
const NOT_FILTERABLE = new Set(['crm_multifield', 'file']);

export function listItems(call: Call): Answer {
  const { portal, params } = call;
  const entity = entityOf(call).name;
  const schema = schemaOf(portal, entity);
  const originalNames = yes(params.useOriginalUfNames);
  const test = compileFilter(params.filter, filterable(schema, originalNames), portal.settings.portalOffset);
  const order = readOrder(params.order, schema, originalNames);
  const page = looksEmpty(portal, entity)
    ? { rows: [], total: 0 }
    : find(call, entity, (item) => !isHidden(portal, entity, Number(item.id)) && test(item), order);
  const options = readSelect(portal, params.select, schema, originalNames);
  const items = page.rows.map((item) => printRow(portal, entity, item, options));
  return answer(page, { items });
}

function filterable(schema: Schema, originalNames: boolean) {
  return (name: string) => {
    const field = fieldNamed(schema, name, originalNames);
    return field && !NOT_FILTERABLE.has(field.type) ? field : undefined;
  };
}

type Order = readonly (readonly [key: string, descending: boolean])[];

function readOrder(raw: unknown, schema: Schema, originalNames: boolean): Order {
  return Object.entries(asMap(raw)).map(([name, direction]) => {
    const field = filterable(schema, originalNames)(name);
    if (!field) throw invalidArgument(`Invalid order: field '${name}' is not allowed in order`);
    const word = String(direction).toUpperCase();
    if (word !== 'ASC' && word !== 'DESC') {
      const allowed = 'Invalid order: allowed sort directions are ASC, DESC';
      throw invalidArgument(`${allowed}. But got '${direction}' for field '${name}'`);
    }
    return [field.key, word === 'DESC'];
  });
}

function find(call: Call, entity: EntityName, test: Test, order: Order): Page<Item> {
  const { portal, params } = call;
  const ask = readStart(params, portal.settings.variants['list-start-unaligned']);
  const byId = order.length === 0 || (order[0]?.[0] === 'id' && !order[0][1]);
  const source = candidates(portal, entity, params.filter);
  if (byId && !ask.counted) {
    const rows: Item[] = [];
    for (const item of source) {
      if (!test(item)) continue;
      rows.push(item);
      if (rows.length === PAGE) break;
    }
    return uncounted(portal, rows);
  }
  const rows = [...source].filter(test);
  if (!byId) rows.sort((left, right) => compareItems(left, right, order));
  return pageOf(portal, rows, ask);
}

/** Equal rows come newest first: their order is nobody's promise. */
function compareItems(left: Item, right: Item, order: Order): number {
  for (const [key, descending] of order) {
    const difference = compareValues(left[key], right[key]);
    if (difference !== 0) return descending ? -difference : difference;
  }
  return right.id - left.id;
}

function* candidates(portal: Portal, entity: EntityName, filter: unknown): Iterable<Item> {
  const items = portal.items[entity];
  const conditions = asMap(filter);
  const origin = conditions.logic === undefined ? (conditions['=originId'] ?? conditions.originId) : undefined;
  const ids = namedIds(filter) ?? idsByOrigin(portal, entity, origin);
  if (ids) {
    for (const id of ids) {
      const item = items.get(id);
      if (item) yield item;
    }
    return;
  }
  const after = Number(conditions['>id']);
  if (Number.isNaN(after)) {
    yield* items.values();
    return;
  }
  const first = Math.max(0, Math.floor(after)) + 1;
  const last = portal.counters.get(entity) ?? 0;
  for (const id of last - first < items.size ? between(first, last) : idsFrom(items, first)) {
    const item = items.get(id);
    if (item) yield item;
  }
}

function* between(first: number, last: number): Iterable<number> {
  for (let id = first; id <= last; id += 1) yield id;
}

/** Where most numbers belong to nothing any more, or never did. */
function idsFrom(items: ReadonlyMap<number, Item>, first: number): readonly number[] {
  return [...items.keys()].filter((id) => id >= first).sort((left, right) => left - right);
}

type Select = PrintOptions & { readonly emptyRows: boolean };

function readSelect(portal: Portal, raw: unknown, schema: Schema, originalNames: boolean): Select {
  const names = Object.values(asMap(raw)).map(String);
  // `fm` comes with the star only and cannot be named.
  const withMultifields = names.includes('*');
  if (names.length === 0 || withMultifields) return { only: null, originalNames, withMultifields, emptyRows: false };
  const bug = originalNames && portal.settings.variants['item-original-uf-names-bug'] === 'A';
  const only = new Set(bug ? [] : ['id']);
  for (const name of names) {
    const field = fieldNamed(schema, name, originalNames);
    if (field && field.type !== 'crm_multifield' && !(bug && !field.dynamic)) only.add(field.key);
  }
  return { only, originalNames, withMultifields: false, emptyRows: bug && only.size === 0 };
}

/** Rows that lost all their fields are empty PHP maps. */
function printRow(portal: Portal, entity: EntityName, item: Item, options: Select): unknown {
  return options.emptyRows ? [] : printItem(portal, entity, item, options);
}
