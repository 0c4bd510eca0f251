/** Blocks of Atlassian's document format that end with a line break when shown as plain text. */
const BLOCKS = new Set(['paragraph', 'heading', 'codeBlock', 'blockquote', 'listItem', 'rule', 'tableRow', 'panel']);

/** The words of a document, without its formatting: enough to show and compare, not to write back. */
export function plainText(node: unknown): string {
  return textOf(node, 0)
    .replace(/\n{2,}/g, '\n')
    .replace(/^\n|\n$/g, '');
}

function textOf(node: unknown, depth: number): string {
  // Nobody nests that deep; a hostile document would otherwise exhaust the stack.
  if (node === null || typeof node !== 'object' || depth > 200) return '';
  const { type, text, attrs, content } = node as Record<string, unknown>;
  if (type === 'text') return typeof text === 'string' ? text : '';
  if (type === 'hardBreak') return '\n';
  if (type === 'mention' || type === 'emoji' || type === 'status') return attributeOf(attrs, 'text');
  if (type === 'inlineCard') return attributeOf(attrs, 'url');
  const inner = Array.isArray(content) ? content.map((child) => textOf(child, depth + 1)).join('') : '';
  return typeof type === 'string' && BLOCKS.has(type) ? `${inner}\n` : inner;
}

function attributeOf(attrs: unknown, name: string): string {
  if (attrs === null || typeof attrs !== 'object' || !Object.hasOwn(attrs, name)) return '';
  const value = (attrs as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}
