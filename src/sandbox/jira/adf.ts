// Just enough of the Atlassian Document Format: is it a document, and what is its text (v2 bodies and the changelog
// carry a string).

export type AdfNode = {
  readonly type: string;
  readonly text?: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly marks?: readonly { readonly type: string; readonly attrs?: Readonly<Record<string, unknown>> }[];
  readonly content?: readonly AdfNode[];
};
export type AdfDocument = { readonly type: 'doc'; readonly version: 1; readonly content: readonly AdfNode[] };

function isNode(value: unknown): value is AdfNode {
  if (typeof value !== 'object' || value === null) return false;
  const node = value as Partial<AdfNode>;
  if (typeof node.type !== 'string') return false;
  // An empty text node is what Jira refuses most often in otherwise sound documents.
  if (node.type === 'text' && (typeof node.text !== 'string' || node.text === '')) return false;
  return node.content === undefined || (Array.isArray(node.content) && node.content.every(isNode));
}

export function isAdfDocument(value: unknown): value is AdfDocument {
  if (!isNode(value)) return false;
  const root = value as AdfNode & { version?: unknown };
  return root.type === 'doc' && root.version === 1 && Array.isArray(root.content);
}

export function adfOf(text: string): AdfDocument {
  const paragraphs = text === '' ? [] : text.split('\n');
  return {
    type: 'doc',
    version: 1,
    content: paragraphs.map((line) => ({
      type: 'paragraph',
      content: line === '' ? [] : [{ type: 'text', text: line }],
    })),
  };
}

const WIKI_MARKS: Readonly<Record<string, string>> = { strong: '*', em: '_', strike: '-', underline: '+' };

function inline(node: AdfNode): string {
  if (node.type === 'hardBreak') return '\n';
  if (node.type === 'mention') return `[~accountid:${String(node.attrs?.id ?? '')}]`;
  if (node.type === 'emoji') return String(node.attrs?.text ?? node.attrs?.shortName ?? '');
  if (node.type === 'inlineCard') return `[${String(node.attrs?.url ?? '')}]`;
  if (node.type !== 'text') return (node.content ?? []).map(inline).join('');
  let text = node.text ?? '';
  for (const mark of node.marks ?? []) {
    const sign = WIKI_MARKS[mark.type];
    if (sign) text = `${sign}${text}${sign}`;
    if (mark.type === 'code') text = `{{${text}}}`;
    if (mark.type === 'link') text = `[${text}|${String(mark.attrs?.href ?? '')}]`;
  }
  return text;
}

function block(node: AdfNode, bullet: string): string {
  const children = node.content ?? [];
  if (node.type === 'heading') return `h${String(node.attrs?.level ?? 1)}. ${children.map(inline).join('')}`;
  if (node.type === 'codeBlock') return `{code}\n${children.map(inline).join('')}\n{code}`;
  if (node.type === 'rule') return '----';
  if (node.type === 'bulletList') return children.map((item) => block(item, `${bullet}*`)).join('\n');
  if (node.type === 'orderedList') return children.map((item) => block(item, `${bullet}#`)).join('\n');
  if (node.type === 'listItem') {
    return children
      .map((child) => (child.type === 'paragraph' ? `${bullet} ${block(child, bullet)}` : block(child, bullet)))
      .join('\n');
  }
  if (node.type === 'paragraph') return children.map(inline).join('');
  if (node.content === undefined) return inline(node);
  return children.map((child) => block(child, bullet)).join('\n');
}

/** Wiki markup of a document, as the v2 representation has it. */
export function wikiOf(document: AdfDocument): string {
  return document.content.map((node) => block(node, '')).join('\n\n');
}
