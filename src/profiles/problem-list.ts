import type { Problem } from '../errors.ts';

/** Collects what is wrong with one file; `at` is an offset into its text. */
export type ProblemList = {
  readonly file: string;
  add(at: number, message: string, cure: string): void;
  /** In file order, each once. */
  all(): readonly Problem[];
};

export function createProblemList(file: string, text: string, known: readonly Problem[] = []): ProblemList {
  const lineStarts = findLineStarts(text);
  const found = new Map(known.map((problem) => [keyOf(problem), problem]));
  return {
    file,
    add(at, message, cure) {
      const { line, column } = position(lineStarts, Math.max(0, Math.min(at, text.length)));
      const problem = { file, line, column, message, cure };
      if (!found.has(keyOf(problem))) found.set(keyOf(problem), problem);
    },
    all: () => [...found.values()].sort((a, b) => a.line - b.line || a.column - b.column),
  };
}

function keyOf({ line, column, message }: Problem): string {
  return `${line}:${column}:${message}`;
}

function findLineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function position(lineStarts: readonly number[], at: number): { line: number; column: number } {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: at - (lineStarts[low] ?? 0) + 1 };
}
