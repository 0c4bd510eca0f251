// What a process that dies leaves behind: the files are copied while the store is open, without closing it, and the
// copy is opened as the next process would.
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/state/sqlite-store.ts';
import type { Store } from '../../../src/state/store.ts';
import {
  claimOne,
  deal,
  heldConflict,
  issue,
  marked,
  NOW,
  PROFILE,
  page,
  paired,
  settlement,
  sighting,
  written,
} from '../../support/store-samples.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const newFolder = temporaryFolders();
const INTENT = { key: 'nordhafen:issue-10021', profile: PROFILE, side: 'crm', sourceId: '10021' } as const;

function stage() {
  const folder = newFolder();
  const path = join(folder, 'state.db');
  const store = openSqliteStore(path);
  let copies = 0;

  async function afterCrash(look: (reopened: Store) => Promise<void>): Promise<void> {
    copies += 1;
    const copy = join(folder, `copy-${copies}.db`);
    for (const suffix of ['', '-wal']) if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
    const reopened = openSqliteStore(copy);
    try {
      await look(reopened);
    } finally {
      await reopened.close();
    }
  }
  return { store, path, afterCrash };
}

it('has every hint that was answered', async () => {
  const { store, afterCrash } = stage();
  await store.acceptDelivery('d-1', [marked(issue('10021'))], NOW);
  await afterCrash(async (reopened) => {
    expect(await reopened.dirtyRow(issue('10021'))).toMatchObject({ generation: 1 });
    expect(await reopened.acceptDelivery('d-1', [], NOW)).toEqual({ duplicate: true });
  });
  await store.close();
});

it('has the rows of a page together with its cursor', async () => {
  const { store, afterCrash } = stage();
  await store.observe(page('jira', [sighting('1')], { cursor: { name: 'c', value: '5' } }), NOW);
  await afterCrash(async (reopened) => {
    expect(await reopened.cursor('c')).toBe('5');
    expect(await reopened.dirtyRow(issue('1'))).not.toBeNull();
  });
  await store.close();
});

it('comes back from each step of a create in a state the next process can go on from', async () => {
  const { store, afterCrash } = stage();
  await store.markDirty([marked(issue('10021'))], NOW);
  const claim = await claimOne(store);
  await afterCrash(async (reopened) => {
    // The claim died with its holder; the row did not.
    expect(await reopened.claim(10, NOW)).toHaveLength(1);
  });

  await store.planIntent(INTENT, NOW);
  await afterCrash(async (reopened) => {
    expect(await reopened.doubtSentIntents(NOW)).toBe(0);
    expect((await reopened.planIntent(INTENT, NOW)).state).toBe('planned');
  });

  await store.moveIntent(INTENT.key, 'sent', NOW);
  await afterCrash(async (reopened) => {
    expect(await reopened.doubtSentIntents(NOW)).toBe(1);
    expect((await reopened.planIntent(INTENT, NOW)).state).toBe('doubtful');
    expect(await reopened.dirtyRow(issue('10021'))).not.toBeNull();
  });

  const done = settlement({
    link: paired('10021', '7405'),
    intentDone: INTENT.key,
    journal: [written()],
    conflicts: [heldConflict()],
    seen: [{ ...sighting('7405'), side: 'crm' }],
  });
  await store.settle(claim, done, NOW);
  await afterCrash(async (reopened) => {
    expect(await reopened.doubtSentIntents(NOW)).toBe(0);
    expect((await reopened.planIntent(INTENT, NOW)).state).toBe('done');
    expect((await reopened.linkOf(deal('7405')))?.ids.jira).toBe('10021');
    expect(await reopened.dirtyRow(issue('10021'))).toBeNull();
    expect(await reopened.journal({ limit: 5 })).toHaveLength(1);
    expect(await reopened.conflicts({ status: 'open' })).toHaveLength(1);
  });
  await store.close();
});

it('has nothing of a settlement that was refused', async () => {
  const { store, afterCrash } = stage();
  await store.markDirty([marked(issue('10021'))], NOW);
  await store.settle(await store.claimRecord(issue('1'), NOW), settlement({ link: paired('1', '7405') }), NOW);
  const refused = settlement({ link: paired('10021', '7405'), journal: [written()], park: [], closeConflicts: ['a'] });
  await expect(store.settle(await claimOne(store), refused, NOW)).rejects.toThrow();
  await afterCrash(async (reopened) => {
    expect(await reopened.linkOf(issue('10021'))).toBeNull();
    expect(await reopened.journal({ limit: 5 })).toEqual([]);
    expect(await reopened.dirtyRow(issue('10021'))).not.toBeNull();
  });
  await store.close();
});

it('shows the work of one process to another at once', async () => {
  const { store, path } = stage();
  const other = openSqliteStore(path);
  const id = await other.addCommand('sync', { id: 'BUY-12' }, NOW);
  expect(await store.takeCommand()).toMatchObject({ id });
  await store.updateCommand(id, 'done', { written: 1 });
  expect(await other.command(id)).toMatchObject({ state: 'done', result: { written: 1 } });
  await other.markDirty([marked(issue('1'))], NOW);
  expect(await store.claim(10, NOW)).toHaveLength(1);
  await other.close();
  await store.close();
});

it('refuses a settlement when another process moved the link', async () => {
  const { store, path } = stage();
  const other = openSqliteStore(path);
  await store.settle(await store.claimRecord(issue('1'), NOW), settlement({ link: paired('1', '2') }), NOW);
  const claim = await store.claimRecord(issue('1'), NOW);
  await other.settle(await other.claimRecord(issue('1'), NOW), settlement({ link: paired('1', '2') }), NOW);
  await expect(store.settle(claim, settlement({ link: paired('1', '2') }), NOW)).rejects.toThrow(/changed meanwhile/);
  await expect(store.settle(claim, settlement(), NOW)).rejects.toThrow(/changed meanwhile/);
  expect((await store.linkOf(issue('1')))?.revision).toBe(2);
  await other.close();
  await store.close();
});
