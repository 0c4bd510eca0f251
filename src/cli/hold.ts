// `pause` and `resume`: a person holds a profile, and lets it go on.
import { SyncError } from '../errors.ts';
import type { Store } from '../state/store.ts';
import { engineRuns } from './engine-runs.ts';
import { requireProfile } from './find-record.ts';
import { print, printJson } from './output.ts';
import { type ConfigFlags, openState, readSetup } from './setup.ts';
import { tellEngine } from './tell-engine.ts';

type Flags = ConfigFlags & { readonly json?: boolean };

async function withProfile(name: string, flags: Flags, use: (store: Store, now: number) => Promise<string>) {
  const setup = readSetup(flags);
  const store = await openState(setup);
  try {
    await requireProfile(store, name);
    const done = await use(store, setup.ports.clock.now());
    await tellEngine(setup, store);
    if (flags.json) printJson(await store.profileState(name));
    else print((await engineRuns(setup, store)) ? done : `${done} It shows when the daemon runs: jira-crm-sync run`);
  } finally {
    await store.close();
  }
}

export async function pause(name: string, flags: Flags & { readonly reason?: string }): Promise<void> {
  await withProfile(name, flags, async (store) => {
    await store.holdProfile(name, 'paused', flags.reason ?? 'somebody said so');
    return `${name} is paused. Let it go on: jira-crm-sync resume ${name}`;
  });
}

export async function resume(name: string, flags: Flags & { readonly accept?: boolean }): Promise<void> {
  await withProfile(name, flags, async (store, now) => {
    const state = await store.profileState(name);
    const halted = state?.halted ?? null;
    const accept = flags.accept === true;
    if (halted !== null && !accept) {
      const cure = `Look at what happened, and if it is right: jira-crm-sync resume ${name} --accept`;
      throw new SyncError(`${name} is halted: ${halted}`, cure);
    }
    if (halted === null && (state?.paused ?? null) === null) return `${name} is neither paused nor halted.`;
    await store.resumeProfile(name, accept && halted !== null, now);
    return halted === null ? `${name} goes on.` : `${name} goes on. Accepted: ${halted}.`;
  });
}
