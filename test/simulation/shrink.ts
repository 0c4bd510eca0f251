// Cuts a schedule that does not hold down to the actions that matter: parts of the list are left out, ever smaller ones,
// as long as one of the same invariants still breaks.
import { type Depth, type Played, play } from './play/play.ts';
import type { Script } from './script/script.ts';

const MOST_PLAYS = 150;

export async function shrink(script: Script, depth: Depth): Promise<Played> {
  let best = await play(script, { depth });
  const broken = new Set(best.violations.map(({ invariant }) => invariant));
  let plays = 1;

  async function stillBreaks(candidate: Script): Promise<boolean> {
    plays += 1;
    const played = await play(candidate, { depth });
    if (!played.violations.some(({ invariant }) => broken.has(invariant))) return false;
    best = played;
    return true;
  }

  for (let size = Math.ceil(script.actions.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.script.actions.length && plays < MOST_PLAYS; ) {
      const { actions } = best.script;
      const left = [...actions.slice(0, at), ...actions.slice(at + size)];
      if (!(await stillBreaks({ ...best.script, actions: left }))) at += size;
    }
  }
  return best;
}
