import { afterEach, beforeEach } from 'vitest';
import type { Store } from '../../../src/state/store.ts';
import type { OpenStore } from '../store-suite.ts';

/** A fresh store for each case of the surrounding `describe`; call the answer inside a case. */
export function freshStore(open: OpenStore): () => Store {
  let store: Store | undefined;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
  });
  return () => {
    if (store === undefined) throw new Error('no store outside of a case');
    return store;
  };
}
