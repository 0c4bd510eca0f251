// From the answer of `crm.item.fields` to neutral field schemas. Pure; describe.ts does the asking.
import { z } from 'zod';
import type { FieldSchema, FieldType, Option } from '../../model.ts';
import type { Entity } from './entities.ts';
import type { FieldKind, Shape } from './fields.ts';

const flag = z.preprocess((raw) => raw === true || raw === 'Y', z.boolean());
const label = z.string().nullish().catch(null);

export const descriptorSchema = z.object({
  type: z.string(),
  isRequired: flag,
  isReadOnly: flag,
  isImmutable: flag,
  isMultiple: flag,
  isDynamic: flag,
  title: label,
  formLabel: label,
  listLabel: label,
  filterLabel: label,
  upperName: label,
  statusType: label,
  items: z.array(z.object({ ID: z.coerce.string(), VALUE: z.coerce.string() })).catch([]),
  // An empty PHP map arrives as a list.
  settings: z.record(z.string(), z.unknown()).catch({}),
});

export type Descriptor = z.infer<typeof descriptorSchema>;

export type EntityFields = {
  readonly entity: Entity;
  readonly descriptors: ReadonlyMap<string, Descriptor>;
  readonly kinds: ReadonlyMap<string, FieldKind>;
};

const SHAPES: Readonly<Record<string, Shape>> = {
  string: 'text',
  text: 'text',
  char: 'boolean',
  url: 'text',
  integer: 'number',
  double: 'number',
  money: 'money',
  date: 'date',
  datetime: 'datetime',
  boolean: 'boolean',
  enumeration: 'option',
  crm_status: 'code',
  crm_category: 'code',
  crm_currency: 'text',
  user: 'user',
  employee: 'user',
  crm: 'link',
  crm_entity: 'link',
  crm_lead: 'link',
  crm_deal: 'link',
  crm_contact: 'link',
  crm_company: 'link',
  crm_quote: 'link',
};

const TYPES: Readonly<Record<Shape, FieldType>> = {
  text: 'text',
  number: 'number',
  amount: 'money',
  money: 'money',
  date: 'date',
  datetime: 'datetime',
  boolean: 'boolean',
  option: 'enum',
  code: 'enum',
  user: 'user',
  link: 'link',
  other: 'other',
};

const SETS: Partial<Record<Shape, NonNullable<FieldSchema['items']>>> = { text: 'text', option: 'enum', user: 'user' };

/** Names that people use besides the labels. Others follow from the id: `companyId` is also `company`. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  assignedById: ['assigned', 'responsible'],
  opportunity: ['amount'],
  createdTime: ['created'],
  updatedTime: ['updated'],
};

/** Ours or the record's identity: shown by other means, and never to be mapped. */
const HIDDEN = new Set(['id', 'originatorId', 'originId', 'originVersion', 'entityTypeId', 'fm', 'searchContent']);

/** A contact needs one of its names, not each (Bitrix24 docs: contact card tutorial). */
const ONE_OF = new Set(['name', 'secondName', 'lastName']);

const fieldsSchema = z.object({ fields: z.record(z.string(), z.unknown()) });

export function readDescriptors(result: unknown, entity: Entity): EntityFields {
  const raw = fieldsSchema.parse(result);
  const descriptors = new Map<string, Descriptor>();
  for (const [id, one] of Object.entries(raw.fields)) {
    const parsed = descriptorSchema.safeParse(one);
    if (parsed.success) descriptors.set(id, parsed.data);
  }
  const kinds = new Map<string, FieldKind>();
  for (const [id, descriptor] of descriptors) kinds.set(id, kindOf(id, descriptor, descriptors));
  return { entity, descriptors, kinds };
}

function kindOf(id: string, descriptor: Descriptor, all: ReadonlyMap<string, Descriptor>): FieldKind {
  const found = SHAPES[descriptor.type] ?? 'other';
  const shape = id === 'opportunity' && all.has('currencyId') ? 'amount' : found;
  const multiple = descriptor.isMultiple;
  const base = { id, multiple, custom: descriptor.isDynamic };
  if (!multiple) return { ...base, shape, type: singleType(id, shape) };
  if (shape === 'link') return { ...base, shape, type: 'link' };
  return SETS[shape] ? { ...base, shape, type: 'set' } : { ...base, shape: 'other', type: 'other' };
}

