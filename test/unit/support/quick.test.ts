import { expect, it } from 'vitest';
import { quick } from '../../support/quick.ts';

/** A machine of its own: each try takes what the list says. */
function machine(times: readonly number[], slowness = 1) {
  const left = [...times];
  return {
    slowness: () => slowness,
    timeOf(work: () => unknown) {
      work();
      return left.shift() ?? 0;
    },
  };
}

it('lets through what is slow once, or where everything is', () => {
  let done = 0;
  const work = () => {
    done += 1;
    return done;
  };
  expect(quick('it', 100, work, machine([100]))).toBe(1);
  expect(quick('it', 100, work, machine([300, 300, 300, 300, 90]))).toBe(6);
  expect(quick('it', 100, work, machine([300], 3))).toBe(7);
});

it('refuses what is slow each time', () => {
  const slow = [301, 400, 301, 5_000, 301];
  expect(() => quick('a bomb', 100, () => 1, machine(slow, 3))).toThrow('a bomb took 301 ms on a machine 3.0 times');
});

it('throws what the work throws', () => {
  const refuse = () => {
    throw new Error('refused');
  };
  expect(() => quick('it', 100, refuse)).toThrow('refused');
});
