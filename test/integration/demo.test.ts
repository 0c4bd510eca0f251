// As `npm start` runs it: from the sources.
import { afterEach, describe, expect, it } from 'vitest';
import { createPlayground } from '../support/real-processes.ts';

const playground = createPlayground('sources');
afterEach(() => playground.close());

describe('demo --once --json', () => {
  it('ends with 0, nothing but one line of JSON, and both sides in step', async () => {
    const { code, out, err } = await playground.start(['demo', '--once', '--json']).ended;
    expect(err).toBe('');
    expect(out.split('\n')).toHaveLength(2);
    const result = JSON.parse(out);
    expect(Object.keys(result)).toEqual([
      'pairs',
      'created',
      'updated',
      'changesShown',
      'converged',
      'elapsedMs',
      'requests',
    ]);
    expect(code).toBe(0);
    expect(result.converged).toBe(true);
    expect(result.changesShown).toBeGreaterThanOrEqual(6);
    expect(result.pairs).toBeGreaterThan(50);
    expect(result.created).toBeGreaterThan(50);
    expect(result.updated).toBeGreaterThan(0);
    expect(result.requests).toEqual({ jira: expect.any(Number), crm: expect.any(Number) });
  });
});