function singleType(id: string, shape: Shape): FieldType {
  if (id === 'stageId') return 'status';
  // The only CRM text that is BBCode.
  return id === 'comments' ? 'rich-text' : TYPES[shape];
}

export type Lists = {
  /** Options of dictionary fields, by field id. */
  readonly options: ReadonlyMap<string, readonly Option[]>;
  /** Labels of user fields that `crm.item.fields` left out, by upper-case name. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
};

export function fieldSchemas({ entity, descriptors, kinds }: EntityFields, lists: Lists): readonly FieldSchema[] {
  const schemas: FieldSchema[] = [
    { ...PSEUDO, id: 'id', label: 'ID', aliases: [] },
    { ...PSEUDO, id: 'url', label: 'URL', aliases: [] },
  ];
  const taken = new Set(descriptors.keys());
  for (const [id, descriptor] of descriptors) {
    const kind = kinds.get(id);
    if (kind === undefined || HIDDEN.has(id)) continue;
    const labels = labelsOf(id, descriptor, lists.labels);
    const shortened = /^[a-z]\w*Id$/.test(id) ? [id.slice(0, -2)] : [];
    const names = [...labels.slice(1), ...(ALIASES[id] ?? []), ...shortened, descriptor.upperName ?? ''];
    const options = kind.shape === 'option' ? optionsOf(descriptor) : lists.options.get(id);
    const items = kind.type === 'set' ? SETS[kind.shape] : undefined;
    const maxLength = Number(descriptor.settings.MAX_LENGTH ?? 0);
    schemas.push({
      id,
      label: labels[0] ?? id,
      aliases: [...new Set(names)].filter((name) => name !== '' && name !== labels[0] && !taken.has(name)),
      type: kind.type,
      requiredOnCreate: descriptor.isRequired && !(entity.name === 'contact' && ONE_OF.has(id)),
      writableOnCreate: isWritable(kind) && !descriptor.isReadOnly,
      writableOnUpdate: isWritable(kind) && !descriptor.isReadOnly && (!descriptor.isImmutable || id === 'categoryId'),
      ...(items ? { items } : {}),
      ...(options ? { options } : {}),
      ...(kind.shape === 'text' && maxLength > 0 ? { maxLength } : {}),
    });
  }
  return schemas;
}

const PSEUDO = { type: 'text', requiredOnCreate: false, writableOnCreate: false, writableOnUpdate: false } as const;

/** The immutable flag of a deal's pipeline comes from the classic methods; crm.item.update moves deals between them. */
function isWritable(kind: FieldKind): boolean {
  return kind.shape !== 'other' && kind.shape !== 'link';
}

function optionsOf({ items }: Descriptor): readonly Option[] {
  return items.map(({ ID, VALUE }) => ({ id: ID, label: VALUE }));
}

/** Best first. A title that repeats the name is no label. */
function labelsOf(id: string, descriptor: Descriptor, more: Lists['labels']): readonly string[] {
  const { formLabel, listLabel, title, upperName } = descriptor;
  const candidates = [formLabel, listLabel, title, ...(more.get(upperName ?? '') ?? [])];
  const labels: string[] = [];
  for (const candidate of candidates) {
    const plain = candidate?.trim().normalize('NFC') ?? '';
    if (plain !== '' && plain !== id && plain !== upperName && !labels.includes(plain)) labels.push(plain);
  }
  return labels;
}

/** User fields whose labels have to be asked for separately. */
export function unlabelled({ descriptors }: EntityFields): readonly string[] {
  const none: Lists['labels'] = new Map();
  const found: string[] = [];
  for (const [id, descriptor] of descriptors) {
    if (descriptor.isDynamic && labelsOf(id, descriptor, none).length === 0) found.push(descriptor.upperName ?? id);
  }
  return found;
}
