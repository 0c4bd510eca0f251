// Two processes on one state, stopped and continued at any moment, for any time: they take over from each other, nothing
// is created twice, nothing is lost, and no pair is settled by one that has lost its connection.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { seededRandom } from '../../../src/ports.ts';
import { company, office } from '../../support/office.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { createTwoProcesses, type Twin, type TwoProcesses } from '../../support/two-processes.ts';
import { holder, wrong } from '../../support/two-processes-seen.ts';

const SEEDS = 12;
const STEPS = 14;
const SECOND = 1_000;
const TAKEOVER_MS = 30 * SECOND;
/** Of real time. */
const PATIENCE_MS = 120_000;

const folder = temporaryFolders();
let both: TwoProcesses;
afterEach(() => both.stop());

function open(seed: number): Promise<TwoProcesses> {
  const requests = [{ summary: 'Seals' }, { summary: 'Shafts' }, { summary: 'Only in Jira' }];
  const deals = [{ title: 'Seals' }, { title: 'Shafts' }, { title: 'Only in the CRM' }];
  return createTwoProcesses({ seed, stateFile: join(folder(), `${seed}.db`), company: company(requests, deals) });
}

async function calm({ clock, fatal }: TwoProcesses, ms: number): Promise<void> {
  await clock.runFor(ms);
  if (fatal.length > 0) throw fatal[0];
}

/** One of the two is stopped: now, or at the next request that leaves it. */
function stopOne(world: TwoProcesses, twin: Twin, atRequest: boolean): void {
  if (!atRequest) {
    twin.pausable.pause();
    return;
  }
  world.watch((who, step) => {
    if (who === twin && step.kind === 'request') {
      world.watch(() => {});
      twin.pausable.pause();
    }
  });
}

it.each(Array.from({ length: SEEDS }, (_, seed) => seed + 1))(
  'nothing is lost or doubled while both are stopped and continued, seed %i',
  async (seed) => {
    both = await open(seed);
    const desk = office(both);
    const random = seededRandom(seed * 977);
    const among = <T>(all: readonly T[]): T => all[Math.floor(random.next() * all.length)] as T;
    const epochs = new Set<number>();
    await calm(both, 20 * SECOND);
    for (let step = 0; step < STEPS; step += 1) {
      const kind = random.next();
      const issues = desk.issues();
      if (kind < 0.4) desk.editIssue(among(issues).id, { summary: `Jira ${step}` });
      else if (kind < 0.7) desk.editDeal(among(desk.deals()).id, { opportunity: 5_000 + step });
      else if (kind < 0.85) desk.newIssue({ summary: `New request ${step}`, Budget: 100 + step });
      else desk.newDeal({ title: `New deal ${step}`, stage: 'В работе', opportunity: 200 + step });
      const twin = random.next() < 0.7 ? (holder(both) ?? among(both.twins)) : among(both.twins);
      if (random.next() < 0.6) stopOne(both, twin, random.next() < 0.5);
      await calm(both, Math.floor(random.next() * 40 * SECOND));
      if (random.next() < 0.5) for (const { pausable } of both.twins) pausable.resume();
      const { leases } = await both.twins[0].store.leaseTable();
      for (const { epoch } of leases) epochs.add(epoch);
    }
    both.watch(() => {});
    for (const { pausable } of both.twins) pausable.resume();
    await calm(both, 20 * 60 * SECOND);
    expect(wrong(both)).toEqual([]);
    expect(await both.twins[0].store.conflicts({ status: 'open' })).toEqual([]);
    // Otherwise the pauses would have been without meaning.
    expect(epochs.size).toBeGreaterThan(1);
  },
  PATIENCE_MS,
);

it(
  'takes over within thirty seconds, and whoever wakes sends nothing of what it had begun',
  async () => {
    both = await open(100);
    const desk = office(both);
    await calm(both, 60 * SECOND);
    const one = holder(both) as Twin;
    const other = both.twins.find((twin) => twin !== one) as Twin;
    const [issue] = desk.issues();
    if (issue === undefined) throw new Error('there is no issue');
    // It stands still while it reads for an edit; what it would write is old when it wakes.
    stopOne(both, one, true);
    desk.editIssue(issue.id, { summary: 'Old' });
    await both.clock.runUntil(() => one.pausable.paused());
    const stoppedAt = both.clock.now();
    await both.clock.runUntil(() => holder(both) === other);
    expect(both.clock.now() - stoppedAt).toBeLessThan(TAKEOVER_MS);
    desk.editIssue(issue.id, { summary: 'New' });
    await calm(both, 40 * SECOND);
    const writes: string[] = [];
    both.watch((who, step) => {
      if (who === one && step.kind === 'request' && step.request.method !== 'GET')
        writes.push(JSON.stringify(step.request.body));
    });
    one.pausable.resume();
    await calm(both, 60 * SECOND);
    expect(writes.filter((body) => /Old|crm\.item\.(update|add)/.test(body))).toEqual([]);
    const dealNumber = desk.issue(issue.id).dealNumber ?? '';
    expect(desk.deal(dealNumber).title).toBe('New');
  },
  PATIENCE_MS,
);

it(
  'doubts a create that the other had announced, and makes it once, whoever wakes when',
  async () => {
    both = await open(101);
    const desk = office(both);
    await calm(both, 60 * SECOND);
    const one = holder(both) as Twin;
    const other = both.twins.find((twin) => twin !== one) as Twin;
    // It stands still after it has put on record that a create leaves, and while that leaves.
    both.watch((who, step) => {
      if (who === one && step.kind === 'stored' && step.verb === 'moveIntent') one.pausable.pause();
    });
    desk.newIssue({ summary: 'Gaskets' });
    await both.clock.runUntil(() => one.pausable.paused());
    // The create is found, and with it the doubt is over, in the very moment in which the other one takes up the two records.
    const takenUp: ReturnType<typeof other.store.figures>[] = [];
    both.watch((who, step) => {
      if (who === other && step.kind === 'stored' && step.verb === 'doubtSentIntents')
        takenUp.push(other.store.figures());
    });
    await both.clock.runUntil(() => holder(both) === other);
    await calm(both, SECOND);
    expect((await takenUp[0])?.intents).toMatchObject({ sent: 0, doubtful: 1 });
    both.watch(() => {});
    one.pausable.resume();
    await calm(both, 20 * 60 * SECOND);
    expect(wrong(both)).toEqual([]);
    expect(desk.deals().filter(({ title }) => title === 'Gaskets')).toHaveLength(1);
    expect((await other.store.figures()).intents).toMatchObject({ sent: 0, doubtful: 0 });
  },
  PATIENCE_MS,
);
