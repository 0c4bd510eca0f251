import { expect, it } from 'vitest';
import { NOW, PROFILE } from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

export function engineCases(open: OpenStore): void {
  const store = freshStore(open);

  it('keeps what it knows of a profile', async () => {
    expect(await store().profileState(PROFILE)).toBeNull();
    const state = { profile: PROFILE, version: 'v1', matchedAt: { jira: NOW, crm: null } };
    await store().saveProfileState(state);
    const free = { halted: null, paused: null, acceptedAt: null };
    expect(await store().profileState(PROFILE)).toEqual({ ...state, ...free });
    const later = { ...state, version: 'v2', matchedAt: { jira: NOW, crm: NOW + 1 } };
    await store().saveProfileState(later);
    expect(await store().profileState(PROFILE)).toEqual({ ...later, ...free });
    expect(await store().profileState('leads')).toBeNull();
  });

  it('keeps the latest note of each name', async () => {
    expect(await store().notes()).toEqual({});
    await store().note('process', { pid: 4711, startedAt: NOW });
    await store().note('last-reload', 'ok');
    await store().note('last-reload', null);
    await store().note('connection:jira', undefined);
    expect(await store().notes()).toEqual({
      process: { pid: 4711, startedAt: NOW },
      'last-reload': null,
      'connection:jira': null,
    });
  });

  it('keeps the first of what is noted once, whoever asks', async () => {
    const words = ['a', 'b', 'c'].map((word) => store().noteOnce('installation', word));
    expect(await Promise.all(words)).toEqual(['a', 'a', 'a']);
    expect(await store().notes()).toEqual({ installation: 'a' });
  });

  it('keeps the latest secret of each name, as it was handed in', async () => {
    expect(await store().loadSecret('bitrix24')).toBeNull();
    await store().saveSecret('bitrix24', 'v1.aaa');
    await store().saveSecret('jira', 'v1.bbb');
    await store().saveSecret('bitrix24', 'v1.ccc');
    expect([await store().loadSecret('bitrix24'), await store().loadSecret('jira')]).toEqual(['v1.ccc', 'v1.bbb']);
  });

  it('hands commands out oldest first, each once', async () => {
    expect(await store().takeCommand()).toBeNull();
    const sync = await store().addCommand('sync', { id: 'BUY-12' }, NOW);
    const resync = await store().addCommand('resync', { profile: PROFILE, matchOnly: true }, NOW - 1);
    expect(await store().command(sync)).toEqual({
      id: sync,
      kind: 'sync',
      args: { id: 'BUY-12' },
      state: 'waiting',
      result: null,
      at: NOW,
    });
    expect(await store().takeCommand()).toMatchObject({ id: sync, state: 'running' });
    expect(await store().takeCommand()).toMatchObject({ id: resync, kind: 'resync', args: { matchOnly: true } });
    expect(await store().takeCommand()).toBeNull();
  });

  it('tells how far a command is', async () => {
    const id = await store().addCommand('resync', {}, NOW);
    await store().updateCommand(id, 'running', { done: 3, of: 10 });
    expect(await store().command(id)).toMatchObject({ state: 'running', result: { done: 3, of: 10 } });
    await store().updateCommand(id, 'failed', undefined);
    expect(await store().command(id)).toMatchObject({ state: 'failed', result: null });
    expect(await store().takeCommand()).toBeNull();
    expect(await store().command(id + 1)).toBeNull();
  });
}
