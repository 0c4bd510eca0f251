// Which keys a block of YAML may have. One table feeds the strict reader, the JSON Schema and the reference in docs.

export type JsonSchema = Readonly<Record<string, unknown>>;

export type KeySpec = {
  readonly key: string;
  readonly required?: boolean;
  /** What may be written, for people. */
  readonly values: string;
  /** What holds when it is left out, for people. */
  readonly default?: string;
  readonly example: string;
  readonly about: string;
  readonly schema: JsonSchema;
};

export type Section = {
  readonly name: string;
  readonly keys: readonly KeySpec[];
  /** Keys that a later version has: key -> what to do until then. */
  readonly later?: Readonly<Record<string, string>>;
};

/** Stands for another section's schema inside `schema`. */
export function sectionRef(name: string): JsonSchema {
  return { $ref: `#/$defs/${name}` };
}

export function oneOf(...values: readonly string[]): JsonSchema {
  return { enum: values };
}

export const TEXT: JsonSchema = { type: 'string' };
/** Labels may look like numbers or booleans in YAML. */
export const LABEL: JsonSchema = { type: ['string', 'number', 'boolean'] };
export const DURATION: JsonSchema = { type: 'string', pattern: '^\\d{1,9}(ms|s|m|h|d)$' };

export function sectionSchema(section: Section): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const spec of section.keys) properties[spec.key] = { description: spec.about, ...spec.schema };
  const required = section.keys.filter((spec) => spec.required).map((spec) => spec.key);
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

/** The JSON Schema of a whole file: its root section, the others as definitions. */
export function fileSchema(title: string, root: Section, others: readonly Section[]): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    ...sectionSchema(root),
    $defs: Object.fromEntries(others.map((section) => [section.name, sectionSchema(section)])),
  };
}

/** One row of the reference table in docs/profiles.md. */
export function referenceRow(spec: KeySpec): string {
  const fallback = spec.required ? 'required' : (spec.default ?? '–');
  return `| \`${spec.key}\` | ${spec.about} | ${spec.values} | ${fallback} | \`${spec.example}\` |`.replace(/\n/g, ' ');
}
