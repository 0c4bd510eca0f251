// Hints, claims, timers, retries, passes.
import type { Bug } from '../bug.ts';

const WORK = 'src/state/work.ts';
const HINTS = 'src/state/hints.ts';
const SWEEP = 'src/sync/sweep.ts';
const DISPOSITION = 'src/work/disposition.ts';
const NO_HINTS = { schedules: 'no-hints', depth: 'thin' } as const;
const NO_SWEEPS = { schedules: 'no-sweeps', depth: 'thin' } as const;

export const WORK_BUGS: readonly Bug[] = [
  {
    id: 'claim/ended-without-generation',
    what: 'A record that was marked while it was worked on is clean afterwards.',
    file: WORK,
    at: 'const deleted = yield* runEach(«`DELETE FROM dirty ${ROW} AND generation = ?`», rows);',
    wrong: '`DELETE FROM dirty ${ROW} AND ? > 0`',
    hunt: { cases: 'test/contract/sqlite-store.test.ts' },
  },
  {
    id: 'claim/generation-stands-still',
    what: 'A new hint for a record that is dirty already does not raise its generation.',
    file: HINTS,
    at: 'yield* sendEach(\n    «MARK»,',
    wrong: "MARK.replace('dirty.generation + 1', 'dirty.generation')",
    hunt: { cases: 'test/contract/sqlite-store.test.ts' },
  },
  {
    id: 'claim/row-taken',
    what: 'A record that is being worked on is given out once more.',
    file: WORK,
    at: 'if («!claims.isHeld(key)») helds.add(',
    wrong: 'true',
  },
  {
    id: 'claim/reschedule-lost',
    what: 'Work that is to be tried again is forgotten.',
    file: WORK,
    at: "!== 'keep') yield* «retry(held, next, now)»;",
    wrong: 'clean(held, now)',
  },
  {
    id: 'claim/put-off-and-lost',
    what: 'What has to wait (for a connection, a pause) is forgotten instead.',
    file: WORK,
    at: 'if (yield* bounds.isOurs(claim.profile)) yield* «retry(held, again, now)»;',
    wrong: 'clean(held, now)',
  },
  {
    id: 'hint/version-of-the-last',
    what: 'A hint that names a version replaces one that named none: the echo hides the edit.',
    file: HINTS,
    at: 'yield* sendEach(\n    «MARK»,',
    wrong: "MARK.replace('CASE WHEN dirty.version IS NULL THEN NULL ELSE excluded.version END', 'excluded.version')",
    hunt: { cases: 'test/contract/sqlite-store.test.ts' },
  },
  {
    id: 'hint/waits-for-the-retry',
    what: 'A new edit waits as long as what failed before it.',
    file: HINTS,
    at: 'yield* sendEach(\n    «MARK»,',
    wrong: "MARK.replace('CASE WHEN dirty.due < excluded.due THEN dirty.due ELSE excluded.due END', 'dirty.due')",
    hunt: { cases: 'test/contract/sqlite-store.test.ts' },
  },
  {
    id: 'timer/rings-in-vain',
    what: 'A timer is taken off when it rings, and nobody looks at its record.',
    file: WORK,
    at: "«rung.map((key) => ({ ...key, lane: 'bulk', cause: 'timer', version: null }))»,",
    wrong: '[]',
    hunt: { cases: 'test/contract/sqlite-store.test.ts' },
  },
  {
    id: 'retry/one-attempt',
    what: 'A product that does not answer once has the record set aside.',
    file: DISPOSITION,
    at: 'if («attempts >= MAX_ATTEMPTS») {',
    wrong: 'true',
    hunt: { cases: 'test/scenario/outage.test.ts' },
  },
  {
    id: 'retry/refused-credential-parks',
    what: 'While a credential is refused, records are set aside one by one.',
    file: DISPOSITION,
    at: 'if (error instanceof AuthError) return «retry(AUTH_PROBE_MS, false, error.message)»;',
    wrong: 'park(error.name, error.message, error.cure)',
    hunt: { cases: 'test/scenario/outage.test.ts' },
  },
  {
    id: 'retry/never-counted',
    what: 'Attempts are not counted: a record that fails for ever is never shown to anybody.',
    file: WORK,
    at: '«counted ? 1 : 0»,',
    wrong: '0',
    hunt: { cases: 'test/contract/sqlite-store.test.ts' },
  },
  {
    id: 'retry/probe-never-ends',
    what: 'A connection that answers again stays paused.',
    file: 'src/work/connection-health.ts',
    at: "current = «{ state: 'up' }»;\n    unproven = true;",
    wrong: 'current',
  },
  {
    id: 'pass/finds-nothing',
    what: 'A pass takes what it sees for known.',
    file: HINTS,
    at: '.filter((_, i) => «areNew[i] || page.force»)',
    wrong: 'page.force',
    hunt: NO_HINTS,
  },
  {
    id: 'pass/cursor-without-overlap',
    what: 'The cursor moves up to the moment of the pass: what the index shows later is never listed.',
    file: SWEEP,
    at: 'cursor: moves ? { name, value: «page.cursor» } : null,',
    wrong: 'page.end ? connector.cursorAt(clock.now()) : page.cursor',
    hunt: NO_HINTS,
  },
  {
    id: 'pass/unchanged-since-settled',
    what: 'The other side is never read when the hinted one shows what it last showed, though work is pending.',
    file: 'src/sync/load.ts',
    at: '|| «!isSettled(link, context.profile)») {',
    wrong: 'false',
  },
  {
    id: 'intake/same-record-same-delivery',
    what: 'Deliveries are told apart by their record: later changes of it count as repetitions.',
    file: 'src/triggers/webhooks.ts',
    at: 'const id = «verdict.id === null ? null : `${name}:${verdict.id}`»;',
    wrong: 'verdict.id === null ? null : `${name}:${verdict.hints[0]?.id}`',
    hunt: NO_SWEEPS,
  },
  {
    id: 'intake/acknowledged-before-stored',
    what: 'A delivery is answered before its mark is on disk.',
    file: 'src/triggers/webhooks.ts',
    at: 'const { duplicate } = «await store.acceptDelivery(id, marks, now)»;',
    wrong: '(store.acceptDelivery(id, marks, now).catch(() => {}), { duplicate: false })',
    hunt: { cases: 'test/unit/triggers/webhooks.test.ts' },
  },
  {
    id: 'intake/deletion-forgotten',
    what: 'That a product told of a deletion is not kept.',
    file: HINTS,
    at: 'if («told.deleted») yield* noteDeleted',
    wrong: 'false',
    hunt: { cases: 'test/scenario/deletion.test.ts' },
  },
  {
    id: 'intake/queue-cleared-first',
    what: 'The product is told to forget its queue before what it says is stored.',
    file: 'src/triggers/queue-reader.ts',
    at: 'await store.markDirty(marks, clock.now());',
    wrong: 'await taken.done(); await store.markDirty(marks, clock.now());',
    hunt: { cases: 'test/unit/triggers/queue-reader.test.ts' },
  },
];
