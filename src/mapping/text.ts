import { MappingError } from '../errors.ts';
import type { FieldSchema, Side, Value } from '../model.ts';
import { otherSide } from '../model.ts';
import { canonicalText } from './canonical.ts';
import type { Mapper } from './mapper.ts';
import type { Ends } from './rejection.ts';
import { nameOf, showRaw, unexpected } from './rejection.ts';

// Unicode's line breaks, written as escapes because editors hide them.
const LINE_BREAKS = /[\n\r\v\f\u0085\u2028\u2029]+/g;

export function createTextMapper(ends: Ends): Mapper {
  return {
    translate(value: Value, from: Side): Value {
      if (value === null) return null;
      if (typeof value !== 'string') throw unexpected(value, 'a text', ends, from);
      return projectText(readableText(value, ends, from), ends[otherSide(from)]);
    },
    show: showRaw,
  };
}

/** Half a surrogate pair or NUL is refused by some vendors and replaced by others. */
export function readableText(text: string, ends: Ends, from: Side): string {
  if (text.isWellFormed() && !text.includes('\0')) return text;
  throw new MappingError(
    `${nameOf(ends, from)} holds a broken character (half a surrogate pair, or NUL)`,
    'Retype the text there; the broken character is usually a cut emoji.',
    text,
  );
}

/** What a field of that kind can carry. Both vendors drop white space at the ends, so it does not count. */
export function projectText(text: string, target: Pick<FieldSchema, 'maxLength' | 'singleLine'>): string | null {
  const lined = target.singleLine ? text.replace(LINE_BREAKS, ' ') : text;
  const whole = canonicalText(lined.trim());
  if (whole === null || target.maxLength === undefined || whole.length <= target.maxLength) return whole;
  return canonicalText(cutText(whole, target.maxLength).trim());
}

/** The same for a member of a set of texts. Jira's are labels, which have no white space. */
export function projectWord(text: string, side: Side, target: Pick<FieldSchema, 'maxLength'>): string | null {
  const line = projectText(text, { singleLine: true });
  if (line === null) return null;
  return projectText(side === 'crm' ? line : line.replace(/\s+/g, '-'), target);
}

let graphemes: Intl.Segmenter | null = null;

/** At most `max` UTF-16 units, without tearing what a reader sees as one character. */
function cutText(text: string, max: number): string {
  // To make one takes longer than to cut with it.
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  // A cluster longer than this is an abuse of combining marks; segmenting only near the cut keeps long texts cheap.
  const start = Math.max(0, max - 1000);
  const near = text.slice(start, max + 1000);
  const cut = graphemes.segment(near).containing(max - start)?.index ?? 0;
  if (cut > 0) return text.slice(0, start + cut);
  const torn = text.slice(0, max);
  return torn.isWellFormed() ? torn : torn.slice(0, -1);
}
