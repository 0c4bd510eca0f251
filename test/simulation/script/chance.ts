import type { Random } from '../../../src/ports.ts';

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random.next() * list.length)] as T;
}

/** Whole numbers, both ends included. */
export function between(random: Random, low: number, high: number): number {
  return Math.floor(low + random.next() * (high - low + 1));
}

export function chance(random: Random, share: number): boolean {
  return random.next() < share;
}
