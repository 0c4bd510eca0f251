// `status`: how things stand, from the state alone.
import type { Lane } from '../model.ts';
import { readStatus, type Status } from '../work/status.ts';
import { engineRuns } from './engine-runs.ts';
import { ago, clean, EXIT, print, printJson, styled } from './output.ts';
import { type ConfigFlags, openState, readSetup } from './setup.ts';
import { table } from './table.ts';

export async function showStatus(flags: ConfigFlags & { json?: boolean }): Promise<void> {
  const setup = readSetup(flags);
  const store = await openState(setup);
  try {
    const status = { running: await engineRuns(setup, store), ...(await readStatus(store)) };
    if (flags.json) printJson(status);
    else printStatus(status, setup.ports.clock.now());
    process.exitCode = isWell(status) ? EXIT.fine : EXIT.failed;
  } finally {
    await store.close();
  }
}

function isWell(status: Status): boolean {
  const paused = Object.values(status.connections).some((one) => one.state === 'paused');
  const held = status.profiles.some((one) => one.halted !== null || one.paused !== null || one.lostSight !== null);
  return !paused && !held && status.problems.length === 0 && status.waitsFor === null;
}

export function printStatus(status: Status & { running: boolean }, now: number): void {
  const since =
    status.engine === null ? '' : `, pid ${status.engine.pid}, started ${ago(status.engine.startedAt, now)}`;
  print(
    status.running ? styled('green', `The daemon runs${since}.`) : styled('yellow', 'No daemon runs on this state.'),
  );
  for (const [name, health] of Object.entries(status.connections)) {
    if (health.state === 'up') print(`Connection ${name}: works.`);
    else {
      print(styled('red', `Connection ${name}: paused ${ago(health.since, now)}. ${clean(health.reason)}`));
      print(`    ${clean(health.cure)}`);
    }
  }
  for (const line of processLines(status, now)) print(line);
  for (const line of queueLines(status.queue, now)) print(line);
  if (status.waitsFor !== null) {
    print(styled('red', `Profiles wait for a connection: ${clean(status.waitsFor.reason)}`));
    print(`    ${clean(status.waitsFor.cure)}`);
  }
  if (status.problems.length > 0) {
    print(styled('red', 'The profile files are refused; the last good version runs:'));
    for (const problem of status.problems) {
      print(`  ${problem.file}:${problem.line}:${problem.column}  ${clean(problem.message)}`);
      print(`      ${clean(problem.cure)}`);
    }
  }
  for (const line of status.profiles.flatMap(heldLines)) print(line);
  if (status.profiles.length === 0) return;
  print();
  const rows = status.profiles.map(({ name, version, counts, matched, lastSweep }) => {
    const { waiting = 0, ...parked } = counts.parkedByKind;
    return [
      name,
      version,
      matched ? String(counts.links.active) : 'first match pass',
      pendingIn(counts, 'live', now),
      pendingIn(counts, 'bulk', now),
      String(waiting + counts.links.waiting),
      String(counts.openConflicts),
      Object.entries(parked)
        .map(([kind, count]) => `${count} ${kind}`)
        .join(', ') || '0',
      ago(lastSweep?.endedAt ?? lastSweep?.changesAt ?? null, now),
    ];
  });
  print(table(['profile', 'version', 'pairs', 'edits', 'bulk', 'waiting', 'conflicts', 'parked', 'last sweep'], rows));
  for (const line of status.profiles.flatMap((profile) => waitLines(profile, now))) print(line);
  for (const { name, lastSweep } of status.profiles) {
    if (lastSweep?.problem) print(styled('yellow', `The last sweep of ${name} failed: ${clean(lastSweep.problem)}`));
  }
  for (const line of status.profiles.flatMap(twiceLines)) print(line);
  for (const line of status.profiles.flatMap(nextLines)) print(line);
}

/** How many rows of a lane are not settled yet, and how old the oldest is. */
function pendingIn({ dirty, oldest }: Status['profiles'][number]['counts'], lane: Lane, now: number): string {
  return dirty[lane] === 0 ? '0' : `${dirty[lane]} (since ${ago(oldest[lane], now).replace(' ago', '')})`;
}

