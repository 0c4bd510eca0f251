import { expect, it } from 'vitest';
import { RateLimitedError } from '../../../src/errors.ts';
import { createQuotas } from '../../../src/work/quotas.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const clock = createVirtualClock();

it('limits nothing while no resync is staged', () => {
  const quotas = createQuotas(clock, false);
  expect(quotas.of('procurement', 'bulk', 'jira/1')).toBeNull();
  expect(quotas.of('procurement', 'live', 'jira/1')).toBeNull();
});

it('lets so many writes through, and holds the rest back for as long as nobody asks', () => {
  const quotas = createQuotas(clock, false);
  const { now, end } = quotas.begin('procurement', 3);
  const take = (record: string, writes: number) => quotas.of('procurement', 'bulk', record)?.take(writes);
  take('jira/1', 2);
  take('jira/2', 0);
  const refused = () => take('jira/3', 2);
  expect(refused).toThrow(RateLimitedError);
  expect(refused).toThrow(
    expect.objectContaining({ retryAt: expect.toSatisfy((at: number) => at > clock.now() + 1e11) }),
  );
  // One would still fit, but what goes over is a beginning and not a selection.
  expect(() => take('jira/4', 1)).toThrow(RateLimitedError);
  expect(now()).toEqual({ writes: 2, heldBack: 2 });
  expect(end()).toEqual({ writes: 2, heldBack: 2 });
  expect(quotas.of('procurement', 'bulk', 'jira/3')).toBeNull();
});

it('leaves the edits of people and other profiles alone beside a daemon', () => {
  const quotas = createQuotas(clock, false);
  quotas.begin('procurement', 0);
  expect(quotas.of('procurement', 'live', 'jira/1')).toBeNull();
  expect(quotas.of('leads', 'bulk', 'jira/1')).toBeNull();
});

it('lets an engine of its own write nothing that no command allows', () => {
  const quotas = createQuotas(clock, true);
  expect(() => quotas.of('leads', 'live', 'jira/1')?.take(1)).toThrow(RateLimitedError);
  quotas.of('leads', 'live', 'jira/1')?.take(0);
  const early = quotas.of('procurement', 'live', 'jira/1');
  const { end } = quotas.begin('procurement', 1);
  // Work that began before the command takes from it too.
  early?.take(1);
  expect(end()).toEqual({ writes: 1, heldBack: 0 });
  expect(() => early?.take(1)).toThrow(RateLimitedError);
});
