// Weaves every bug into the sources as they are loaded, each behind a switch, so that one process tries all of them.
import { type Bug, editsOf } from './bug.ts';

declare global {
  var __seededBug: string | null | undefined;
}

/** Null: the product as it is. */
export function setBug(id: string | null): void {
  globalThis.__seededBug = id;
}

type Span = { readonly from: number; readonly to: number; readonly isExpression: boolean };
type Place = Span & { readonly wrongs: { readonly id: string; readonly wrong: string }[] };

/** Why a bug cannot be woven in, with what it looks for; null: it can. */
export function misplaced(bug: Bug, sourceOf: (file: string) => string): string | null {
  try {
    for (const { file, at } of editsOf(bug)) spanOf(sourceOf(file), at, bug.id);
    return null;
  } catch (error) {
    return String(error);
  }
}

/** Throws when the text of a bug does not stand there exactly once, or when two bugs overlap without being the same text. */
export function weave(file: string, source: string, bugs: readonly Bug[]): string {
  const places = new Map<string, Place>();
  for (const bug of bugs) {
    for (const edit of editsOf(bug)) {
      if (edit.file !== file) continue;
      const span = spanOf(source, edit.at, bug.id);
      const key = `${span.from}-${span.to}`;
      const place = places.get(key) ?? { ...span, wrongs: [] };
      place.wrongs.push({ id: bug.id, wrong: edit.wrong });
      places.set(key, place);
    }
  }
  const ordered = [...places.values()].sort((a, b) => b.from - a.from);
  let woven = source;
  let before = source.length;
  for (const place of ordered) {
    if (place.to > before) throw new Error(`${place.wrongs[0]?.id} overlaps another bug in ${file}`);
    before = place.from;
    woven = woven.slice(0, place.from) + switched(source.slice(place.from, place.to), place) + woven.slice(place.to);
  }
  return woven;
}

function spanOf(source: string, at: string, id: string): Span {
  const text = at.replace(/[«»⟪⟫]/g, '');
  const first = source.indexOf(text);
  if (first < 0) throw new Error(`${id}: the source does not say this any more:\n${text}`);
  if (source.indexOf(text, first + 1) >= 0) throw new Error(`${id}: the source says this more than once:\n${text}`);
  const bounded = at.search(/[«⟪]/);
  const isExpression = at[bounded] === '«';
  if (bounded < 0) return { from: first, to: first + text.length, isExpression };
  return { from: first + bounded, to: first + at.search(/[»⟫]/) - 1, isExpression };
}

function switched(right: string, { isExpression, wrongs }: Place): string {
  if (isExpression) {
    return wrongs.reduce((otherwise, { id, wrong }) => `(${test(id)} ? (${wrong}) : ${otherwise})`, `(${right})`);
  }
  return wrongs.reduce((otherwise, { id, wrong }) => `if (${test(id)}) { ${wrong} } else { ${otherwise} }`, right);
}

function test(id: string): string {
  return `globalThis.__seededBug === ${JSON.stringify(id)}`;
}
