// Reads the sources for the architecture test: imports, uses of globals, sizes. On a syntax tree, so that a comment or a
// text that looks like code never counts.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export type Import = {
  readonly from: string;
  readonly line: number;
  readonly typeOnly: boolean;
  /** Path from the root (`src/model.ts`) for our own files, null for packages. */
  readonly file: string | null;
};

export type SourceFile = {
  /** `src/sync/merge.ts` */
  readonly path: string;
  readonly lines: number;
  readonly text: string;
  readonly imports: readonly Import[];
  /** Names that nobody in the file declares, as `name` or `name.member`. */
  readonly globals: readonly { readonly name: string; readonly line: number }[];
  readonly hasDefaultExport: boolean;
  /** Classes with what they extend (null: nothing). */
  readonly classes: readonly { readonly name: string; readonly base: string | null; readonly line: number }[];
};

type Node = { readonly type: string; readonly start: number; readonly [key: string]: unknown };

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function walk(node: Node, visit: (node: Node, parent: Node | null, key: string) => void): void {
  const go = (current: Node, parent: Node | null, place: string) => {
    visit(current, parent, place);
    for (const [key, value] of Object.entries(current)) {
      if (Array.isArray(value)) for (const item of value) isNode(item) && go(item, current, key);
      else if (isNode(value)) go(value, current, key);
    }
  };
  go(node, null, '');
}

export function listFiles(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    found.push(relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'));
  }
  return found.sort();
}

function resolveImport(path: string, from: string): string | null {
  if (!from.startsWith('.')) return null;
  return normalize(join(dirname(path), from))
    .split(sep)
    .join('/');
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1;
}

function textOf(value: unknown): string | null {
  if (!isNode(value)) return null;
  if (typeof value.value === 'string') return value.value;
  return null;
}

/** A member name, a key or a label is no use of a global of that name. */
function isPlainUse(parent: Node | null, key: string): boolean {
  if (!parent || parent.type.startsWith('TS')) return false;
  if (parent.type === 'MemberExpression') return key === 'object' || parent.computed === true;
  if (parent.type === 'Property' || parent.type === 'MethodDefinition' || parent.type === 'PropertyDefinition') {
    return key === 'value' || parent.computed === true;
  }
  return !parent.type.startsWith('Import') && !parent.type.startsWith('Export');
}

export function parseSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const lineOf = lineCounter(text);
  const imports: Import[] = [];
  const globals: { name: string; line: number }[] = [];
  const classes: { name: string; base: string | null; line: number }[] = [];
  const declared = new Set<string>();
  let hasDefaultExport = false;

  const addImport = (source: unknown, node: Node, typeOnly: boolean) => {
    const from = textOf(source);
    if (!from) return;
    // A package reached by its path, past its own list of exports, is that package.
    const name = from.replace(/^(?:\.\.?\/)+node_modules\//, '');
    imports.push({ from: name, line: lineOf(node.start), typeOnly, file: resolveImport(path, name) });
  };

  walk(program as unknown as Node, (node, parent, key) => {
    if (node.type === 'ImportDeclaration') {
      const specifiers = (node.specifiers ?? []) as Node[];
      const allTypes = specifiers.length > 0 && specifiers.every((one) => one.importKind === 'type');
      for (const one of specifiers) declared.add(String((one.local as Node).name));
      addImport(node.source, node, node.importKind === 'type' || allTypes);
    }
    if (node.type === 'ExportNamedDeclaration' || node.type === 'ExportAllDeclaration') {
      addImport(node.source, node, node.exportKind === 'type');
    }
    if (node.type === 'ImportExpression') addImport(node.source, node, false);
    // `typeof import('./x.ts')` and `import('./x.ts').Type`.
    if (node.type === 'TSImportType') addImport(node.source ?? node.argument, node, true);
    // Without a value both mean "now".
    if (node.type === 'NewExpression' && (node.arguments as unknown[]).length === 0 && isNode(node.callee)) {
      if (node.callee.name === 'Date') globals.push({ name: 'new Date()', line: lineOf(node.start) });
    }
    if (node.type === 'ExportDefaultDeclaration') hasDefaultExport = true;
    if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') {
      const base = isNode(node.superClass) ? String(node.superClass.name ?? 'something') : null;
      classes.push({ name: isNode(node.id) ? String(node.id.name) : 'nameless', base, line: lineOf(node.start) });
    }
    if (node.type === 'VariableDeclarator' || node.type === 'FunctionDeclaration') {
      if (isNode(node.id) && node.id.type === 'Identifier') declared.add(String(node.id.name));
    }
    if (/Function/.test(node.type)) {
      for (const parameter of (node.params ?? []) as Node[]) {
        walk(parameter, (inner) => inner.type === 'Identifier' && declared.add(String(inner.name)));
      }
    }
    if (node.type !== 'Identifier' || !isPlainUse(parent, key)) return;
    const line = lineOf(node.start);
    const name = String(node.name);
    const member = parent?.type === 'MemberExpression' && key === 'object' && !parent.computed ? parent.property : null;
    globals.push({ name: isNode(member) ? `${name}.${String(member.name)}` : name, line });
  });

  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports,
    globals: globals.filter(({ name }) => !declared.has(name.split('.')[0] ?? name)),
    text,
    hasDefaultExport,
    classes,
  };
}

export function readSources(folder: string): SourceFile[] {
  return listFiles(folder).map((path) => parseSource(path, readFileSync(join(ROOT, path), 'utf8')));
}
