import { describe, expect, it } from 'vitest';
import { nextMove, PATIENCE_MS, type Seat, type Sharer } from '../../../src/work/shares.ts';

const ALL = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const sharer = (id: string, serves: readonly string[] = ALL): Sharer => ({ id, serves });

function seats(...holders: (string | null)[]): Seat[] {
  return holders.map((holder, at) => ({ connection: ALL[at] as string, holder, freeForMs: 0 }));
}

/** All in turn, each from what stands there then, until nobody wants to move. */
function playOut(living: readonly Sharer[], start: readonly Seat[]): { seats: readonly Seat[]; moves: number } {
  let current = start;
  for (let moves = 0, still = 0; ; ) {
    const me = living[(moves + still) % living.length] as Sharer;
    const move = nextMove(me, living, current);
    if (move === null) {
      still += 1;
      if (still >= living.length) return { seats: current, moves };
      continue;
    }
    still = 0;
    moves += 1;
    if (moves > 100) throw new Error('it does not come to rest');
    const holder = move.kind === 'take' ? me.id : null;
    current = current.map((seat) => (seat.connection === move.connection ? { ...seat, holder } : seat));
  }
}

function counts(living: readonly Sharer[], all: readonly Seat[]): number[] {
  return living.map(({ id }) => all.filter(({ holder }) => holder === id).length);
}

describe('shares', () => {
  it('are even for any number of processes and connections, from any beginning, and then nobody moves', () => {
    for (let processes = 1; processes <= 5; processes += 1) {
      for (let connections = 1; connections <= ALL.length; connections += 1) {
        const living = ['p', 'q', 'r', 's', 't'].slice(0, processes).map((id) => sharer(id));
        for (const first of [null, 'p', living.at(-1)?.id ?? null]) {
          const begin = seats(...Array.from({ length: connections }, () => first));
          const { seats: end, moves } = playOut(living, begin);
          const shares = counts(living, end);
          expect(end.every(({ holder }) => holder !== null)).toBe(true);
          expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
          expect(moves).toBeLessThanOrEqual(3 * connections);
        }
      }
    }
  });

  it('stay as they are when they differ by one', () => {
    const living = [sharer('p'), sharer('q')];
    for (const me of living) expect(nextMove(me, living, seats('p', 'p', 'q'))).toBeNull();
  });

  it('leave a free connection to whoever has fewer, for a while', () => {
    const living = [sharer('p'), sharer('q')];
    const free = seats('p', null);
    expect(nextMove(sharer('p'), living, free)).toBeNull();
    expect(nextMove(sharer('q'), living, free)).toEqual({ kind: 'take', connection: 'b' });
    const late = free.map((seat) => ({ ...seat, freeForMs: PATIENCE_MS }));
    expect(nextMove(sharer('p'), living, late)).toEqual({ kind: 'take', connection: 'b' });
  });

  it('give nothing to a process that does not know the connection', () => {
    const living = [sharer('p', ['a', 'b']), sharer('q', ['z'])];
    expect(nextMove(sharer('p', ['a', 'b']), living, seats('p', 'p'))).toBeNull();
  });

  it('take nothing that they do not know', () => {
    expect(nextMove(sharer('q', ['z']), [sharer('q', ['z'])], seats(null))).toBeNull();
  });

  it('change by one giver at a time', () => {
    const living = [sharer('p'), sharer('q'), sharer('r')];
    const uneven = seats('p', 'p', 'q', 'q');
    expect(nextMove(sharer('p'), living, uneven)).toEqual({ kind: 'give', connection: 'b' });
    expect(nextMove(sharer('q'), living, uneven)).toBeNull();
  });
});
