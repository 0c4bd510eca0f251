// Chance put to use: picks, texts that have broken programs before, and small damage to bytes, texts and JSON values.
import type { Random } from '../../src/ports.ts';

export function below(chance: Random, end: number): number {
  return Math.floor(chance.next() * end);
}

export function pick<T>(chance: Random, choices: readonly T[]): T {
  return choices[below(chance, choices.length)] as T;
}

export function maybe(chance: Random, probability: number): boolean {
  return chance.next() < probability;
}

/** Texts by what they have broken elsewhere. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  '\u0000abc',
  '\ud800',
  'a\udc00b',
  '\ufeff',
  '\u202e\u2066',
  '\u2028\u2029',
  '\r\n\r\nX-Injected: 1',
  '\u001b[2J\u001b]0;title\u0007',
  'e\u0301\u0301\u0301',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'ﷺ',
  'İıſK',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '{{7*7}}#{7*7}<%= 7*7 %>',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  "'; DROP TABLE link; --",
  '" OR 1=1 OR summary ~ "',
  'project = BUY) OR (1=1',
  '[URL=javascript:alert(1)]x[/URL]',
  '=HYPERLINK("http://evil.example")',
  '../../../etc/passwd',
  '..%2f..%2f',
  '%00%0d%0a',
  '1e309',
  '-0',
  'NaN',
  '9007199254740993',
  '1'.repeat(400),
  'a'.repeat(70_000),
  'a!a!'.repeat(500),
  '(((((((((((((((((((((((((((((((((((((((((((((',
  'true',
  'null',
  '[]',
  '{}',
];

export function hostileText(chance: Random): string {
  const parts = 1 + below(chance, 3);
  let text = '';
  for (let part = 0; part < parts; part += 1) {
    text += maybe(chance, 0.4) ? pick(chance, HOSTILE_TEXTS) : randomText(chance, below(chance, 40));
  }
  return text;
}

/** Any UTF-16 units, lone surrogates included; mostly the ones that people type. */
export function randomText(chance: Random, length: number): string {
  const units: number[] = [];
  for (let at = 0; at < length; at += 1) {
    const kind = chance.next();
    if (kind < 0.6) units.push(0x20 + below(chance, 0x5f));
    else if (kind < 0.8) units.push(0x400 + below(chance, 0x60));
    else if (kind < 0.9) units.push(below(chance, 0x20));
    else units.push(below(chance, 0x10000));
  }
  return String.fromCharCode(...units);
}

export function randomBytes(chance: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = below(chance, 256);
  return bytes;
}

/** A few flips, cuts, doublings and strange bytes; never the same as before. */
export function damageBytes(chance: Random, bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  const at = below(chance, copy.length);
  const rest = copy.length - at;
  const piece = copy.subarray(at, at + 1 + below(chance, Math.min(rest, 30)));
  switch (copy.length === 0 ? 4 : below(chance, 5)) {
    case 0:
      copy[at] = (copy[at] ?? 0) ^ (1 << below(chance, 8));
      return copy;
    case 1:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + piece.length)]);
    case 2:
      return Buffer.concat([copy.subarray(0, at), piece, copy.subarray(at)]);
    case 3:
      return copy.subarray(0, at);
    default:
      return Buffer.concat([copy.subarray(0, at), randomBytes(chance, 1 + below(chance, 8)), copy.subarray(at)]);
  }
}

/** The same for a text, with pieces that mean something to what reads it. */
export function damageText(chance: Random, text: string, pieces: readonly string[] = HOSTILE_TEXTS): string {
  const at = below(chance, text.length + 1);
  const length = 1 + below(chance, 30);
  switch (below(chance, 5)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length);
    case 1:
      return text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
    case 2:
      return text.slice(0, at) + pick(chance, pieces) + text.slice(at + below(chance, 10));
    case 3:
      return text.slice(0, at);
    default: {
      const to = below(chance, text.length + 1);
      return text.slice(0, at) + text.slice(to, to + length) + text.slice(at + length);
    }
  }
}

/** What JSON can hold and nobody expects, by name of the damage that puts it there. */
function strangeValue(chance: Random): unknown {
  switch (below(chance, 12)) {
    case 0:
      return null;
    case 1:
      return maybe(chance, 0.5);
    case 2:
      return pick(chance, [0, -1, 1.5, 1e21, -1e308, Number.MAX_SAFE_INTEGER + 1, 4_294_967_296]);
    case 3:
      return '';
    case 4:
      return [];
    case 5:
      return {};
    case 6:
      return nested(below(chance, 2) === 0 ? 60 : 3_000);
    case 7:
      return [[null], [{}]];
    case 8:
      return { id: {}, value: [], error: 'x', errorMessages: 7, total: -1 };
    case 9:
      return Array.from({ length: 1 + below(chance, 300) }, (_, at) => at);
    default:
      return hostileText(chance);
  }
}

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}

/** Replaces, removes, renames or doubles one member anywhere in a JSON value. Answers a new value. */
export function damageJson(chance: Random, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || maybe(chance, 0.05)) return strangeValue(chance);
  if (Array.isArray(value)) {
    if (value.length === 0) return [strangeValue(chance)];
    const at = below(chance, value.length);
    const copy = [...value];
    const kind = chance.next();
    if (kind < 0.15) copy.splice(at, 1);
    else if (kind < 0.3) copy.splice(at, 0, copy[at]);
    else copy[at] = damageJson(chance, copy[at]);
    return copy;
  }
  const keys = Object.keys(value);
  const copy: Record<string, unknown> = { ...value };
  const key = keys.length === 0 ? 'x' : pick(chance, keys);
  const kind = chance.next();
  if (kind < 0.15) delete copy[key];
  else if (kind < 0.2) copy[pick(chance, HOSTILE_TEXTS.slice(13, 19))] = strangeValue(chance);
  else copy[key] = damageJson(chance, copy[key]);
  return copy;
}
