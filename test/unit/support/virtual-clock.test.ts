import { describe, expect, it } from 'vitest';
import { withDeadline } from '../../../src/ports.ts';
import { createOutsideWork, trackVerbs } from '../../support/outside-work.ts';
import { createPromiseClock, createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

describe('the virtual clock', () => {
  it('fires timers by due time, then by order of making', async () => {
    const clock = createVirtualClock(0);
    const fired: string[] = [];
    const after = (ms: number, name: string) => clock.sleep(ms).then(() => fired.push(`${name}@${clock.now()}`));
    void after(20, 'c');
    void after(10, 'a');
    void after(10, 'b');
    await clock.advance(15);
    expect(fired).toEqual(['a@10', 'b@10']);
    expect(clock.now()).toBe(15);
    await clock.advance(5);
    expect(fired.at(-1)).toBe('c@20');
  });
  it('drains all promise work before the next timer, also through rounds of the event loop', async () => {
    await expectDrained(createVirtualClock(0), async () => {
      for (let n = 0; n < 100; n += 1) await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    });
  });
  it('drains promises without a turn of the event loop where all work is promises, however long they are', async () => {
    let turns = 0;
    setImmediate(() => {
      turns += 1;
    });
    await expectDrained(createPromiseClock(0), async () => {
      for (let n = 0; n < 10_000; n += 1) await Promise.resolve();
    });
    expect(turns).toBe(0);
  });
  it('does not go on before what happens outside, in real time, has ended', async () => {
    const outside = createOutsideWork();
    const clock = createVirtualClock(0, outside);
    const slow = trackVerbs({ ask: () => new Promise<void>((resolve) => setTimeout(resolve, 5)) }, outside);
    let bells = 1;
    outside.alsoAwait(async () => {
      if (bells > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      bells = 0;
    });
    const fired: string[] = [];
    const work = async () => {
      await clock.sleep(10);
      for (let round = 0; round < 3; round += 1) await slow.ask();
      fired.push(`work@${clock.now()}`);
    };
    void work();
    void clock.sleep(11).then(() => fired.push(`late@${clock.now()}, ${bells} bells`));
    await clock.advance(20);
    expect(fired).toEqual(['work@10', 'late@11, 0 bells']);
  });
  it('runs a day of minutes until nothing is left', async () => {
    const clock = createVirtualClock(0);
    let rounds = 0;
    const loop = async () => {
      while (rounds < 1440) {
        await clock.sleep(60_000);
        rounds += 1;
      }
    };
    void loop();
    await clock.runUntilIdle();
    expect([rounds, clock.now()]).toEqual([1440, 86_400_000]);
  });
  it('says so when timers never end', async () => {
    const clock = createVirtualClock(0);
    const loop = async () => {
      for (;;) await clock.sleep(1000);
    };
    void loop();
    await expect(clock.runUntilIdle(60_000)).rejects.toThrow('still re-arm themselves');
  });
  it('forgets an aborted timer without letting its time pass', async () => {
    const clock = createVirtualClock(0);
    const abort = new AbortController();
    const sleeping = clock.sleep(5000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(clock.sleep(1, abort.signal)).rejects.toThrow('enough');
    expect(clock.pending()).toBe(0);
    await clock.runUntilIdle();
    expect(clock.now()).toBe(0);
  });
  it('carries deadlines', async () => {
    const clock = createVirtualClock(0);
    const never = withDeadline(clock, 30_000, undefined, (signal) => {
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    await expect(clock.until(never)).rejects.toThrow('no answer within 30000 ms');
    expect(clock.now()).toBe(30_000);
    expect(await clock.until(withDeadline(clock, 30_000, undefined, async () => 7))).toBe(7);
    expect([clock.now(), clock.pending()]).toEqual([30_000, 0]);
  });
  it('runs until a condition holds, and no further', async () => {
    const clock = createVirtualClock(0);
    let ticks = 0;
    const loop = async () => {
      while (ticks < 100) {
        await clock.sleep(10);
        ticks += 1;
      }
    };
    void loop();
    await clock.runUntil(() => ticks === 3);
    expect(clock.now()).toBe(30);
    await expect(clock.runUntil(() => false, 50)).rejects.toThrow('not within 50 ms');
    await expect(clock.runUntil(() => false)).rejects.toThrow('nothing is left to happen');
  });
  it('steps without firing', async () => {
    const clock = createVirtualClock(1000);
    let fired = false;
    void clock.sleep(10).then(() => {
      fired = true;
    });
    clock.jump(3_600_000);
    await clock.settle();
    expect([clock.now(), fired]).toEqual([3_601_000, false]);
    await clock.advance(0);
    expect([clock.now(), fired]).toEqual([3_601_000, true]);
  });
});

/** Work that takes long, but no virtual time, ends before a later timer fires, and so does what it arms. */
async function expectDrained(clock: VirtualClock, long: () => Promise<void>): Promise<void> {
  const fired: string[] = [];
  const work = async () => {
    await clock.sleep(10);
    await long();
    fired.push(`work@${clock.now()}`);
    await clock.sleep(1);
    fired.push(`more@${clock.now()}`);
  };
  void work();
  void clock.sleep(12).then(() => fired.push(`late@${clock.now()}`));
  await clock.advance(100);
  expect(fired).toEqual(['work@10', 'more@11', 'late@12']);
}
