import type { Problem } from '../errors.ts';

/** Collects what is wrong with one file; `at` is an offset into its text. */
export type ProblemList = {
  readonly file: string;
  add(at: number, message: string, cure: string): void;
  /** For a problem that shows only later. */
  place(at: number): Pick<Problem, 'file' | 'line' | 'column'>;
  /** So many that nobody reads them; what is added now is only counted. */
  full(): boolean;
  /** In file order, each once; the last one tells how many more there are. */
  all(): readonly Problem[];
};

const MOST_SHOWN = 100;

export function createProblemList(file: string, text: string, known: readonly Problem[] = []): ProblemList {
  const lineStarts = findLineStarts(text);
  const found = new Map(known.map((problem) => [keyOf(problem), problem]));
  let more = 0;
  const place = (at: number) => ({ file, ...position(lineStarts, Math.max(0, Math.min(at, text.length))) });
  return {
    file,
    place,
    add(at, message, cure) {
      const problem = { ...place(at), message, cure };
      if (found.has(keyOf(problem))) return;
      if (found.size < MOST_SHOWN) found.set(keyOf(problem), problem);
      else more += 1;
    },
    full: () => found.size >= MOST_SHOWN,
    all() {
      const shown = [...found.values()].sort((a, b) => a.line - b.line || a.column - b.column);
      const last = shown.at(-1);
      if (last === undefined || more === 0) return shown;
      return [...shown, { ...last, message: 'There are more problems than these.', cure: 'Correct these first.' }];
    },
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
