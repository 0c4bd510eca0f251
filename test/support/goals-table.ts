// The goals of a test run as one table: what was promised, what was shown, and how to see it again.
import Table from 'cli-table3';
import type { Goal } from './goals.ts';

export function parseGoals(lines: string): Goal[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Goal);
}

/** In the order of their numbers (G2 before G10), then as they came. */
export function goalsTable(goals: readonly Goal[]): string {
  const table = new Table({
    head: ['goal', 'what', 'reached', 'cases', 'seed', 'time'],
    style: { head: [], border: [], compact: true },
    colWidths: [6, 46, 50, 11, 10, 9],
    wordWrap: true,
  });
  for (const { goal, what, reached, ok, cases, seed, ms } of [...goals].sort(inOrder)) {
    const word = ok ? reached : `MISSED: ${reached}`;
    table.push([goal, what, word, cases.toLocaleString('en'), `${seed}`, `${(ms / 1000).toFixed(1)} s`]);
  }
  return table.toString();
}

/** The commands behind the table, one per goal, for whoever doubts a line. */
export function replayLines(goals: readonly Goal[]): string[] {
  const commands = new Map<string, Set<string>>();
  for (const { goal, replay } of [...goals].sort(inOrder)) {
    commands.set(goal, (commands.get(goal) ?? new Set()).add(replay));
  }
  return [...commands].flatMap(([goal, lines]) => [...lines].map((line) => `${goal}: ${line}`));
}

function inOrder(a: Goal, b: Goal): number {
  const letter = a.goal.slice(0, 1).localeCompare(b.goal.slice(0, 1));
  return letter !== 0 ? letter : Number(a.goal.slice(1)) - Number(b.goal.slice(1));
}
