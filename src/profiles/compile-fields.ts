import { SyncError } from '../errors.ts';
import { createMapper } from '../mapping/create-mapper.ts';
import type { PeopleTable } from '../mapping/people.ts';
import { type FieldSchema, SIDES, type Side } from '../model.ts';
import { quoted } from '../nearest.ts';
import { compileDefaults, compileTable, type Schemas } from './compile-values.ts';
import type { FieldLine, ProfileDraft } from './draft.ts';
import { isUnmapped, pairUp } from './pairing.ts';
import type { ProblemList } from './problem-list.ts';
import type { Direction, ProfileField } from './profile.ts';
import { fieldAt } from './resolve-field.ts';

export type FieldSetting = {
  readonly draft: ProfileDraft;
  /** Null: that side could not be described, which is reported elsewhere. */
  readonly schemas: Readonly<Record<Side, readonly FieldSchema[] | null>>;
  readonly people: PeopleTable;
  readonly problems: ProblemList;
};

/** What is known of a line even when it is wrong, so that its mistake is not reported again as others. */
export type ResolvedLine = {
  readonly line: FieldLine;
  readonly schemas: Readonly<Record<Side, FieldSchema | null>>;
  readonly field: ProfileField | null;
};

export function compileFields(setting: FieldSetting): readonly ResolvedLine[] {
  const resolved: ResolvedLine[] = [];
  const names = new Set<string>();
  for (const line of setting.draft.fields) {
    const jira = fieldAt(line.names.jira, 'jira', setting.schemas.jira, setting.problems);
    const crm = fieldAt(line.names.crm, 'crm', setting.schemas.crm, setting.problems);
    if (jira === null || crm === null) {
      resolved.push({ line, schemas: { jira, crm }, field: null });
      continue;
    }
    const schemas = { jira, crm };
    const before = setting.problems.all().length;
    const field = compileLine(line, schemas, setting, nameFor(schemas, names));
    resolved.push({ line, schemas, field: setting.problems.all().length === before ? field : null });
  }
  return resolved;
}

export function writes(direction: Direction, side: Side): boolean {
  return direction === 'both' || direction === `to-${side}`;
}

function compileLine(line: FieldLine, schemas: Schemas, setting: FieldSetting, name: string): ProfileField | null {
  const { draft, people, problems } = setting;
  const direction = line.direction?.value ?? 'both';
  checkWritable(line, schemas, direction, problems);
  const pairing = pairUp(line, schemas);
  if (!pairing.ok) {
    problems.add(pairing.at, pairing.message, pairing.cure);
    return null;
  }
  const table = compileTable(line, schemas, problems);
  const defaults = compileDefaults(line, schemas, problems);
  const conflict = line.conflict?.value ?? draft.conflict;
  if (conflict.kind === 'merge' && line.conflict !== null && pairing.kind !== 'set') {
    problems.add(
      line.conflict.at,
      `\`conflict: merge\` works for sets, and ${quoted(name)} is none.`,
      'Write `hold`, `jira`, `crm` or `newest`.',
    );
  }
  try {
    const mapper = createMapper({
      kind: pairing.kind,
      type: pairing.type,
      ...schemas,
      people,
      ...(line.currency === null ? {} : { currency: line.currency.value }),
      ...(table === undefined ? {} : { table }),
      ...(defaults === undefined ? {} : { defaults }),
    });
    const initial = line.initial ?? draft.initial;
    return {
      name,
      ids: { jira: schemas.jira.id, crm: schemas.crm.id },
      schemas,
      direction,
      on: line.on,
      conflict,
      initial,
      mapper,
    };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    problems.add(line.at, `${error.message}.`, error.cure);
    return null;
  }
}

function checkWritable(line: FieldLine, schemas: Schemas, direction: Direction, problems: ProblemList): void {
  for (const side of SIDES) {
    const schema = schemas[side];
    if (!writes(direction, side) || isUnmapped(schema.type)) continue;
    const writable = line.on === 'create' ? schema.writableOnCreate : schema.writableOnUpdate;
    if (writable) continue;
    const at = line.direction?.at ?? line.names[side].at;
    const what = `${quoted(schema.label)} cannot be written on the \`${side}\` side`;
    if (line.on !== 'create' && schema.writableOnCreate) {
      problems.add(
        at,
        `${what} once the record exists.`,
        `Add \`on: create\`, or \`direction: to-${side === 'jira' ? 'crm' : 'jira'}\`.`,
      );
    } else {
      problems.add(
        at,
        `${what}${line.on === 'create' ? ' when the record is created' : ''}.`,
        `Write \`direction: to-${side === 'jira' ? 'crm' : 'jira'}\`, or remove the line.`,
      );
    }
  }
}

/** The CRM's label; two fields may bear the same one, so the id tells them apart. */
function nameFor({ jira, crm }: Schemas, taken: Set<string>): string {
  const label = crm.label || jira.label || crm.id;
  const candidates = [label, `${label} (${crm.id})`, `${label} (${crm.id}, ${jira.id})`];
  const name = candidates.find((one) => !taken.has(one)) ?? `${label} (${taken.size})`;
  taken.add(name);
  return name;
}
