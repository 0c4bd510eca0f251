// Parameters of a request: query and body merged. Forms use PHP's bracket keys (`fields[ufCrm][]=a`), whose depth and
// number PHP itself limits; the same limits hold here.
import type { SandboxRequest } from '../http.ts';

export type Params = Record<string, unknown>;

/** PHP's max_input_nesting_level and max_input_vars. */
const MAX_DEPTH = 64;
const MAX_VARS = 10_000;

/** A bracket map under construction; `next` is the index that `[]` takes. */
type Node = { readonly entries: Map<string, Node | string>; next: number };

export function readParams(request: SandboxRequest): Params {
  const fromQuery = parseForm(request.query.toString());
  const text = new TextDecoder().decode(request.body);
  if (text === '') return fromQuery;
  const type = request.headers['content-type'] ?? '';
  if (type.includes('json')) return { ...fromQuery, ...parseJson(text) };
  if (type.includes('form-urlencoded')) return { ...fromQuery, ...parseForm(text) };
  return fromQuery;
}

/** Unreadable JSON counts as no parameters, as in PHP. */
function parseJson(text: string): Params {
  try {
    const value: unknown = JSON.parse(text);
    return isMap(value) ? value : {};
  } catch {
    return {};
  }
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map, or a list read as a map of 0, 1, 2: PHP does not tell them apart. */
export function asMap(value: unknown): Record<string, unknown> {
  if (Array.isArray(value)) return Object.fromEntries(value.entries());
  return isMap(value) ? value : {};
}

export function parseForm(text: string): Params {
  const root: Node = { entries: new Map(), next: 0 };
  let count = 0;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    count += 1;
    if (count > MAX_VARS) break;
    const cut = pair.indexOf('=');
    const key = decode(cut < 0 ? pair : pair.slice(0, cut));
    const value = cut < 0 ? '' : decode(pair.slice(cut + 1));
    const path = bracketPath(key);
    if (path.length > 0 && path.length <= MAX_DEPTH) put(root, path, value);
  }
  return Object.fromEntries([...root.entries].map(([key, node]) => [key, finish(node)]));
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function bracketPath(key: string): string[] {
  const open = key.indexOf('[');
  if (open <= 0) return key === '' || open === 0 ? [] : [key];
  const path = [key.slice(0, open)];
  for (const match of key.slice(open).matchAll(/\[([^\]]*)\]/g)) path.push(match[1] ?? '');
  return path;
}

function put(root: Node, path: readonly string[], value: string): void {
  let node = root;
  for (const [index, part] of path.entries()) {
    const key = part === '' ? String(node.next) : part;
    if (/^\d+$/.test(key)) node.next = Math.max(node.next, Number(key) + 1);
    if (index === path.length - 1) {
      node.entries.set(key, value);
      return;
    }
    const inner = node.entries.get(key);
    const child: Node = typeof inner === 'object' ? inner : { entries: new Map(), next: 0 };
    node.entries.set(key, child);
    node = child;
  }
}

function finish(node: Node | string): unknown {
  if (typeof node === 'string') return node;
  return phpArray([...node.entries].map(([key, value]) => [key, finish(value)]));
}

/** PHP arrays on their way to JSON: empty ones and those keyed 0, 1, 2… are lists, the rest maps. */
export function phpArray(entries: readonly (readonly [string, unknown])[]): unknown {
  const isList = entries.every(([key], index) => key === String(index));
  if (isList) return entries.map(([, value]) => value);
  const map: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return map;
}
