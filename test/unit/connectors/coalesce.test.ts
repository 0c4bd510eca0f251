import { describe, expect, it } from 'vitest';
import { announce, createCoalescer, type Outcome } from '../../../src/connectors/coalesce.ts';
import type { Lane } from '../../../src/model.ts';

/** A coalescer whose slots and answers the test hands out by hand. */
type SetUp = { maxBatch?: number; shared?: boolean; gatherAbove?: Partial<Record<Lane, number>> };

function setUp({ maxBatch = 3, shared = true, gatherAbove = {} }: SetUp = {}) {
  const batches: { items: readonly string[]; lane: Lane }[] = [];
  const slots: { lane: Lane; free: () => void; refuse: (error: Error) => void }[] = [];
  let answer = async (items: readonly string[]): Promise<Outcome<string>[]> =>
    items.map((item) => ({ ok: true, value: `${item}!` }));
  const ask = createCoalescer<string, string>({
    maxBatch: () => maxBatch,
    gatherAbove,
    keyOf: (item) => (shared ? item : null),
    slot: (lane) => new Promise((free, refuse) => slots.push({ lane, free, refuse })),
    send: (items, lane) => {
      batches.push({ items, lane });
      return answer(items);
    },
  });
  const free = async () => {
    slots.shift()?.free();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    ask,
    free,
    batches,
    slots,
    answerWith: (next: typeof answer) => {
      answer = next;
    },
  };
}

const live = { lane: 'live' } as const;
const bulk = { lane: 'bulk' } as const;

