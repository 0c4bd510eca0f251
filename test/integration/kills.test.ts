// G4: kill -9 of the built daemon with its state on the disk, again and again while people work: at any moment of its start
// and its work. After each kill the state is whole and nothing is doubled; in the end nothing is lost.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import { openStore } from '../../src/state/open-store.ts';
import { type BusyOffice, openBusyOffice } from '../support/busy-office.ts';
import { byDepth, caseRange, chanceOf, reportGoal } from '../support/cases.ts';
import { freePort } from '../support/free-port.ts';
import { createPlayground, logged, type Playground, type Running, until } from '../support/real-processes.ts';

const SITES = 3;
const EDIT_EVERY_MS = 60;
/** Of ten lives one is cut short before it has begun to work. */
const AT_START = 0.1;
const START_MS = 600;
const LEAST_MS = 50;
const MOST_MS = 400;
/** Another program may take the processor; a daemon that is slow is slow each time. */
const TRIES = 3;

const playgrounds: Playground[] = [];
afterAll(() => {
  for (const playground of playgrounds) playground.close();
});

const sleep = systemClock.sleep;
type Site = { readonly playground: Playground; readonly office: BusyOffice };
type Figures = { kills: number; told: number; edits: number; readonly wrong: string[] };

it('is killed at any moment, and nothing is lost, doubled or damaged', async () => {
  const began = performance.now();
  const { first, end } = caseRange(byDepth(200, 2_500));
  const figures: Figures = { kills: 0, told: 0, edits: 0, wrong: [] };
  const shares = Array.from({ length: SITES }, (_, at) => Math.floor((end - first + at) / SITES));
  const [site] = await Promise.all(shares.map((kills, at) => runSite(first * SITES + at, kills, figures)));
  const { kills, wrong, edits, told } = figures;
  reportGoal(
    {
      goal: 'G4',
      what: 'kill -9 of the built daemon with its state, each recovered and checked: lost, doubled, damaged',
      file: import.meta.url,
      reached: (cases) => `0 in ${cases} kills and ${edits} edits (${told} told as conflicts or doubtful)`,
    },
    {
      cases: kills,
      ms: performance.now() - began,
      reached: wrong.length === 0 ? null : `${wrong.length}: ${wrong[0]}`,
    },
  );
  expect(wrong).toEqual([]);
  expect(kills).toBe(end - first);
  // Most of what people wrote has arrived without their help.
  expect(told).toBeLessThan(edits / 20);
  await timesOf(site as Site);
}, 14_400_000);

/**
 * G26 asks for a second and for five on a quiet machine: figures, since they measure the machine as well. What could keep
 * a start waiting, a lock or a lease of the dead, is tried in virtual time (unit/work/lease-keeper.test.ts).
 */
async function timesOf({ playground, office }: Site): Promise<void> {
  const began = performance.now();
  const starts: number[] = [];
  const syncs: number[] = [];
  for (let tried = 0; tried < TRIES; tried += 1) {
    const from = performance.now();
    const life = playground.start(['run'], office.env);
    await ready(life);
    starts.push(performance.now() - from);
    await office.bring();
    syncs.push(performance.now() - from);
    life.child.kill('SIGKILL');
    await life.ended;
  }
  const empty = bestOf(Array.from({ length: TRIES }, emptyStart));
  const reached = () =>
    `ready after ${bestOf(starts)} ms, first edit over after ${bestOf(syncs)} ms (an empty Node starts in ${empty} ms)`;
  const what = `the built daemon after kill -9, best of ${TRIES} (1 s and 5 s on a quiet machine)`;
  reportGoal(
    { goal: 'G26', what, file: import.meta.url, reached },
    { cases: TRIES, ms: performance.now() - began, reached: null },
  );
}

const bestOf = (times: readonly number[]) => Math.round(Math.min(...times));

function emptyStart(): number {
  const from = performance.now();
  execFileSync(process.execPath, ['-e', '']);
  return performance.now() - from;
}

async function runSite(seed: number, kills: number, figures: Figures): Promise<Site> {
  const chance = chanceOf(seed);
  const playground = createPlayground();
  playgrounds.push(playground);
  const office = await openBusyOffice({ playground, chance, issues: 20, sweep: '10s', port: await freePort() });
  const first = await playground.daemon(office.env);
  const store = await openStore('sqlite:data/state.db', playground.folder, { clock: systemClock });
  const settled = async () => (await office.wrong(store)).problems.length === 0;
  // Kills in the middle of the first creates are kill.test.ts.
  await until('all pairs are there', settled);
  await store.close();
  first.child.kill('SIGKILL');
  await first.ended;

  const people = office.work(EDIT_EVERY_MS);
  for (let kill = 1; kill <= kills; kill += 1) {
    const life = playground.start(['run'], office.env);
    if (chance.next() < AT_START) await sleep(chance.next() * START_MS);
    else {
      await ready(life);
      await sleep(LEAST_MS + chance.next() * (MOST_MS - LEAST_MS));
    }
    expect([life.child.exitCode, life.output.err]).toEqual([null, '']);
    life.child.kill('SIGKILL');
    await life.ended;
    figures.kills += 1;
    const found = [...damaged(playground), ...(await office.doubled())];
    figures.wrong.push(...found.map((what) => `kill ${kill} of site ${seed}: ${what}`));
  }
  await people.stop();
  figures.edits += office.edits();

  const last = await playground.daemon(office.env);
  const after = await openStore('sqlite:data/state.db', playground.folder, { clock: systemClock });
  const { problems, told } = await office.settles(after);
  figures.wrong.push(...problems.map((what) => `site ${seed}: ${what}`));
  figures.told += told;
  await after.close();
  last.child.kill('SIGTERM');
  expect((await last.ended).code).toBe(0);
  return { playground, office };
}

async function ready(life: Running): Promise<void> {
  const { admin } = await until('the daemon has started', () => {
    if (life.child.exitCode !== null) throw new Error(life.output.err);
    return logged(life, 'daemon started');
  });
  await until('the daemon is ready', async () => (await fetch(`${admin}/readyz`)).ok);
}

/** What is wrong with the files that a kill left, looked at in a copy. */
function damaged({ folder }: Playground): string[] {
  const copy = join(folder, 'copy');
  mkdirSync(copy, { recursive: true });
  if (!existsSync(join(folder, 'data/state.db'))) return [];
  for (const suffix of ['', '-wal']) {
    if (existsSync(join(folder, `data/state.db${suffix}`))) {
      copyFileSync(join(folder, `data/state.db${suffix}`), join(copy, `state.db${suffix}`));
    }
  }
  const db = new DatabaseSync(join(copy, 'state.db'));
  try {
    const rows = (sql: string) =>
      db
        .prepare(sql)
        .all()
        .map((row) => JSON.stringify(row));
    const faults = rows('PRAGMA integrity_check').filter((text) => text !== '{"integrity_check":"ok"}');
    return [...faults, ...rows('PRAGMA foreign_key_check')];
  } finally {
    db.close();
  }
}
