import { isScalar, type Scalar } from 'yaml';
import { quoted } from '../nearest.ts';
import type { ExpressionText } from './draft.ts';
import type { Entry, Reader } from './reader.ts';
import { nodeStart } from './yaml-source.ts';

/** The expression in a scalar, able to point at any of its characters in the file. */
export function readExpression(reader: Reader, entry: Entry | undefined, text: string): ExpressionText | null {
  const found = reader.text(entry);
  if (found === null || entry === undefined || !isScalar(entry.node)) return null;
  if (found.value.trim() === '') {
    reader.problems.add(
      found.at,
      `${quoted(entry.key.value)} is an empty expression.`,
      "Write for example 'crm.stage != null'.",
    );
    return null;
  }
  const node = entry.node;
  return { source: found.value, at: nodeStart(node), place: (index) => offsetInScalar(text, node, found.value, index) };
}

/**
 * YAML folds lines and unescapes quotes, so an index in the value is found by walking value and text side by side:
 * characters of the text that the value lacks (quotes, escapes, indentation) are stepped over.
 */
function offsetInScalar(text: string, node: Scalar, value: string, index: number): number {
  const [start, end] = node.range ?? [0, 0];
  let at = start;
  if (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE') at++;
  if (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL') at = text.indexOf('\n', start) + 1;
  for (let i = 0; i < value.length && at < end; i++) {
    const wanted = value[i] ?? '';
    const blank = isBlank(wanted);
    if (blank && i < index) {
      while (at < end && isBlank(text[at] ?? '') && !(isBlank(value[i + 1] ?? 'x') && text[at] === wanted)) at++;
      if (isBlank(value[i + 1] ?? 'x')) at++;
      continue;
    }
    while (at < end && !blank && text[at] !== wanted) at++;
    if (i === index) return Math.min(at, end);
    at++;
  }
  return Math.min(at, end);
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r';
}
