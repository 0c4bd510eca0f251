// Who should work for which connection: pure. Everybody decides for himself from the same table, so that no process has
// to be asked: a free connection goes to whoever has the fewest, and whoever has two more than another gives one away.

/** `holder` is null where nobody lives who holds it; then `freeForMs` tells for how long that is known. */
export type Seat = { readonly connection: string; readonly holder: string | null; readonly freeForMs: number };

export type Sharer = {
  readonly id: string;
  /** The connections that it knows and would take. */
  readonly serves: readonly string[];
};

export type Move =
  | { readonly kind: 'take'; readonly connection: string }
  | { readonly kind: 'give'; readonly connection: string };

/** Those who are meant take a free connection at once; later anybody does. */
export const PATIENCE_MS = 5_000;

/** The next step of `me`, or null. `living` has all that are alive, `me` among them. */
export function nextMove(me: Sharer, living: readonly Sharer[], seats: readonly Seat[]): Move | null {
  const count = (id: string) => seats.filter(({ holder }) => holder === id).length;
  const own = count(me.id);

  for (const { connection, holder, freeForMs } of seats) {
    if (holder !== null || !me.serves.includes(connection)) continue;
    const rivals = living.filter((other) => other.serves.includes(connection));
    if (freeForMs >= PATIENCE_MS || rivals.every((other) => count(other.id) >= own)) {
      return { kind: 'take', connection };
    }
  }

  for (const { connection, holder } of seats.toReversed()) {
    if (holder !== me.id) continue;
    const poor = living.some((other) => other.serves.includes(connection) && count(other.id) <= own - 2);
    // One gives at a time, so that two do not give for the same taker.
    const richest = living.every(({ id }) => count(id) < own || (count(id) === own && id >= me.id));
    const unclaimed = seats.some((seat) => seat.holder === null);
    if (poor && richest && !unclaimed) return { kind: 'give', connection };
  }
  return null;
}
