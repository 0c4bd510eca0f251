// The queue of a product, read at the start, on a wake-up and every 45 seconds; forgotten there only after the commit.
import { expect, it } from 'vitest';
import type { RemoteHint } from '../../../src/connectors/connector.ts';
import { UnavailableError } from '../../../src/errors.ts';
import { type Log, silentLog } from '../../../src/ports.ts';
import type { DirtyMark } from '../../../src/state/store.ts';
import { createQueueReader } from '../../../src/triggers/queue-reader.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const hint = (id: string, kind: RemoteHint['kind'] = 'changed'): RemoteHint => ({
  entity: 'deal',
  id,
  kind,
  version: null,
});

function reading(how = { attends: true }) {
  const clock = createVirtualClock();
  const steps: string[] = [];
  const warned: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (message) => warned.push(message),
    info: (message) => warned.push(message),
  };
  let waiting: RemoteHint[][] = [];
  let failure: Error | null = null;
  let storeFails: Error | null = null;
  const reader = createQueueReader({
    attends: () => how.attends,
    connections: [
      {
        name: 'bitrix24',
        side: 'crm',
        async *pull() {
          steps.push('look');
          if (failure) throw failure;
          for (const hints of [...waiting]) {
            yield {
              hints,
              done: async () => {
                waiting = waiting.filter((one) => one !== hints);
                steps.push(`forget ${hints.map(({ id }) => id)}`);
              },
            };
          }
        },
      },
    ],
    profilesFor: (_connection, entity) => (entity === 'deal' ? [{ profile: 'purchases', side: 'crm' }] : []),
    store: {
      markDirty: async (marks: readonly DirtyMark[]) => {
        if (storeFails) throw storeFails;
        steps.push(`mark ${marks.map(({ id, deleted }) => `${id}${deleted ? ' deleted' : ''}`)}`);
      },
    },
    clock,
    log,
    metrics: { heard: () => {}, hints: () => {} },
    onHint: () => steps.push('ring'),
  });
  return {
    clock,
    reader,
    steps,
    warned,
    put: (...hints: RemoteHint[]) => waiting.push(hints),
    fail: (error: Error | null) => {
      failure = error;
    },
    failStore: (error: Error | null) => {
      storeFails = error;
    },
  };
}

it('marks first and forgets afterwards, portion by portion', async () => {
  const { clock, reader, steps, put } = reading();
  put(hint('1'), hint('2'));
  put(hint('3', 'deleted'));
  reader.start();
  await clock.runFor(10);
  expect(steps).toEqual(['look', 'mark 1,2', 'ring', 'forget 1,2', 'mark 3 deleted', 'ring', 'forget 3']);
  await clock.until(reader.stop());
});

it('looks every 45 seconds, and at once when it is woken', async () => {
  const { clock, reader, steps, put } = reading();
  reader.start();
  await clock.runFor(44_000);
  expect(steps).toEqual(['look']);
  await clock.runFor(2_000);
  expect(steps).toEqual(['look', 'look']);
  put(hint('7'));
  reader.wake('another');
  await clock.runFor(10);
  expect(steps).toHaveLength(2);
  reader.wake('bitrix24');
  await clock.runFor(10);
  expect(steps.slice(2)).toEqual(['look', 'mark 7', 'ring', 'forget 7']);
  await clock.until(reader.stop());
});

it('leaves the queue of a connection to the process that works for it, but looks when it is woken', async () => {
  const how = { attends: false };
  const { clock, reader, steps, put } = reading(how);
  reader.start();
  await clock.runFor(300_000);
  expect(steps).toEqual([]);
  put(hint('7'));
  reader.wake('bitrix24');
  await clock.runFor(10);
  expect(steps).toEqual(['look', 'mark 7', 'ring', 'forget 7']);
  how.attends = true;
  await clock.runFor(2_000);
  expect(steps.slice(4)).toEqual(['look']);
  await clock.until(reader.stop());
});

it('does not forget what could not be stored', async () => {
  const { clock, reader, steps, put, failStore } = reading();
  failStore(new UnavailableError('the disk is full', 'free it', { ambiguous: false }));
  put(hint('1'));
  reader.start();
  await clock.runFor(100_000);
  expect(steps).toEqual(['look', 'look', 'look']);
  failStore(null);
  await clock.runFor(45_000);
  expect(steps.slice(3)).toEqual(['look', 'mark 1', 'ring', 'forget 1']);
  await clock.until(reader.stop());
});

it('says once that a queue cannot be read, and once that it can again', async () => {
  const { clock, reader, warned, fail } = reading();
  fail(new UnavailableError('no answer', 'wait', { ambiguous: false }));
  reader.start();
  await clock.runFor(300_000);
  expect(warned).toEqual(['the queue of events cannot be read']);
  fail(null);
  await clock.runFor(60_000);
  expect(warned).toEqual(['the queue of events cannot be read', 'the queue of events is read again']);
  await clock.until(reader.stop());
});
