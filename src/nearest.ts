// "Did you mean": the names closest to what somebody wrote.

const MAX_COMPARED = 80;

/** Optimal string alignment distance: insert, delete, replace, swap of neighbours each cost 1. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row[j] = best;
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** Up to `limit` candidates that a slip of the hand could have turned into `wanted`, closest first. */
export function nearest(wanted: string, candidates: Iterable<string>, limit = 3): readonly string[] {
  const key = plain(wanted);
  if (key === '') return [];
  const scored = new Map<string, number>();
  for (const candidate of candidates) {
    const other = plain(candidate);
    if (other === '') continue;
    const distance = editDistance(key, other);
    const contained = key.length >= 4 && (other.includes(key) || key.includes(other)) && other.length >= 4;
    if (distance <= Math.max(1, Math.floor(Math.max(key.length, other.length) * 0.4))) scored.set(candidate, distance);
    else if (contained) scored.set(candidate, distance + 1);
  }
  return [...scored]
    .sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, limit)
    .map(([candidate]) => candidate);
}

/** A cure that names the closest candidates, or all of them when they are few, or falls back to `otherwise`. */
export function suggest(wanted: string, candidates: readonly string[], otherwise: string): string {
  const close = nearest(wanted, candidates);
  if (close.length > 0) return `Did you mean ${orList(close)}?`;
  if (candidates.length > 0 && candidates.length <= 12) return `Write one of: ${candidates.map(quoted).join(', ')}.`;
  return otherwise;
}

export function quoted(name: string): string {
  return `\`${name.length > 120 ? `${name.slice(0, 117)}…` : name}\``;
}

function orList(names: readonly string[]): string {
  const all = names.map(quoted);
  if (all.length === 1) return all[0] ?? '';
  return `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

function plain(name: string): string {
  return name.normalize('NFC').trim().toLowerCase().slice(0, MAX_COMPARED);
}
