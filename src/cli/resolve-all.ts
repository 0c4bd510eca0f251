// `conflicts resolve-all`: one decision for many held conflicts, shown before it is taken.
import type { Conflict, Store } from '../state/store.ts';
import { linkNumbered } from '../work/link-numbered.ts';
import { type Ask, withEngine } from './ask-engine.ts';
import { requireProfile } from './find-record.ts';
import { EXIT, print, printJson, styled } from './output.ts';
import { type ConfigFlags, openState, readSetup } from './setup.ts';
import { shown } from './show-report.ts';

type Flags = ConfigFlags & {
  readonly take: 'jira' | 'crm';
  readonly field?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
};

/** Side by side, so that the writes fill the vendors' batches. */
const AT_ONCE = 20;

export async function resolveAll(profile: string, flags: Flags): Promise<void> {
  const setup = readSetup(flags);
  if (!flags.apply) {
    const store = await openState(setup);
    try {
      await requireProfile(store, profile);
      return await showPlan(store, await openConflicts(store, profile, flags), flags);
    } finally {
      await store.close();
    }
  }
  const { decided, left } = await withEngine(
    setup,
    async (store, ask) => {
      await requireProfile(store, profile);
      const chosen = await openConflicts(store, profile, flags);
      for (let at = 0; at < chosen.length; at += AT_ONCE) {
        const group = chosen.slice(at, at + AT_ONCE);
        await Promise.all(group.map((conflict) => decide(store, ask, conflict, flags.take, setup.ports.clock.now())));
      }
      return { decided: chosen.length, left: (await openConflicts(store, profile, flags)).length };
    },
    true,
  );
  if (flags.json) printJson({ decided, left });
  else if (decided === 0) print('No conflict is open there.');
  else
    print(`${decided - left} of ${decided} conflicts are settled for ${flags.take}${left === 0 ? '.' : remedy(left)}`);
  process.exitCode = left === 0 ? EXIT.fine : EXIT.differs;
}

function remedy(left: number): string {
  return `; ${left} ${left === 1 ? 'is' : 'are'} open still: see conflicts list, and parked list for writes that were refused.`;
}

async function decide(store: Store, ask: Ask, conflict: Conflict, side: 'jira' | 'crm', now: number): Promise<void> {
  await store.decideConflict(conflict.id, { side }, now);
  const link = await linkNumbered(store, conflict.profile, conflict.linkId);
  if (link === null) return;
  const key = { profile: conflict.profile, side: 'crm', id: link.ids.crm };
  await ask({ kind: 'sync', args: { profile: conflict.profile, key } });
}

async function openConflicts(store: Store, profile: string, { field }: Flags): Promise<readonly Conflict[]> {
  const open = await store.conflicts({ profile, status: 'open' });
  return field === undefined ? open : open.filter((conflict) => conflict.field === field);
}

async function showPlan(store: Store, conflicts: readonly Conflict[], flags: Flags): Promise<void> {
  if (flags.json) return printJson(conflicts);
  if (conflicts.length === 0) return print('No conflict is open there.');
  const loser = flags.take === 'jira' ? 'crm' : 'jira';
  for (const conflict of conflicts) {
    const link = await linkNumbered(store, conflict.profile, conflict.linkId);
    const name = link === null ? `pair ${conflict.linkId}` : `${link.keys.jira} <> ${link.keys.crm}`;
    const { values } = conflict;
    print(
      `${styled('bold', `#${conflict.id} ${name}`)} ${conflict.field}: ${loser} ${shown(values[loser])} -> ${shown(values[flags.take])}`,
    );
  }
  print(`${conflicts.length} would be settled for ${flags.take}. Nothing was decided; add --apply to do it.`);
}
