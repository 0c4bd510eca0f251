import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createIdSet } from '../../../src/sync/id-set.ts';

const id = fc.oneof(
  fc.nat(5_000).map(String),
  fc.maxSafeNat().map(String),
  fc.nat(20).map((number) => `0${number}`),
  fc.string({ maxLength: 4 }),
);

it('holds what a set of texts holds', () => {
  fc.assert(
    fc.property(fc.array(id), fc.array(id), (added, asked) => {
      const [ids, texts] = [createIdSet(), new Set<string>()];
      for (const one of added) {
        ids.add(one);
        texts.add(one);
      }
      for (const one of [...added, ...asked]) expect(ids.has(one)).toBe(texts.has(one));
    }),
    { seed: 20 },
  );
});

it('tells neighbours apart, over the edges of its blocks', () => {
  const ids = createIdSet();
  for (let number = 0; number < 5_000; number += 2) ids.add(String(number));
  for (let number = 0; number < 5_000; number += 1) expect(ids.has(String(number))).toBe(number % 2 === 0);
  expect(ids.has('04')).toBe(false);
});
