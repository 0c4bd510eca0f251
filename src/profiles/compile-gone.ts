// `when-jira-gone` and `when-crm-gone`: the field and the value of a mark, as the surviving side knows them.
import { type FieldSchema, otherSide, SIDES, type Side, type Value } from '../model.ts';
import { quoted } from '../nearest.ts';
import type { FieldSetting } from './compile-fields.ts';
import { meant } from './compile-values.ts';
import type { GoneDraft } from './draft.ts';
import type { GonePolicy } from './profile.ts';
import { fieldAt } from './resolve-field.ts';

const MARKABLE: readonly FieldSchema['type'][] = ['text', 'enum', 'status', 'boolean', 'set'];

type Mark = Extract<GoneDraft, { kind: 'mark' }>;

/** Also which fields must be read on the surviving side. */
export function compileGone(setting: FieldSetting): {
  readonly gone: Readonly<Record<Side, GonePolicy>>;
  readonly uses: readonly { readonly side: Side; readonly field: FieldSchema }[];
} {
  const uses: { side: Side; field: FieldSchema }[] = [];
  const policy = (side: Side): GonePolicy => {
    const draft = setting.draft.gone[side];
    if (draft.kind !== 'mark') return { kind: draft.kind };
    const survivor = otherSide(side);
    const field = markedField(draft, survivor, setting);
    const value = field === null ? undefined : markedValue(draft, survivor, field, setting);
    if (field === null || value === undefined) return { kind: 'unlink' };
    uses.push({ side: survivor, field });
    return { kind: 'mark', id: field.id, name: field.label || field.id, value, asMember: field.type === 'set' };
  };
  const [jira, crm] = SIDES.map(policy) as [GonePolicy, GonePolicy];
  return { gone: { jira, crm }, uses };
}

function markedField(draft: Mark, side: Side, { schemas, problems }: FieldSetting): FieldSchema | null {
  const field = fieldAt(draft.field, side, schemas[side], problems);
  if (field === null) return null;
  if (!MARKABLE.includes(field.type) || field.items === 'user') {
    const message = `${quoted(field.label)} is a ${field.type}; a mark is a text, an option, a stage, yes/no, or a member of a set.`;
    problems.add(draft.field.at, message, 'Name another field.');
    return null;
  }
  if (!field.writableOnUpdate) {
    const message = `${quoted(field.label)} cannot be written on the \`${side}\` side.`;
    problems.add(draft.field.at, message, 'Name a field that can be edited.');
    return null;
  }
  return field;
}

function markedValue(draft: Mark, side: Side, field: FieldSchema, { problems }: FieldSetting): Value | undefined {
  const value = meant(draft.value, side, field, problems);
  if (value !== null) return value;
  problems.add(draft.value.at, 'A mark must not be empty.', 'Write the value that the record gets.');
  return undefined;
}
