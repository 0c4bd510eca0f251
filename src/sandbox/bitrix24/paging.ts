// `start`, `next`, `total`: pages of 50. With start=-1 nothing is counted and no next page is named.
import type { Params } from './form.ts';
import type { Portal } from './portal.ts';

export const PAGE = 50;

export type Answer = { readonly result: unknown; readonly total?: number; readonly next?: number };
export type Page<T> = { readonly rows: readonly T[]; readonly total?: number; readonly next?: number };

export type PageAsk = { readonly counted: boolean; readonly start: number };

export function readStart(params: Params, unaligned: 'A' | 'B', keyset = true): PageAsk {
  const start = Math.trunc(Number(params.start ?? params.START ?? 0)) || 0;
  if (start < 0) return keyset ? { counted: false, start: 0 } : { counted: true, start: 0 };
  // Methods on the old core round down to a page, ORM ones take the offset as it is.
  return { counted: true, start: unaligned === 'A' ? start : start - (start % PAGE) };
}

export function pageOf<T>(portal: Portal, rows: readonly T[], ask: PageAsk): Page<T> {
  const page = rows.slice(ask.start, ask.start + PAGE);
  if (!ask.counted) return uncounted(portal, page);
  const end = ask.start + page.length;
  return { rows: page, total: rows.length, ...(end < rows.length ? { next: end } : {}) };
}

export function uncounted<T>(portal: Portal, rows: readonly T[]): Page<T> {
  return portal.settings.variants['list-start-minus-one'] === 'A' ? { rows, total: 0 } : { rows };
}

export function answer(page: Page<unknown>, result: unknown): Answer {
  return {
    result,
    ...(page.total === undefined ? {} : { total: page.total }),
    ...(page.next === undefined ? {} : { next: page.next }),
  };
}
