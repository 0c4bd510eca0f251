// Which records a pass has listed. Ids of both products are numbers that lie close together, so a million of them take a
// bit each instead of a hundred bytes; any other id is kept as it is.

export type IdSet = { add(id: string): void; has(id: string): boolean };

/** Ids per block; a block is 128 bytes. */
const BLOCK = 1_024;
const NUMBER = /^(0|[1-9]\d{0,14})$/;

export function createIdSet(): IdSet {
  const blocks = new Map<number, Uint8Array>();
  const others = new Set<string>();

  return {
    add(id) {
      if (!NUMBER.test(id)) {
        others.add(id);
        return;
      }
      const number = Number(id);
      const key = Math.floor(number / BLOCK);
      let block = blocks.get(key);
      if (block === undefined) {
        block = new Uint8Array(BLOCK / 8);
        blocks.set(key, block);
      }
      const bit = number % BLOCK;
      block[bit >> 3] = (block[bit >> 3] ?? 0) | (1 << (bit & 7));
    },
    has(id) {
      if (!NUMBER.test(id)) return others.has(id);
      const number = Number(id);
      const bit = number % BLOCK;
      return ((blocks.get(Math.floor(number / BLOCK))?.[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
    },
  };
}
