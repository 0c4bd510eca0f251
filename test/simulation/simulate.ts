// npm run simulate -- --seed 7 [--count 100] [--depth thin|full] [--kind creates] [--trace] [--shrink]: plays schedules and says what held.
import { parseArgs } from 'node:util';
import { type Depth, play } from './play/play.ts';
import { isKind, scriptOf } from './script/calm.ts';
import { shrink } from './shrink.ts';
import { failureOf, storyOf } from './tell.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    depth: { type: 'string', default: 'full' },
    kind: { type: 'string', default: 'day' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
  },
});
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const first = Number(values.seed);
const depth: Depth = values.depth === 'thin' ? 'thin' : 'full';
const kind = isKind(values.kind) ? values.kind : 'day';
let failed = 0;
for (let seed = first; seed < first + Number(values.count); seed += 1) {
  const script = scriptOf(kind, seed);
  const played = await play(script, { depth });
  const good = played.violations.length === 0;
  if (values.trace) for (const line of storyOf(played)) say(line);
  const { happenings, requests } = played.evidence;
  say(good ? `seed ${seed}: all held, ${happenings.length} changes, ${requests} requests` : failureOf(played));
  if (good) continue;
  failed += 1;
  if (!values.shrink) continue;
  const smaller = await shrink(script, depth);
  say(`the same with ${smaller.script.actions.length} of ${script.actions.length} actions:`);
  for (const line of storyOf(smaller)) say(line);
  say(failureOf(smaller));
}
if (failed > 0) process.exitCode = 1;
