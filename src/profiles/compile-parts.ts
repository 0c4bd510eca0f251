// Match rules, stamps and computed fields of a draft.
import { type FieldSchema, SIDES, type Side, type Value } from '../model.ts';
import { quoted } from '../nearest.ts';
import type { FieldSetting } from './compile-fields.ts';
import type { Normaliser } from './draft.ts';
import { kindOfField } from './expression-values.ts';
import { compileComputation, type ExpressionSetting } from './expressions.ts';
import type { ComputedField, MatchRule, Stamp } from './profile.ts';
import { fieldAt } from './resolve-field.ts';

const COMPARABLE: readonly FieldSchema['type'][] = ['text', 'number', 'date'];
const COMPUTABLE: readonly FieldSchema['type'][] = ['text', 'number', 'date', 'datetime', 'boolean'];

export function compileMatch({ draft, schemas, problems }: FieldSetting): readonly MatchRule[] {
  const rules: MatchRule[] = [];
  for (const { names, normalise } of draft.match) {
    const jira = fieldAt(names.jira, 'jira', schemas.jira, problems);
    const crm = fieldAt(names.crm, 'crm', schemas.crm, problems);
    for (const [side, field] of [
      ['jira', jira],
      ['crm', crm],
    ] as const) {
      if (field === null || COMPARABLE.includes(field.type)) continue;
      problems.add(
        names[side].at,
        `${quoted(field.label)} is a ${field.type}; records are matched by texts, numbers and dates.`,
        'Use another field.',
      );
    }
    if (jira !== null && crm !== null)
      rules.push({ ids: { jira: jira.id, crm: crm.id }, normalise: normaliser(normalise) });
  }
  return rules;
}

function normaliser(steps: readonly Normaliser[]): (value: Value) => string | null {
  return (value) => {
    if (typeof value !== 'string') return null;
    let text = value;
    for (const step of steps) {
      if (step === 'trim') text = text.trim().replace(/\s+/g, ' ');
      else if (step === 'lowercase') text = text.toLowerCase();
      else text = text.replace(/\D/g, '');
    }
    return text === '' ? null : text;
  };
}

export function compileStamps({ draft, schemas, problems }: FieldSetting): Readonly<Record<Side, Stamp>> {
  const stamp = (side: Side): Stamp => {
    const name = draft.stamp[side];
    const field = name === null ? null : fieldAt(name, side, schemas[side], problems);
    if (name === null || field === null) return { kind: 'marker' };
    if (field.type !== 'text') {
      problems.add(
        name.at,
        `${quoted(field.label)} is a ${field.type}; a stamp needs a text field.`,
        'Name a text field, or leave the stamp out.',
      );
    } else if (!field.writableOnUpdate) {
      problems.add(
        name.at,
        `${quoted(field.label)} cannot be written on the \`${side}\` side.`,
        'Name a text field that can be edited.',
      );
    }
    return { kind: 'field', id: field.id };
  };
  return { jira: stamp('jira'), crm: stamp('crm') };
}

export type CompiledComputed = {
  readonly field: ComputedField;
  readonly uses: readonly { readonly side: Side; readonly field: FieldSchema }[];
};

export function compileComputed(setting: FieldSetting, expressions: ExpressionSetting): readonly CompiledComputed[] {
  const { draft, schemas, problems } = setting;
  const compiled: CompiledComputed[] = [];
  for (const line of draft.computed) {
    const schema = fieldAt(line.name, line.side, schemas[line.side], problems);
    const from = compileComputation(line.from, expressions);
    if (schema === null) continue;
    if (!schema.writableOnUpdate) {
      problems.add(
        line.name.at,
        `${quoted(schema.label)} cannot be written on the \`${line.side}\` side.`,
        'Name a field that can be edited, or remove the line.',
      );
      continue;
    }
    if (!COMPUTABLE.includes(schema.type)) {
      problems.add(
        line.name.at,
        `${quoted(schema.label)} is a ${schema.type}; only text, number, date, time and yes/no fields can be computed.`,
        'Name another field, or remove the line.',
      );
      continue;
    }
    if (from === null) continue;
    const wanted = kindOfField(schema);
    const fits = from.kind === wanted || from.kind === 'null' || (wanted === 'text' && from.kind === 'label');
    if (!fits) {
      const cure = wanted === 'text' ? 'Wrap it in `string(…)`.' : `Write an expression that gives a ${schema.type}.`;
      problems.add(
        line.from.at,
        `The expression gives a ${from.kind}, but ${quoted(schema.label)} is a ${schema.type}.`,
        cure,
      );
      continue;
    }
    if (from.uses.some((use) => use.side === line.side)) {
      problems.add(
        line.from.at,
        `A field of the \`${line.side}\` side is computed from that side itself.`,
        `Use fields of the \`${SIDES.find((side) => side !== line.side)}\` side.`,
      );
      continue;
    }
    compiled.push({
      field: { name: schema.label || schema.id, side: line.side, id: schema.id, schema, from: from.expression },
      uses: from.uses,
    });
  }
  return compiled;
}
