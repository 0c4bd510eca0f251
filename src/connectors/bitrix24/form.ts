// PHP's bracket form (`data[FIELDS][ID]=742`) read with limits: what arrives here comes from anybody on the internet.

export type FormValue = string | FormMap;
export type FormMap = Map<string, FormValue>;

export type FormLimits = { readonly bytes: number; readonly pairs: number; readonly depth: number };

/** An event of Bitrix24 has about twenty short pairs, three levels deep. */
export const EVENT_LIMITS: FormLimits = { bytes: 64 * 1024, pairs: 200, depth: 5 };

/** Null when the body is not such a form or breaks a limit. Maps, not objects, so that no key reaches a prototype. */
export function parseForm(body: Uint8Array, limits: FormLimits = EVENT_LIMITS): FormMap | null {
  if (body.byteLength > limits.bytes) return null;
  const text = new TextDecoder().decode(body);
  const root: FormMap = new Map();
  let pairs = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    pairs += 1;
    if (pairs > limits.pairs) return null;
    const path = pathOf(name, limits.depth);
    if (path === null || !place(root, path, value)) return null;
  }
  return root;
}

function pathOf(name: string, depth: number): readonly string[] | null {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name);
  if (!match) return null;
  const [, head = '', tail = ''] = match;
  const path = [head, ...[...tail.matchAll(/\[[^[\]]*\]/g)].map(([part]) => part.slice(1, -1))];
  return path.length > depth ? null : path;
}

/** `[]` appends. A key that is both a value and a map, or comes twice, is nothing that Bitrix24 sends. */
function place(root: FormMap, path: readonly string[], value: string): boolean {
  const keyIn = (map: FormMap, part: string) => (part === '' ? String(map.size) : part);
  let map = root;
  for (const part of path.slice(0, -1)) {
    const key = keyIn(map, part);
    const known = map.get(key);
    if (typeof known === 'string') return false;
    const next: FormMap = known ?? new Map();
    map.set(key, next);
    map = next;
  }
  const key = keyIn(map, path.at(-1) as string);
  if (map.has(key)) return false;
  map.set(key, value);
  return true;
}

export function textAt(form: FormMap, ...path: readonly string[]): string | null {
  let value: FormValue | undefined = form;
  for (const key of path) {
    if (typeof value === 'string' || value === undefined) return null;
    value = value.get(key);
  }
  return typeof value === 'string' ? value : null;
}
