// Three-way merge of sets whose members two products write differently. Members correspond when one translates into
// the other; each side keeps its own spelling of a member ("big deal" beside Jira's "big-deal").
import { MappingError } from '../errors.ts';
import type { Mapper } from '../mapping/mapper.ts';
import type { Side, Value } from '../model.ts';
import { otherSide } from '../model.ts';

type Values = Readonly<Record<Side, Value>>;

/** An empty set is null, so null may be one. */
export function isSet(value: Value): boolean {
  return value === null || Array.isArray(value);
}

/**
 * What `to` should show: its own members, without those the other side removed, with those it added. Throws
 * MappingError when an added member has no translation.
 */
export function carrySetChanges(mapper: Mapper, values: Values, base: Values, to: Side): Value {
  const from = otherSide(to);
  const source = membersOf(values[from]);
  const sourceBase = membersOf(base[from]);
  const target = membersOf(values[to]);
  const targetBase = membersOf(base[to]);
  const corresponds = correspondence(mapper, to, [...source, ...sourceBase], target);

  const removed = (member: string) =>
    targetBase.includes(member) &&
    sourceBase.some((other) => corresponds(other, member)) &&
    !source.some((other) => corresponds(other, member));
  const result = new Set(target.filter((member) => !removed(member)));
  for (const member of source) {
    if (sourceBase.includes(member) || target.some((other) => corresponds(member, other))) continue;
    for (const image of membersOf(mapper.translate([member], from))) result.add(image);
  }
  return result.size === 0 ? null : [...result].sort();
}

function correspondence(mapper: Mapper, to: Side, source: readonly string[], target: readonly string[]) {
  const from = otherSide(to);
  const there = new Map(source.map((member) => [member, imageOf(mapper, member, from)]));
  const back = new Map(target.map((member) => [member, imageOf(mapper, member, to)]));
  return (member: string, other: string) => there.get(member) === other || back.get(other) === member;
}

// A member may have lost its translation since (an option that was removed): then it corresponds to nothing.
function imageOf(mapper: Mapper, member: string, from: Side): string | undefined {
  try {
    return membersOf(mapper.translate([member], from))[0];
  } catch (error) {
    if (error instanceof MappingError) return undefined;
    throw error;
  }
}

export function membersOf(value: Value): readonly string[] {
  return Array.isArray(value) ? value : [];
}
