// Many records with one reason are told once.

const SHOWN = 10;

export type Group = { readonly why: string; readonly who: string; readonly count: number };

/** In the order in which the reasons first came; of each the first few records by name. */
export function grouped(items: readonly { readonly why: string; readonly who: string }[]): Group[] {
  const groups = new Map<string, string[]>();
  for (const { why, who } of items) {
    const names = groups.get(why);
    if (names === undefined) groups.set(why, [who]);
    else names.push(who);
  }
  return [...groups].map(([why, names]) => {
    const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
    return { why, who: names.slice(0, SHOWN).join(', ') + more, count: names.length };
  });
}
