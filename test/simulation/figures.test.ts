// Figures that are promised: one write per edit and none back, how soon a change is there.
import { expect, it } from 'vitest';
import { type Played, play } from './play/play.ts';
import { brokenIn, proveSpecial } from './prove.ts';
import { TEST_TIMEOUT } from './schedules.ts';
import { isolatedEdits } from './script/calm.ts';
import type { Happening } from './stage/stage.ts';

const file = 'test/simulation/figures.test.ts';
const MINUTE = 60_000;

/** After the first match pass. */
function editsIn({ evidence }: Played): readonly Happening[] {
  const first = evidence.happenings.findIndex(({ actor, what }) => actor === 'person' && what === 'update');
  return evidence.happenings.slice(first).filter(({ actor, changes }) => actor === 'person' && changes.length > 0);
}

it('writes once per isolated edit, and nothing back to where it came from', { timeout: TEST_TIMEOUT }, async () => {
  await expect(
    proveSpecial({
      goal: 'G8',
      what: 'writes per isolated edit; writes back to the origin',
      schedules: [30, 2_000],
      minutes: [3, 20],
      file,
      async each(seed) {
        const played = await play(isolatedEdits(seed, 'normal'), { depth: seed % 10 === 0 ? 'full' : 'thin' });
        const edits = editsIn(played);
        for (const [at, edit] of edits.entries()) {
          const until = edits[at + 1]?.at ?? Number.POSITIVE_INFINITY;
          const writes = played.evidence.sent.filter((write) => write.at >= edit.at && write.at < until);
          const back = writes.filter(({ side }) => side === edit.side).length;
          if (writes.length === 1 && back === 0) continue;
          return { broken: `${writes.length} writes, ${back} back, after ${JSON.stringify(edit)}`, cases: at };
        }
        return { broken: brokenIn(played), cases: edits.length };
      },
      reached: (cases) => `exactly 1.00 for ${cases.toLocaleString('en')} edits; 0 back`,
    }),
  ).resolves.toBeUndefined();
});

it.each([
  ['deliveries', 'normal', 5_000],
  // The sweep, its tick of a minute, and two requests that take their time.
  ['sweeps alone', 'lost', 15 * MINUTE + 2 * MINUTE],
] as const)('carries a change over in time, by %s', { timeout: TEST_TIMEOUT }, async (way, webhooks, limit) => {
  const delays: number[] = [];
  await expect(
    proveSpecial({
      goal: 'G15',
      what: `staleness by ${way}, p99 of virtual time`,
      schedules: [15, 1_000],
      minutes: [3, 20],
      file,
      async each(seed) {
        const played = await play(isolatedEdits(seed + 500, webhooks), { depth: seed % 10 === 0 ? 'full' : 'thin' });
        const edits = editsIn(played);
        for (const edit of edits) {
          const there = played.evidence.happenings.find(({ seq, actor }) => seq > edit.seq && actor === 'daemon');
          delays.push((there?.at ?? Number.POSITIVE_INFINITY) - edit.at);
        }
        delays.sort((a, b) => a - b);
        const late = (delays[Math.floor(delays.length * 0.99)] ?? 0) > limit;
        return {
          broken: brokenIn(played) ?? (late ? `p99 is ${delays[Math.floor(delays.length * 0.99)]} ms` : null),
          cases: edits.length,
        };
      },
      reached: () => `p99 ${((delays[Math.floor(delays.length * 0.99)] ?? 0) / 1000).toFixed(1)} s`,
    }),
  ).resolves.toBeUndefined();
});