function waitLines({ name, waits }: Status['profiles'][number], now: number): string[] {
  return waits.map(({ reason, count, due }) => {
    const records = count === 1 ? '1 record waits' : `${count} records wait`;
    return `${name}: ${records}: ${clean(reason)} (${due <= now ? 'due now' : `next ${within(due, now)}`}).`;
  });
}

function within(at: number, now: number): string {
  const waits = ago(now - (at - now), now);
  // What a limit held back waits until somebody asks for it.
  return at - now > 300 * 86_400_000 ? 'when somebody asks for it' : `in ${waits.replace(' ago', '')}`;
}

/** What a person has to do, where nothing else says so. */
function nextLines({ name, counts }: Status['profiles'][number]): string[] {
  const { waiting: _waiting, ...parked } = counts.parkedByKind;
  const lines: string[] = [];
  if (counts.openConflicts > 0) lines.push(`${name}: conflicts wait for a decision: jira-crm-sync conflicts list`);
  if (Object.keys(parked).length > 0) {
    lines.push(`${name}: what is parked, and why: jira-crm-sync parked list ${name}`);
  }
  return lines;
}

const SILENT_MS = 30_000;

/** Who works for what, where several processes share the state. */
function processLines({ processes, free, running }: Status & { readonly running: boolean }, now: number): string[] {
  if (processes.length < 2) return [];
  const lines = processes.map(({ id, pid, at, startedAt, holds }) => {
    const names = holds.map(({ connection, epoch }) => `${clean(connection)} (epoch ${epoch})`).join(', ');
    const silent = now - at > SILENT_MS ? styled('yellow', `, silent since ${ago(at, now)}`) : '';
    const does = names === '' ? 'stands by' : `works for ${names}`;
    return `Process ${clean(id)}, pid ${pid ?? '?'}, started ${ago(startedAt, now)}${silent}: ${does}.`;
  });
  if (running)
    for (const name of free) lines.push(styled('yellow', `Connection ${clean(name)}: no process works for it.`));
  return lines;
}

function queueLines(queue: Status['queue'], now: number): string[] {
  if (queue === null) return ['Queue: in the process.'];
  const lines = queue.up
    ? [`Queue ${queue.address}: works.`]
    : [
        styled('yellow', `Queue ${queue.address}: away ${ago(queue.since, now)}, ${clean(queue.reason ?? '')}.`),
        `    ${clean(queue.cure ?? '')}`,
      ];
  return [...lines, ...queue.warnings.map((warning) => styled('yellow', `    ${clean(warning)}.`))];
}

const TWICE_SHOWN = 5;

function twiceLines({ name, lastAudit }: Status['profiles'][number]): string[] {
  const twice = lastAudit?.twice ?? [];
  if (twice.length === 0) return [];
  const lines = twice.slice(0, TWICE_SHOWN).map(({ side, key, records }) => {
    const carriers = clean(records.join(', '));
    return styled(
      'yellow',
      `${name}: the mark ${clean(key)} is carried by more than one record (${side}): ${carriers}.`,
    );
  });
  if (twice.length > TWICE_SHOWN) lines.push(`    and ${twice.length - TWICE_SHOWN} marks more (status --json)`);
  lines.push('    Their pairs go on as they are. Take the mark off the copy; the next full pass looks again.');
  return lines;
}

function heldLines({ name, halted, paused, lostSight }: Status['profiles'][number]): string[] {
  const lines: string[] = [];
  if (halted !== null) {
    lines.push(styled('red', `${name} is halted: ${clean(halted)}.`));
    lines.push(`    Look at what happened, and if it is right: jira-crm-sync resume ${name} --accept`);
  }
  if (paused !== null) {
    lines.push(styled('yellow', `${name} is paused: ${clean(paused)}.`), `    jira-crm-sync resume ${name}`);
  }
  if (lostSight !== null) {
    lines.push(styled('red', `${name} waits: ${clean(lostSight.reason)}.`), `    ${clean(lostSight.cure)}`);
  }
  return lines;
}