describe('coalescer', () => {
  it('forms one batch of all that wait when a slot comes free', async () => {
    const { ask, free, batches } = setUp();
    const answers = Promise.all([ask('a', live), ask('b', live), ask('c', live)]);
    expect(batches).toEqual([]);
    await free();
    expect(await answers).toEqual(['a!', 'b!', 'c!']);
    expect(batches).toEqual([{ items: ['a', 'b', 'c'], lane: 'live' }]);
  });

  it('splits what exceeds a batch and asks for the next slot by itself', async () => {
    const { ask, free, batches, slots } = setUp();
    const answers = Promise.all(['a', 'b', 'c', 'd'].map((item) => ask(item, live)));
    await free();
    expect(slots).toHaveLength(1);
    await free();
    expect(await answers).toEqual(['a!', 'b!', 'c!', 'd!']);
    expect(batches.map((batch) => batch.items)).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('sends live asks first and asks for a slot of their own while a bulk slot is awaited', async () => {
    const { ask, free, batches, slots } = setUp();
    const answers = ['s1', 's2', 's3', 's4'].map((item) => ask(item, bulk));
    answers.push(ask('edit', live));
    expect(slots.map((slot) => slot.lane)).toEqual(['bulk', 'live']);
    await free();
    await free();
    expect(batches).toEqual([
      { items: ['edit', 's1', 's2'], lane: 'live' },
      { items: ['s3', 's4'], lane: 'bulk' },
    ]);
    await Promise.all(answers);
  });

  it('gives equal asks one answer, in the more urgent lane', async () => {
    const { ask, free, batches } = setUp();
    const answers = Promise.all([ask('x', bulk), ask('a', bulk), ask('a', live)]);
    await free();
    expect(await answers).toEqual(['x!', 'a!', 'a!']);
    expect(batches).toEqual([{ items: ['a', 'x'], lane: 'live' }]);
  });

  it('does not join an ask that has left already: its answer may be older than a write in between', async () => {
    const { ask, free, batches, answerWith } = setUp();
    let reply: (outcomes: Outcome<string>[]) => void = () => {};
    answerWith(() => new Promise((resolve) => (reply = resolve)));
    const first = ask('a', live);
    await free();
    const replyToFirst = reply;
    const second = ask('a', live);
    await free();
    expect(batches).toHaveLength(2);
    replyToFirst([{ ok: true, value: 'old' }]);
    reply([{ ok: true, value: 'new' }]);
    expect(await Promise.all([first, second])).toEqual(['old', 'new']);
  });

  it('never shares writes', async () => {
    const { ask, free, batches } = setUp({ shared: false });
    const answers = Promise.all([ask('a', live), ask('a', live)]);
    await free();
    await answers;
    expect(batches[0]?.items).toEqual(['a', 'a']);
  });

  it('drops aborted asks, but keeps one that somebody else still wants', async () => {
    const { ask, free, batches } = setUp();
    const giveUp = new AbortController();
    const dropped = ask('a', { ...live, signal: giveUp.signal });
    const shared = ask('b', { ...live, signal: giveUp.signal });
    const kept = ask('b', live);
    giveUp.abort('enough');
    await expect(dropped).rejects.toBe('enough');
    await expect(shared).rejects.toBe('enough');
    await free();
    expect(await kept).toBe('b!');
    expect(batches).toEqual([{ items: ['b'], lane: 'live' }]);
  });

  it('waits for the outcome of a write that has left, whatever the signal says', async () => {
    const { ask, free, answerWith } = setUp({ shared: false });
    let reply: (outcomes: Outcome<string>[]) => void = () => {};
    answerWith(() => new Promise((resolve) => (reply = resolve)));
    const giveUp = new AbortController();
    const write = ask('w', { ...live, signal: giveUp.signal });
    await free();
    giveUp.abort('too late');
    reply([{ ok: true, value: 'written' }]);
    expect(await write).toBe('written');
  });

  it('gives every item its own outcome, and all of them the error of the whole batch', async () => {
    const { ask, free, answerWith } = setUp();
    answerWith(async () => [
      { ok: true, value: 'fine' },
      { ok: false, error: new Error('refused') },
    ]);
    const mixed = Promise.allSettled([ask('a', live), ask('b', live)]);
    await free();
    expect((await mixed).map((result) => result.status)).toEqual(['fulfilled', 'rejected']);
    answerWith(async () => {
      throw new Error('broken');
    });
    const both = Promise.allSettled([ask('c', live), ask('d', live)]);
    await free();
    for (const result of await both) expect(result).toMatchObject({ reason: { message: 'broken' } });
  });

  it('gathers the bulk lane while a batch is under way, but neither a whole batch nor a live ask waits', async () => {
    const { ask, free, slots, batches, answerWith } = setUp({ gatherAbove: { bulk: 1 } });
    const replies: (() => void)[] = [];
    answerWith(
      (items) =>
        new Promise((resolve) => {
          replies.push(() => resolve(items.map((item) => ({ ok: true, value: item }))));
        }),
    );
    const answers = [ask('a', bulk)];
    await free();
    answers.push(ask('b', bulk), ask('c', bulk));
    expect(slots).toHaveLength(0);
    answers.push(ask('edit', live));
    await free();
    expect(batches.at(-1)?.items).toEqual(['edit', 'b', 'c']);
    answers.push(ask('d', bulk), ask('e', bulk), ask('f', bulk));
    await free();
    expect(batches.at(-1)?.items).toEqual(['d', 'e', 'f']);
    answers.push(ask('g', bulk));
    expect(slots).toHaveLength(0);
    for (const reply of replies.splice(0)) reply();
    await new Promise((resolve) => setImmediate(resolve));
    await free();
    replies[0]?.();
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'edit', 'd', 'e', 'f', 'g']);
  });

  it('hands the refusal of a slot to those who waited for it and goes on afterwards', async () => {
    const { ask, free, slots } = setUp();
    const refused = ask('a', live);
    slots.shift()?.refuse(new Error('quota spent'));
    await expect(refused).rejects.toThrow('quota spent');
    const next = ask('b', live);
    await free();
    expect(await next).toBe('b!');
  });

  it('keeps back an item whose hook rejects and lets the others leave', async () => {
    const called: string[] = [];
    const outcomes = await announce([
      { name: 'a', onSend: async () => void called.push('a') },
      { name: 'b', onSend: async () => Promise.reject(new Error('lease lost')) },
      { name: 'c' },
    ]);
    expect(called).toEqual(['a']);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true]);
    expect(outcomes[1]).toMatchObject({ error: { message: 'lease lost' } });
  });
});
