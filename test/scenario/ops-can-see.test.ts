// Every fault of the catalogue shows: in a figure, in the log, in `status`, within a minute of the moment at which the
// daemon can know of it. A fault whose flow does not exist yet stands in one of the two lists below with the reason.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { reportGoal } from '../support/cases.ts';
import { FAULTS, type Fault } from '../support/fault-table.ts';
import { type OpsDesk, openDesk } from '../support/ops-desk.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const folder = temporaryFolders();
const MINUTE = 60_000;
const LOOK_EVERY_MS = 5_000;

/** Shown by tests that need a real process, a real server or a real disk. */
const ELSEWHERE: readonly (readonly [f: number, what: string, file: string, shows: string])[] = [
  [27, 'Redis that is away', 'test/integration/redis-away.redis.test.ts', 'queue lost'],
  [29, 'two processes that want one connection', 'test/unit/work/lease-keeper.test.ts', 'epochOf'],
  [33, 'SIGTERM during work', 'test/integration/run.test.ts', 'daemon stop'],
  [48, 'a state of a newer version', 'test/unit/state/migrate.test.ts', 'newer'],
  [49, 'a resync beside live edits', 'test/scenario/staged-resync.test.ts', 'heldBack'],
  [50, 'a process that gets to its work late', 'test/unit/triggers/metrics.test.ts', 'nodejs_eventloop_lag_seconds'],
  [51, 'an account in another zone', 'test/contract/jira.test.ts', 'accountTimeZone'],
];

const WITHOUT: readonly (readonly [f: number, why: string])[] = [
  [2, 'deliveries out of order are harmless; the catalogue names nothing to be seen of them'],
  [36, 'odd characters are normalised or refused as F35 and F21; there is nothing of its own to be seen'],
  [37, 'rich text is not mapped yet'],
  [38, 'numbers that cannot be carried are refused as F35 or seen as F21; there is nothing of its own to be seen'],
  [40, 'dates have no zone; the catalogue names nothing to be seen of them'],
  [42, 'attachments are not synced yet'],
  [43, 'comments are not synced yet'],
];

async function figuresOf(fault: Fault, desk: OpsDesk): Promise<number[]> {
  return Promise.all(fault.figures.map(([metric, labels]) => desk.figure(metric, labels)));
}

/** What is still missing, as sentences. */
async function unseen(fault: Fault, desk: OpsDesk, before: readonly number[]): Promise<string[]> {
  const now = await figuresOf(fault, desk);
  const missing = fault.figures.flatMap(([metric, labels], at) =>
    (now[at] ?? 0) > (before[at] ?? 0) ? [] : [`${metric} ${JSON.stringify(labels ?? {})} did not rise`],
  );
  for (const message of fault.messages ?? []) {
    if (!desk.messages().includes(message)) missing.push(`the log does not say "${message}"`);
  }
  if (fault.status !== undefined && !fault.status.test(await desk.status())) {
    missing.push(`status does not show ${fault.status}`);
  }
  return missing;
}

describe('a fault shows within a minute:', () => {
  let shown = 0;
  const began = performance.now();
  afterAll(() => {
    const what = 'faults seen in a figure, the log or `status` within a virtual minute';
    const reached = (count: number) =>
      `${count} here and ${ELSEWHERE.length} elsewhere of 51; ${WITHOUT.length} have no flow or nothing to see`;
    const missing = shown === FAULTS.length ? null : `${shown} of ${FAULTS.length}`;
    const outcome = { cases: shown, ms: performance.now() - began, reached: missing };
    reportGoal({ goal: 'G23', what, file: import.meta.url, reached }, outcome);
  });

  it.each(FAULTS.map((fault) => [`F${fault.f}`, fault.what, fault] as const))('%s, %s', async (_f, _what, fault) => {
    const desk = await openDesk(typeof fault.desk === 'function' ? fault.desk(folder()) : fault.desk);
    try {
      const before = await figuresOf(fault, desk);
      await fault.happen(desk);
      let missing = await unseen(fault, desk, before);
      for (let waited = 0; missing.length > 0 && waited < MINUTE; waited += LOOK_EVERY_MS) {
        await desk.world.clock.runFor(LOOK_EVERY_MS);
        missing = await unseen(fault, desk, before);
      }
      expect(missing).toEqual([]);
      shown += 1;
    } finally {
      await desk.world.stop();
    }
  });
});

describe('the table', () => {
  it('has every fault of the catalogue once', () => {
    const all = [...FAULTS.map(({ f }) => f), ...ELSEWHERE.map(([f]) => f), ...WITHOUT.map(([f]) => f)];
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 51 }, (_, at) => at + 1));
  });

  it.each(ELSEWHERE)('F%i, %s, is shown by %s', (_f, _what, file, shows) => {
    expect(readFileSync(file, 'utf8')).toContain(shows);
  });

  it('is told line by line in docs/operations.md, with what is seen here', () => {
    const page =
      readFileSync('docs/operations.md', 'utf8').split('\n## Faults, one by one\n')[1]?.split('\n## ')[0] ?? '';
    const lines = new Map<number, string>();
    for (const line of page.split('\n')) {
      const [, numbers = ''] = /^\| (F\d+(?:, F\d+)*) \|/.exec(line) ?? [];
      for (const one of numbers.split(', ').filter(Boolean)) lines.set(Number(one.slice(1)), line);
    }
    const seen = [...FAULTS.map(({ f }) => f), ...ELSEWHERE.map(([f]) => f)].sort((a, b) => a - b);
    expect([...lines.keys()].sort((a, b) => a - b)).toEqual(seen);
    for (const { f, figures } of FAULTS) {
      const names = figures.map(([metric]) => metric.replace(/_(sum|bucket|count)$/, ''));
      expect(
        names.filter((name) => (lines.get(f) ?? '').includes(`\`${name}\``)),
        `F${f}`,
      ).not.toEqual([]);
    }
  });

  it('says in a sentence why a fault is not shown', () => {
    for (const [, why] of WITHOUT) expect(why).toMatch(/^[a-z].{15,}/);
  });
});
