// The story of a schedule, line by line: who did what when, and what the daemon made of it.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Played } from './play/play.ts';
import type { Happening } from './stage/stage.ts';

export function storyOf(played: Played): string[] {
  const told = played.story.map(({ at, text }) => ({ at, text }));
  const done = played.evidence.happenings
    .filter(({ actor, what }) => actor === 'daemon' && what !== 'delete')
    .map((happening) => ({ at: happening.at, text: `    daemon ${sentence(happening)}` }));
  const lines = [...told, ...done].sort((a, b) => a.at - b.at);
  return [JSON.stringify(played.script.setup), ...lines.map(({ at, text }) => `${clockOf(at)}  ${text}`)];
}

function sentence({ what, side, id, changes, mark }: Happening): string {
  const fields = changes.map(({ field, from, to }) => `${field} ${JSON.stringify(from)} -> ${JSON.stringify(to)}`);
  return `${what}s ${side} ${id}: ${fields.join(', ')}${what === 'create' ? ` with the mark ${mark}` : ''}`;
}

function clockOf(at: number): string {
  return new Date(at).toISOString().slice(8, 23).replace('T', ' ');
}

export function commit(): string {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

/** What a failure says: the seed, the commit, and the line that plays it again. */
export function failureOf(played: Pick<Played, 'script' | 'depth' | 'violations'>): string {
  const { script, depth, violations } = played;
  const list = violations.slice(0, 8).map(({ invariant, what }) => `  ${invariant}: ${what}`);
  return [
    `SIM_SEED=${script.seed} COMMIT=${commit()} depth ${depth}: ${violations.length} violations`,
    ...list,
    `replay: npm run simulate -- --seed ${script.seed} --depth ${depth}${script.kind === 'day' ? '' : ` --kind ${script.kind}`} --trace`,
  ].join('\n');
}
