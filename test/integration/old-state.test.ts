// F31, F30: an old backup of the state is put back as the runbook says, and the state is deleted, both while people go on
// working: nothing is made twice, and no edit is overwritten in silence. And a second daemon on the same state is refused,
// also when both start at once.
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import { openStore } from '../../src/state/open-store.ts';
import { type BusyDaemon, openBusyDaemon } from '../support/busy-daemon.ts';
import { reportGoal } from '../support/cases.ts';
import { type Daemon, logged, until } from '../support/real-processes.ts';

const ISSUES = 120;
const EDITS = 60;
const AT_ONCE = 4;

let busy: BusyDaemon;
let playground: BusyDaemon['playground'];
let office: BusyDaemon['office'];
beforeAll(async () => {
  busy = await openBusyDaemon({ issues: ISSUES, sweep: '10s' });
  ({ playground, office } = busy);
});
afterAll(() => busy?.close());

async function workFor(edits: number): Promise<void> {
  for (let done = 0; done < edits; done += 1) await office.edit();
}

/** How many edits are told as conflicts; the rest has arrived. */
async function inStep(): Promise<number> {
  const store = await openStore('sqlite:data/state.db', playground.folder, { clock: systemClock });
  try {
    const idle = async () => {
      const { live, bulk } = (await store.counts('procurement')).dirty;
      return live + bulk === 0;
    };
    const { problems, told, pairs } = await office.settles(store, { also: idle });
    expect(problems).toEqual([]);
    expect(pairs).toBeGreaterThanOrEqual(ISSUES);
    return told;
  } finally {
    await store.close();
  }
}

async function end({ child, ended }: Daemon): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

const data = (file: string) => join(playground.folder, 'data', file);

function report(what: string, began: number, told: number): void {
  reportGoal(
    {
      goal: 'G13',
      what,
      file: import.meta.url,
      reached: () => `0; 0 at over ${ISSUES} links (${told} told as conflicts)`,
    },
    { cases: 1, ms: performance.now() - began, reached: null },
  );
}

it('goes on from an old backup without a duplicate or a lost edit', async () => {
  const began = performance.now();
  const first = await playground.daemon(office.env);
  await inStep();
  await workFor(EDITS);
  // As the runbook says, while the daemon works.
  const copy = `new (require('node:sqlite').DatabaseSync)('data/state.db').exec("VACUUM INTO 'data/backup.db'")`;
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', copy], { cwd: playground.folder });
  await workFor(EDITS);
  await inStep();
  await workFor(EDITS);
  await end(first);

  for (const file of ['state.db-wal', 'state.db-shm']) rmSync(data(file), { force: true });
  renameSync(data('backup.db'), data('state.db'));
  await workFor(EDITS);
  const second = await playground.daemon(office.env);
  await workFor(EDITS / 2);
  const { code, out } = await playground.run(office.env, 'resync', 'procurement', '--json');
  // 2: people are asked about what moved on both sides.
  expect([0, 2]).toContain(code);
  expect(JSON.parse(out)).toMatchObject({ phase: 'done' });
  report('an old backup of the state put back: duplicates; silent overwrites', began, await inStep());
  await end(second);
});

it('finds all pairs again when the state is deleted', async () => {
  const began = performance.now();
  const before = (await office.control.deals()).length + (await office.control.issues()).length;
  for (const file of ['state.db', 'state.db-wal', 'state.db-shm', 'state.db.lock']) rmSync(data(file), { force: true });
  await workFor(EDITS);
  const made = (await office.control.deals()).length + (await office.control.issues()).length - before;
  const daemon = await playground.daemon(office.env);
  await workFor(EDITS / 2);
  report('the state deleted: duplicates; silent overwrites', began, await inStep());
  const after = (await office.control.deals()).length + (await office.control.issues()).length;
  expect(after - before).toBeGreaterThanOrEqual(2 * made);
  expect(await (await fetch(`${daemon.admin}/metrics`)).text()).toMatch(/^state_rebuilt\{profile="procurement"\} 1$/m);
  await end(daemon);
});

it('lets one daemon in, of several that start at once, and the next one after a kill', async () => {
  const started = Array.from({ length: AT_ONCE }, () => playground.start(['run'], office.env));
  const out = started.map(async (one) => ({ one, ...(await one.ended) }));
  const winner = await until('one of them works', () => started.find((one) => logged(one, 'daemon started')));
  const losers = await Promise.all(out.filter((_, at) => started[at] !== winner));
  for (const { code, err } of losers) {
    expect([code, err]).toEqual([1, expect.stringContaining('Another daemon works on this state')]);
  }
  const late = await playground.run(office.env, 'run');
  expect([late.code, late.err]).toEqual([1, expect.stringContaining('Stop it first')]);
  winner.child.kill('SIGKILL');
  await winner.ended;
  const next = await playground.daemon(office.env);
  await workFor(EDITS / 4);
  await inStep();
  next.child.kill('SIGTERM');
  expect((await next.ended).code).toBe(0);
});
