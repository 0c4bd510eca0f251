// Two processes that would spend the same token at the same moment.
import { expect, it } from 'vitest';
import { takingTurns } from '../../../src/daemon/turns.ts';
import { createLeaseMemory } from '../../support/lease-memory.ts';
import { createPausable } from '../../support/pausable.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function processes(count: number) {
  const clock = createVirtualClock();
  const store = createLeaseMemory();
  const all = Array.from({ length: count }, (_, at) => {
    const pausable = createPausable(clock);
    const holder = `process-${at}`;
    return { pausable, exclusively: takingTurns({ store: pausable.wrap(store), clock: pausable.clock, holder }) };
  });
  return { clock, all };
}

it('takes turns, and everybody gets one', async () => {
  const { clock, all } = processes(4);
  let inside = 0;
  let most = 0;
  const turns = all.map(({ exclusively, pausable }) =>
    exclusively('office', async () => {
      inside += 1;
      most = Math.max(most, inside);
      await pausable.clock.sleep(700);
      inside -= 1;
    }),
  );
  await clock.until(Promise.all(turns));
  expect(most).toBe(1);
});

it('keeps what is about another connection apart', async () => {
  const { clock, all } = processes(2);
  const began = clock.now();
  const [first, second] = all;
  const turns = [
    first?.exclusively('north', () => clock.sleep(500)),
    second?.exclusively('south', () => clock.sleep(500)),
  ];
  await clock.until(Promise.all(turns));
  expect(clock.now() - began).toBe(500);
});

it('gives the turn back when the work fails', async () => {
  const { clock, all } = processes(2);
  const failing = all[0]?.exclusively('office', () => Promise.reject(new Error('refused')));
  await expect(failing).rejects.toThrow('refused');
  expect(await clock.until(all[1]?.exclusively('office', async () => 'mine') ?? Promise.resolve(''))).toBe('mine');
});

it('waits out one that died in its turn', async () => {
  const { clock, all } = processes(2);
  const [dead, next] = all;
  const began = clock.now();
  dead?.exclusively('office', () => dead.pausable.clock.sleep(100)).catch(() => {});
  await clock.settle();
  dead?.pausable.pause();
  await clock.until(next?.exclusively('office', async () => {}) ?? Promise.resolve());
  expect(clock.now() - began).toBeGreaterThan(44_000);
  expect(clock.now() - began).toBeLessThan(50_000);
});
