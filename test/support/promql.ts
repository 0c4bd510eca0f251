// Just enough of PromQL to see which metrics an expression reads, and by which labels.

export type Use = { readonly metric: string; readonly labels: readonly string[] };

const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);
const CLAUSE = /\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;

/** `grouped`: labels of `by` clauses, which must belong to some metric of the expression. */
export function usesIn(expression: string): { readonly uses: readonly Use[]; readonly grouped: readonly string[] } {
  const grouped: string[] = [];
  const plain = expression
    .replace(CLAUSE, (_all, word: string, inner: string) => {
      if (word === 'by') grouped.push(...inner.split(',').flatMap((label) => label.trim() || []));
      return ' ';
    })
    .replace(/\[[^\]]*\]/g, ' ');
  const uses: Use[] = [];
  for (const [, name = '', , inner = ''] of plain.matchAll(/\b([a-z_][a-z0-9_]*)\b(\s*\{([^}]*)\})?(?!\s*\()/gi)) {
    if (WORDS.has(name.toLowerCase())) continue;
    const labels = [...inner.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)\s*"/g)].map((match) => match[1] ?? '');
    uses.push({ metric: name, labels });
  }
  return { uses, grouped };
}
