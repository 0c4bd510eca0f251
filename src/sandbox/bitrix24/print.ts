// Items as REST shows them.
import { printDate, printInstant } from './dates.ts';
import { ENTITIES, type EntityName } from './entities.ts';
import type { Field } from './field.ts';
import { DISABLED_FIELDS, FM_ALIASES } from './field-tables.ts';
import { aliasValue, multifieldsOf } from './multifield.ts';
import type { Item, Portal } from './portal.ts';
import { schemaOf } from './schema.ts';

export type PrintOptions = {
  /** Keys to show; null: all of them. */
  readonly only: ReadonlySet<string> | null;
  readonly originalNames: boolean;
  readonly withMultifields: boolean;
};

export const WHOLE: PrintOptions = { only: null, originalNames: false, withMultifields: true };

/** Empty company and contact of these are 0; other empty references are null. */
const ZERO_WHEN_EMPTY = new Set(['crm_company', 'crm_contact']);

export function printItem(portal: Portal, entity: EntityName, item: Item, options: PrintOptions = WHOLE): unknown {
  const shown: Record<string, unknown> = {};
  for (const field of schemaOf(portal, entity).fields) {
    if (options.only && !options.only.has(field.key)) continue;
    if (field.type === 'crm_multifield') {
      if (options.withMultifields) shown.fm = multifieldsOf(item);
      continue;
    }
    const name = options.originalNames && field.dynamic ? field.upperName : field.name;
    shown[name] = printValue(portal, field, item[field.key]);
  }
  if (options.only) return shown;
  for (const name of words(DISABLED_FIELDS[entity])) shown[name] = null;
  for (const name of words(FM_ALIASES[entity])) shown[name] = aliasValue(item, name);
  shown.entityTypeId = ENTITIES.find((candidate) => candidate.name === entity)?.typeId;
  return shown;
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

export function printValue(portal: Portal, field: Field, value: unknown): unknown {
  if (field.multiple) return Array.isArray(value) ? value.map((one) => printOne(portal, field, one)) : [];
  return printOne(portal, field, value);
}

function printOne(portal: Portal, field: Field, value: unknown): unknown {
  if (field.type === 'boolean') return value === 'Y' ? 'Y' : 'N';
  if (value === null || value === undefined) return ZERO_WHEN_EMPTY.has(field.type) ? 0 : null;
  const { portalOffset, variants } = portal.settings;
  if (field.type === 'date') return printDate(String(value), portalOffset, variants['date-shift']);
  if (field.type === 'datetime') return printInstant(Number(value), portalOffset);
  if (field.type === 'enumeration') return variants['item-enum-type'] === 'A' ? value : String(value);
  return value;
}
