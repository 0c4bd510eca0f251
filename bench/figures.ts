// What is measured against what: one figure, its budget, and how much of the budget it takes.

/** `most`: the value may not be above it; `least`: not below it. */
export type Budget = { readonly most: number } | { readonly least: number };

export type Figure = {
  /** As in the table of budgets: `P5`. */
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Null: shown to explain the others. */
  readonly budget: Budget | null;
};

export type Verdict = 'met' | 'missed' | null;

/** The part of the budget that is used: 1 and below is met. */
export function ratioOf({ value, budget }: Figure): number | null {
  if (budget === null) return null;
  if ('least' in budget) return budget.least / value;
  // Nothing of something is allowed: nothing uses nothing up.
  return budget.most === 0 ? (value === 0 ? 0 : Number.POSITIVE_INFINITY) : value / budget.most;
}

export function verdictOf(figure: Figure): Verdict {
  const ratio = ratioOf(figure);
  if (ratio === null) return null;
  return ratio <= 1 ? 'met' : 'missed';
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** By nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
