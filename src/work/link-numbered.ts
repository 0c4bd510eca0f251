import type { Link, Store } from '../state/store.ts';

/** The pair that a conflict or a journal entry names; null when it has ended since. */
export async function linkNumbered(store: Store, profile: string, id: number): Promise<Link | null> {
  const [found] = await store.links(profile, id - 1, 1);
  return found?.id === id ? found : null;
}
