import { beforeEach, expect, it } from 'vitest';
import type { ChangePage } from '../../../../src/connectors/connector.ts';
import { cursorText } from '../../../../src/connectors/jira/cursor.ts';
import { createIndexLag, type IndexLag } from '../../../../src/connectors/jira/index-lag.ts';
import { createTally, type Tally } from '../../../../src/connectors/tally.ts';
import type { Scope, SourceRecord } from '../../../../src/model.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/virtual-clock.ts';

const SCOPE: Scope = { connection: 'jira', entity: 'issue', query: {} };
const OTHER: Scope = { ...SCOPE };
const SECOND = 1_000;

let clock: VirtualClock;
let tally: Tally;
let lag: IndexLag;
let listed: readonly SourceRecord[];
beforeEach(() => {
  clock = createVirtualClock();
  tally = createTally();
  lag = createIndexLag(clock, tally);
  listed = [];
});

function issue(id: string, updatedAt: number, inScope = true): SourceRecord {
  const ref = { side: 'jira', connection: 'jira', entity: 'issue', id } as const;
  const plain = { key: `BUY-${id}`, url: '', version: '', createdAt: 0, updatedBy: null, fields: {}, marker: null };
  return { ...plain, ref, updatedAt, inScope };
}

async function* list(): AsyncGenerator<ChangePage> {
  yield { records: listed, cursor: '', end: true };
}

async function sweep(since: number, scope: Scope = SCOPE): Promise<number | null> {
  const cursor = cursorText({ kind: 'since', since });
  for await (const page of lag.watch(list)(scope, cursor, [], { lane: 'bulk' })) expect(page.end).toBe(true);
  return tally.read().indexLagMs;
}

it('is the age of what was read directly and is not listed yet', async () => {
  const start = clock.now();
  lag.note(SCOPE, '1', issue('1', start));
  await clock.advance(90 * SECOND);
  expect(await sweep(start - SECOND)).toBe(90 * SECOND);
  listed = [issue('1', start)];
  expect(await sweep(start - SECOND)).toBe(0);
});

it('counts an older state in the list as not listed', async () => {
  const start = clock.now();
  lag.note(SCOPE, '1', issue('1', start));
  listed = [issue('1', start - 5 * SECOND)];
  await clock.advance(10 * SECOND);
  expect(await sweep(start - 60 * SECOND)).toBe(10 * SECOND);
});

it('goes by the clock of the product', async () => {
  const start = clock.now();
  tally.skew(-30 * SECOND);
  lag.note(SCOPE, '1', issue('1', start - 30 * SECOND));
  await clock.advance(10 * SECOND);
  expect(await sweep(start - 60 * SECOND)).toBe(10 * SECOND);
});

it('takes nothing for a lag that is gone, out of the scope, of another scope, or older than the sweep', async () => {
  const start = clock.now();
  lag.note(SCOPE, '1', issue('1', start));
  lag.note(SCOPE, '1', null);
  lag.note(SCOPE, '2', issue('2', start, false));
  lag.note(OTHER, '3', issue('3', start));
  lag.note(SCOPE, '4', issue('4', start - 60 * SECOND));
  await clock.advance(10 * SECOND);
  expect(await sweep(start - SECOND)).toBe(0);
});

it('forgets what never shows up: it may have left the scope unseen', async () => {
  const start = clock.now();
  lag.note(SCOPE, '1', issue('1', start));
  await clock.advance(31 * 60 * SECOND);
  expect(await sweep(start - SECOND)).toBe(0);
});

it('keeps the youngest few hundred', async () => {
  const start = clock.now();
  for (let at = 0; at < 600; at += 1) lag.note(SCOPE, String(at), issue(String(at), start + at));
  listed = Array.from({ length: 500 }, (_, at) => issue(String(at + 100), start + at + 100));
  await clock.advance(10 * SECOND);
  expect(await sweep(start - SECOND)).toBe(0);
});
