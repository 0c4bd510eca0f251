// Later flows must join: what the sources of the product can do and no indexed flow reaches fails here.
import { readdirSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Call } from './border.ts';
import { FLOWS } from './flows.ts';
import { reachFlows } from './reach-flows.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const filesIn = (folder: string) =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);

/** What no flow of one process, one profile and one day comes to, and where it is tried instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  loseSightOfHidden: 'a record that Jira hides: test/scenario/vanished.test.ts',
  takeOver: 'two profiles on one pair: test/scenario/profile-life.test.ts',
  linkNumbered: 'a run that is named: test/scenario/undo.test.ts',
  readStatus: 'reads alone: test/unit/triggers/metrics.test.ts',
};
const VERBS_ELSEWHERE: Readonly<Record<string, string>> = {
  hiddenRecords: 'a record that Jira hides: test/scenario/vanished.test.ts',
  dueRows: 'a queue on Redis: test/contract/dispatcher-suite.ts',
  claimRung: 'a queue on Redis: test/contract/dispatcher-suite.ts',
  takeOver: 'two profiles on one pair: test/scenario/profile-life.test.ts',
  renameProfile: 'test/scenario/profile-life.test.ts',
  keepProfiles: 'test/scenario/profile-life.test.ts',
  purgeProfiles: 'test/scenario/profile-life.test.ts',
  trim: 'test/contract/store/retention-cases.ts',
  holdProfile: 'a brake or a person: test/scenario/brake.test.ts',
  resumeProfile: 'a person, outside of the daemon: test/scenario/brake.test.ts',
  addCommand: 'a person, outside of the daemon: ask of fault-world.ts',
  decideConflict: 'a person, outside of the daemon: flows-people.ts',
  retryParked: 'a person, outside of the daemon: flows-people.ts',
  doubtSentIntents: 'before the daemon begins: play/daemon.ts of the simulation',
  failRunningCommands: 'before the daemon begins: fault-world.ts',
  takeLease: 'several processes: test/integration/takeover.redis.postgres.test.ts',
  renewLeases: 'several processes: test/integration/takeover.redis.postgres.test.ts',
  releaseLease: 'several processes: test/integration/takeover.redis.postgres.test.ts',
  leaveLeases: 'several processes: test/integration/takeover.redis.postgres.test.ts',
  confine: 'several processes: test/integration/takeover.redis.postgres.test.ts',
  forgetCursors: 'another scope of a profile: test/scenario/profile-edit.test.ts',
  close: 'the end of a process',
  noteOnce: 'several processes on one Redis: test/contract/store/engine-cases.ts',
};

let calls: readonly Call[] = [];
let asked: ReadonlySet<string> = new Set();
let ran: ReadonlySet<string> = new Set();

beforeAll(async () => {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  ({ calls, asked } = await reachFlows());
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  const inSource = result.filter(({ url }) => /\/src\/(sync|work)\//.test(url));
  ran = new Set(
    inSource.flatMap(({ functions }) =>
      functions.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0).map(({ functionName }) => functionName),
    ),
  );
}, 300_000);

describe('the registry of flows', () => {
  it('names each flow once', () => {
    expect(new Set(FLOWS.map(({ name }) => name)).size).toBe(FLOWS.length);
  });

  it('reaches every step of the engine that waits for something outside', () => {
    const steps = [...filesIn('src/sync'), ...filesIn('src/work')].flatMap((file) =>
      file.includes('/bullmq/')
        ? []
        : [...read(file).matchAll(/^export async function (\w+)/gm)].map(([, name]) => name ?? ''),
    );
    expect(steps.length).toBeGreaterThan(20);
    expect(steps.filter((name) => !ran.has(name) && !(name in ELSEWHERE))).toEqual([]);
    expect(Object.keys(ELSEWHERE).filter((name) => !steps.includes(name))).toEqual([]);
  });

  it('calls every verb of the store that changes something', () => {
    const text = `${read('src/state/store.ts').split('export type Store =')[1]}${read('src/state/lease-table.ts').split('export type LeaseVerbs')[1]}`;
    const verbs = [...text.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name ?? '');
    expect(verbs.length).toBeGreaterThan(50);
    const called = new Set(calls.flatMap((call) => (call.kind === 'verb' ? [call.name] : [])));
    const silent = verbs.filter((name) => !called.has(name) && !(name in VERBS_ELSEWHERE));
    expect(silent.filter((name) => !READS_OF_PEOPLE.has(name))).toEqual([]);
  });

  it('asks every kind of command', () => {
    const [, union = ''] = /export type CommandKind = ([^;]+);/.exec(read('src/state/engine-rows.ts')) ?? [];
    const kinds = [...union.matchAll(/'(\w+)'/g)].map(([, kind]) => kind);
    expect(kinds.length).toBeGreaterThan(3);
    expect(kinds.filter((kind) => !asked.has(kind ?? ''))).toEqual([]);
  });
});

/** Only commands that look ask for these, and the daemon's own page. */
const READS_OF_PEOPLE = new Set(
  'command conflict counts dirtyRow faults figures findRecord leaseTable whatWaits'.split(' '),
);
