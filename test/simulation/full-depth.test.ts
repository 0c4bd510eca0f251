import { expect, it } from 'vitest';
import { play } from './play/play.ts';
import { generate } from './script/generate.ts';
import { failureOf } from './tell.ts';

const seeds = Array.from({ length: 10 }, (_, at) => at + 1);

// A busy machine takes its time.
const PATIENCE = 600_000;

it.each(seeds)(
  'keeps every promise through a day of edits and faults, seed %i',
  { timeout: PATIENCE },
  async (seed) => {
    const played = await play(generate(seed), { depth: 'full' });
    expect(played.violations.length === 0 ? '' : failureOf(played)).toBe('');
    expect(played.evidence.happenings.length).toBeGreaterThan(20);
  },
);
