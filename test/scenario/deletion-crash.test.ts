// The daemon dies between two steps while pairs are given up, whichever step it is: the next one carries out what the
// profile says, once, and nothing that it does not say.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Step } from '../support/daemon-life.ts';
import { createPairs, type Pairs, withPolicy } from '../support/many-pairs.ts';
import { patience, stepsToTry } from '../support/patience.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const folder = temporaryFolders();
let office: Pairs | null = null;
afterEach(async () => {
  await office?.world.stop();
  office = null;
});

const MINUTE = 60_000;
const profile = withPolicy(
  'when-jira-gone: { mark: { stage: "Проиграна" } }',
  'when-crm-gone: delete',
  'allow-delete: true',
);

async function begin(): Promise<Pairs> {
  const opened = await createPairs(5, { profile, stateFile: join(folder(), 'state.db') });
  office = opened;
  return opened;
}

/** One issue and one deal are deleted, and people go on elsewhere. */
function work(on: Pairs): void {
  on.remove('jira', on.at(0).jira);
  on.remove('crm', on.at(1).crm);
  on.editIssue(on.at(2).jira, { summary: 'Somebody works' });
}

async function judge(on: Pairs): Promise<readonly string[]> {
  const wrong: string[] = [];
  if (on.deal(on.at(0).crm).stage !== 'Проиграна') wrong.push('not marked');
  // The portal tells once: a daemon that was dead then never hears of it, and must not delete.
  const absence = await on.world.store.absence({ profile: 'procurement', side: 'crm', id: on.at(1).crm });
  const told = (absence?.toldAt ?? null) !== null;
  if (on.exists('jira', on.at(1).jira) === told) wrong.push(told ? 'not deleted' : 'deleted without a word');
  if (on.deal(on.at(2).crm).title !== 'Somebody works') wrong.push('an edit is lost');
  if (on.issues().length !== (told ? 3 : 4) || on.deals().length !== 4) wrong.push('something was created or deleted');
  const counts = await on.counts();
  if (counts.active !== 3 || counts.gone !== 2) wrong.push(`links: ${JSON.stringify(counts)}`);
  for (const row of await on.world.store.parked({})) wrong.push(`parked: ${row.reason}`);
  if ((await on.halted()) !== null) wrong.push('halted');
  const written = on.world.writes().filter((write) => write.id === on.at(0).crm);
  if (written.length > 2) wrong.push(`marked ${written.length} times`);
  return wrong;
}

const leavesTrace = (step: Step) => step.kind !== 'request';

async function dieAt(at: number): Promise<{ name: string; steps: number; wrong: readonly string[] }> {
  const on = await begin();
  let steps = 0;
  let name = 'none';
  on.world.watch((step) => {
    if (leavesTrace(step)) steps += 1;
    if (!leavesTrace(step) || steps !== at) return;
    name = step.kind === 'stored' ? step.verb : `${step.kind} ${step.request.path}`;
    on.world.kill();
  });
  work(on);
  await on.world.run(3 * MINUTE);
  on.world.watch(null);
  if (name !== 'none') {
    await on.world.restart();
    await on.world.settle();
    await on.world.run(5 * MINUTE);
    await on.census();
    await on.world.run(2 * MINUTE);
  }
  const wrong = await judge(on);
  await on.world.stop();
  office = null;
  return { name, steps, wrong };
}

it('gives up exactly what is gone, at whichever step it dies', { timeout: patience(240_000) }, async () => {
  const whole = await dieAt(0);
  expect(whole.wrong).toEqual([]);
  expect(whole.steps).toBeGreaterThan(20);
  const failures: string[] = [];
  for (const at of stepsToTry(whole.steps)) {
    const { name, wrong } = await dieAt(at);
    if (wrong.length > 0) failures.push(`step ${at} of ${whole.steps} (${name}): ${wrong.join('; ')}`);
  }
  expect(failures).toEqual([]);
});
