/** Up to three names that somebody may have meant, nearest first; none when all are far off. */
export function nearest(wanted: string, names: readonly string[]): readonly string[] {
  const text = wanted.trim().toLowerCase();
  const limit = Math.max(2, Math.floor(text.length / 2));
  return [...new Set(names)]
    .map((name) => ({ name, distance: distanceOf(text, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= limit || name.toLowerCase().includes(text))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Levenshtein's distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
