import { describe, expect, it } from 'vitest';
import type { Side } from '../../../src/model.ts';
import { isFlipFlopping } from '../../../src/sync/flip-flop.ts';

const NOW = Date.UTC(2026, 10, 17, 12);
const SECOND = 1000;

/** Writes one second apart, the last one second ago; `jA` is value A written to Jira. */
function writes(story: string) {
  const steps = story.split(' ').filter((step) => step !== '');
  return steps.map((step, index) => ({
    field: 'Stage',
    side: (step.startsWith('j') ? 'jira' : 'crm') as Side,
    after: step.slice(1),
    at: NOW - (steps.length - index) * SECOND,
  }));
}

describe('the flip-flop breaker', () => {
  it.each<[string, string, boolean]>([
    ['lets a field without writes go on', '', false],
    ['lets five swings pass', 'cA jB cA jB cA', false],
    ['stops before the seventh write of a robot that reverts', 'cA jB cA jB cA jB', true],
    ['stops a ping-pong whose value drifts', 'c1 j2 c3 j4 c5 j6', true],
    ['stops one side that toggles between two values', 'cA cB cA cB cA cB', true],
    ['lets a person type on one side', 'c1 c2 c3 c4 c5 c6 c7 c8 c9', false],
    ['counts only swings', 'cA c1 c2 c3 jB c4 c5', false],
  ])('%s', (_, story, expected) => {
    expect(isFlipFlopping(writes(story), 'Stage', NOW)).toBe(expected);
  });

  it('forgets what is older than ten minutes, and other fields', () => {
    const story = writes('cA jB cA jB cA jB');
    expect(isFlipFlopping(story, 'Amount', NOW)).toBe(false);
    expect(isFlipFlopping(story, 'Stage', NOW + 10 * 60 * SECOND)).toBe(false);
  });

  it('does not depend on the order it is told', () => {
    expect(isFlipFlopping(writes('cA jB cA jB cA jB').reverse(), 'Stage', NOW)).toBe(true);
  });
});
