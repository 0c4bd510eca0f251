// What a dry run noted, as a person reads it: labels instead of ids, equal reasons told once.
import type { FieldSchema, Value } from '../model.ts';
import { SIDES } from '../model.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Report } from '../sync/report.ts';
import type { NotedWrite } from '../work/dry-connector.ts';
import { grouped } from './group-lines.ts';
import { clean, styled } from './output.ts';
import { pairName, shown } from './show-report.ts';

export function writeLines(write: NotedWrite, profiles: readonly Profile[]): string[] {
  const lines = [styled('bold', `${write.action} ${write.entity} ${clean(write.key)} (${write.connection})`)];
  for (const [id, value] of Object.entries(write.patch)) {
    const schema = schemaOf(profiles, write.connection, id);
    const before = write.action === 'create' ? '' : `${labelled(write.before[id] ?? null, schema)} -> `;
    lines.push(`    ${(schema?.label ?? id).padEnd(24)} ${before}${labelled(value, schema)}`);
  }
  return lines;
}

function schemaOf(profiles: readonly Profile[], connection: string, id: string): FieldSchema | undefined {
  for (const profile of profiles) {
    for (const side of SIDES) {
      if (profile.sides[side].scope.connection !== connection) continue;
      const computed = profile.computed.find((one) => one.side === side && one.id === id);
      const found = profile.fields.find((field) => field.ids[side] === id)?.schemas[side] ?? computed?.schema;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function labelled(value: Value, schema: FieldSchema | undefined): string {
  const options = new Map(schema?.options?.map((option) => [option.id, option.label]));
  const label = (one: string) => options.get(one) ?? one;
  if (typeof value === 'string') return shown(label(value));
  return shown(Array.isArray(value) ? value.map(label) : value);
}

/** What would not go over, and why. */
export function heldLines(reports: readonly Report[]): string[] {
  const held: { readonly why: string; readonly who: string }[] = [];
  for (const report of reports) {
    const who = pairName(report.keys);
    if (['waiting', 'parked', 'unmatched', 'retry'].includes(report.outcome)) {
      held.push({ why: `${report.outcome}: ${report.why}`, who });
    }
    for (const field of report.fields) {
      if (field.what === 'in-step' || field.what === 'written') continue;
      held.push({ why: `${field.what}: ${field.field}: ${field.why}`, who });
    }
  }
  return grouped(held).flatMap(({ why, who }) => [clean(why), `    ${who}`]);
}
