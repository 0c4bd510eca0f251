// Reads YAML nodes strictly against the key table and reports everything that does not fit, at its place.
import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { nearest, quoted, suggest } from '../nearest.ts';
import { DURATION_CURE, parseDuration } from './durations.ts';
import type { Section } from './key-table.ts';
import type { ProblemList } from './problem-list.ts';
import { nodeStart, type YamlSource } from './yaml-source.ts';

/** A value and the offset where it stands. */
export type Located<T> = { readonly value: T; readonly at: number };

export type Entry = { readonly key: Located<string>; readonly node: Node | null };

/** A block whose keys were checked. `at` is where it begins. */
export type Block = { readonly at: number; readonly section: Section; readonly entries: ReadonlyMap<string, Entry> };

export type Reader = {
  readonly problems: ProblemList;
  block(node: unknown, section: Section, at?: number): Block | null;
  /** Keys are free names: values tables, `where`, connections. */
  pairs(node: unknown, what: string, example: string): readonly Entry[] | null;
  list(node: unknown, what: string, example: string): readonly Node[] | null;
  text(entry: Entry | undefined): Located<string> | null;
  label(node: unknown, what: string): Located<string> | null;
  choice<T extends string>(entry: Entry | undefined, choices: readonly T[]): Located<T> | null;
  duration(entry: Entry | undefined): Located<number> | null;
};

export function createReader(source: YamlSource): Reader {
  const { problems } = source;

  function pairs(node: unknown, what: string, example: string): readonly Entry[] | null {
    if (!isMap(node)) {
      if (!broken(node))
        problems.add(
          nodeStart(node),
          `${what} must be \`key: value\` lines, not ${kindOf(node)}.`,
          `Write for example \`${example}\`.`,
        );
      return null;
    }
    return (node as YAMLMap).items
      .filter((pair) => isScalar(pair.key))
      .map((pair) => {
        const key = pair.key as Scalar;
        return { key: { value: scalarText(key), at: nodeStart(key) }, node: (pair.value as Node | null) ?? null };
      });
  }

  function block(node: unknown, section: Section, at = nodeStart(node)): Block | null {
    const example = `{ ${section.keys
      .slice(0, 2)
      .map((spec) => `${spec.key}: …`)
      .join(', ')} }`;
    const found = pairs(node, quoted(section.name), example);
    if (found === null) return null;
    const entries = new Map<string, Entry>();
    for (const entry of found) {
      // To find what somebody may have meant costs time; a hostile file has thousands of wrong keys.
      if (problems.full()) break;
      const name = entry.key.value;
      const spec = section.keys.find((one) => one.key === name);
      if (spec === undefined) refuseKey(entry, section);
      else if (isEmpty(entry.node))
        problems.add(
          entry.key.at,
          `\`${name}\` has no value.`,
          `Write for example \`${spec.example}\`, or remove the line.`,
        );
      if (spec !== undefined) entries.set(name, entry);
    }
    for (const spec of section.keys) {
      if (spec.required && !entries.has(spec.key))
        problems.add(
          at,
          `${quoted(spec.key)} is missing${section.name === 'profile' ? '' : ` in \`${section.name}\``}.`,
          `Add for example \`${spec.example}\`.`,
        );
    }
    return { at, section, entries };
  }

  function refuseKey(entry: Entry, section: Section): void {
    const name = entry.key.value;
    if (name === '<<') return;
    // Own members only: every object has a `constructor`.
    const later = section.later !== undefined && Object.hasOwn(section.later, name) ? section.later[name] : undefined;
    if (later !== undefined) {
      problems.add(entry.key.at, `\`${name}\` is not in this version.`, later);
      return;
    }
    const keys = section.keys.map((spec) => spec.key);
    problems.add(
      entry.key.at,
      `${quoted(name)} is not a key of \`${section.name}\`.`,
      suggest(name, keys, `Write one of: ${keys.map(quoted).join(', ')}.`),
    );
  }

  function label(node: unknown, what: string): Located<string> | null {
    if (isScalar(node) && !isEmpty(node) && !broken(node)) return { value: scalarText(node), at: nodeStart(node) };
    if (!broken(node))
      problems.add(
        nodeStart(node),
        `${what} must be one value, not ${kindOf(node)}.`,
        'Write one text, in quotes if it has special characters.',
      );
    return null;
  }

  function text(entry: Entry | undefined): Located<string> | null {
    if (entry === undefined || isEmpty(entry.node)) return null;
    return label(entry.node, quoted(entry.key.value));
  }

  return {
    problems,
    block,
    pairs,
    label,
    text,
    list(node, what, example) {
      if (isSeq(node)) return node.items as Node[];
      if (!broken(node))
        problems.add(
          nodeStart(node),
          `${what} must be a list, not ${kindOf(node)}.`,
          `Write for example \`${example}\`.`,
        );
      return null;
    },
    choice(entry, choices) {
      const found = text(entry);
      if (found === null || entry === undefined) return null;
      const choice = choices.find((one) => one === found.value);
      if (choice !== undefined) return { value: choice, at: found.at };
      const close = nearest(found.value, choices, 1)[0];
      const cure =
        close === undefined ? `Write one of: ${choices.map(quoted).join(', ')}.` : `Did you mean ${quoted(close)}?`;
      problems.add(found.at, `${quoted(found.value)} is not a value of \`${entry.key.value}\`.`, cure);
      return null;
    },
    duration(entry) {
      const found = text(entry);
      if (found === null) return null;
      const value = parseDuration(found.value);
      if (value === null) problems.add(found.at, `${quoted(found.value)} is not a duration.`, DURATION_CURE);
      return value === null ? null : { value, at: found.at };
    },
  };
}

export function isEmpty(node: unknown): boolean {
  if (node === null || node === undefined) return true;
  return isScalar(node) && !broken(node) && (node.value === null || node.value === undefined);
}

/** A value that YAML took for a tag: already reported, its text is lost. */
function broken(node: unknown): boolean {
  return (node as { tag?: string } | null)?.tag !== undefined;
}

/** As written: `007` and `true` stay texts. */
function scalarText(node: Scalar): string {
  if (typeof node.value === 'string') return node.value;
  return String(node.source ?? node.value);
}

function kindOf(node: unknown): string {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  return isEmpty(node) ? 'empty' : `${quoted(String((node as Scalar).value))}`;
}
