// After something was left in the state: where processes share a queue, whoever works on it need not wait to look.
import type { Store } from '../state/store.ts';
import type { Setup } from './setup.ts';

export async function tellEngine({ config, ports }: Setup, store: Store): Promise<void> {
  if (config.queue === null) return;
  const { callEngine } = await import('../daemon/queue.ts');
  await callEngine({ config, store, ...ports });
}
