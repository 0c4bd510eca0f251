// A deliberate mistake as data: which piece of the sources is wrong in which way. The product holds no code for it.
import type { Kind } from '../simulation/script/script.ts';

/**
 * `at` stands exactly once in the file. Replaced is the expression in «…», or the statements in ⟪…⟫; without either, all
 * of it, as statements.
 */
export type Edit = { readonly file: string; readonly at: string; readonly wrong: string };

/**
 * What hunts the bug: schedules of a kind, judged as ever, or the cases of a test file that exists for what the product
 * promises, where records in memory cannot show the bug.
 */
export type Hunt = { readonly schedules: Kind; readonly depth: 'thin' | 'full' } | { readonly cases: string };

export type Bug = Edit & {
  /** `area/what`. */
  readonly id: string;
  /** What goes wrong, in words. */
  readonly what: string;
  /** Where one mistake is made in two places. */
  readonly also?: readonly Edit[];
  /** Default: simulated days at thin depth. */
  readonly hunt?: Hunt;
};

export const DAYS: Hunt = { schedules: 'day', depth: 'thin' };

export function huntOf({ hunt = DAYS }: Bug): Hunt {
  return hunt;
}

export function editsOf({ file, at, wrong, also = [] }: Bug): readonly Edit[] {
  return [{ file, at, wrong }, ...also];
}
