// Progress of what takes longer than two seconds, as plain lines beside the result.
import type { ResyncProgress } from '../work/commands.ts';
import { remark } from './output.ts';

const FIRST_LINE_MS = 2_000;

/** A line at most every two seconds, with rate and time left once something can be said of them. */
export function progressLines(
  now: () => number,
  tell: (line: string) => void = remark,
): (progress: ResyncProgress | null) => void {
  const startedAt = now();
  let lastAt = startedAt;
  let work: { readonly at: number; readonly left: number } | null = null;
  return (progress) => {
    if (progress === null) return;
    const at = now();
    if (progress.phase === 'working') work ??= { at, left: progress.left };
    if (at - lastAt < FIRST_LINE_MS) return;
    lastAt = at;
    if (progress.phase === 'reading') {
      const seen = progress.seen.jira + progress.seen.crm;
      tell(`reading: ${seen} records, ${Math.round((seen * 1000) / (at - startedAt))} a second`);
    } else if (work !== null) {
      const rate = (work.left - progress.left) / Math.max(1, at - work.at);
      const eta =
        rate > 0 ? `, ${Math.round(rate * 1000)} a second, about ${Math.ceil(progress.left / rate / 1000)} s left` : '';
      tell(`working: ${progress.left} of ${Math.max(progress.marked, work.left)} left${eta}`);
    }
  };
}
