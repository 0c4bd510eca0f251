// A pair of which one record is no longer found. Nothing is concluded from one look: two direct reads a minute apart must
// miss it, while other records can be read. Then the profile's policy is carried out on the record that is left, once.
import { RejectedError } from '../errors.ts';
import { otherSide, SIDES, type SourceRecord, sameValue } from '../model.ts';
import type { AbsenceWrite, Link, ParkedWrite, Settlement } from '../state/store.ts';
import { lookCloser, loseSightOfHidden, SECOND_LOOK_MS } from './absence.ts';
import { brakeOnGone } from './brake.ts';
import type { Held, SyncContext } from './context.ts';
import { settleWithHeir } from './heir.ts';
import { laneOf, type Records, readSide } from './load.ts';
import { plainReport, type Report } from './report.ts';
import { NOTHING, type Work } from './settlement.ts';
import { sightingOf } from './sighting.ts';
import { actionOf, type GoneAction, type GonePair, isSettledFor, markedValue, reasonOf } from './survivor.ts';

const HIDDEN_AGAIN_MS = 3_600_000;

export async function syncGone(
  held: Held,
  link: Link,
  records: Records,
  work: Work,
  context: SyncContext,
): Promise<Report> {
  const { profile, store, clock } = context;
  const pair = await pairOf(link, records, context);
  const { side, absence } = pair;
  const end = async (why: string, settlement: Settlement): Promise<Report> => {
    await store.settle(held.claim, settlement, clock.now());
    return plainReport(profile.name, 'gone', why, link.keys);
  };
  const late = link.state === 'gone' ? await settleWithHeir(held, pair, context) : null;
  if (late !== null) return late;
  if (isSettledFor(pair, profile)) return end(link.reason ?? '', { ...NOTHING, seen: seenOf(pair, context) });

  const sight = await lookCloser(link, side, laneOf(held.claim), context);
  if (sight === 'hidden') {
    const why = `${link.keys[side]} (${side}) may not be seen by our account any more; nothing is concluded from that`;
    const next = { due: clock.now() + HIDDEN_AGAIN_MS, counted: false, reason: why };
    const absent = absentAs(pair, { missedAt: null, hidden: true });
    const report = await end(why, { ...noted(pair, why, context), absent: [absent], next });
    await loseSightOfHidden(side, context);
    return report;
  }
  if (sight === 'alone') {
    const why = `${link.keys[side]} (${side}) was not found, and the profile has no other record to tell a deletion from lost access by`;
    return end(why, { ...noted(pair, why, context), timers: again(pair, clock.now() + HIDDEN_AGAIN_MS) });
  }

  const missedAt = absence?.missedAt ?? clock.now();
  if (clock.now() - missedAt < SECOND_LOOK_MS) {
    const why = `${link.keys[side]} (${side}) was not found; it is looked for once more before anything is concluded`;
    const absent = absentAs(pair, { missedAt, hidden: false });
    return end(why, { ...noted(pair, why, context), absent: [absent], timers: again(pair, missedAt + SECOND_LOOK_MS) });
  }

  const heir = await settleWithHeir(held, pair, context);
  if (heir !== null) return heir;
  await brakeOnGone(context);
  return carryOut(
    held,
    { ...pair, absence: { toldAt: null, done: null, ...absence, missedAt, hidden: false } },
    work,
    context,
  );
}

async function pairOf(link: Link, records: Records, context: SyncContext): Promise<GonePair> {
  const missing = SIDES.filter((side) => records[side] === null);
  const found: GonePair[] = [];
  for (const side of missing) {
    const absence = await context.store.absence({ profile: context.profile.name, side, id: link.ids[side] });
    found.push({ link, side, absence, survivor: records[otherSide(side)] });
  }
  // Of two that are both missing, the one that was missed first: our own deletion of the other follows from it.
  const known = found.find((pair) => (pair.absence?.missedAt ?? null) !== null);
  return known ?? (found[0] as GonePair);
}

async function carryOut(held: Held, missed: GonePair, work: Work, context: SyncContext): Promise<Report> {
  const { profile, store, clock, log } = context;
  const { wanted, pair } = await lastLook(missed, held, context);
  const { link, side, survivor } = pair;
  const parks: ParkedWrite[] = [];
  let action: GoneAction = wanted;
  try {
    if (survivor !== null) await act(wanted, pair, survivor, held, context);
  } catch (error) {
    if (!(error instanceof RejectedError) || survivor === null) throw error;
    action = 'unlink';
    parks.push(parkOf(survivor, error.name, error));
  }
  const why = reasonOf(action, pair, profile);
  if (wanted === 'keep' && survivor !== null) {
    const cure = 'Delete it too, or go on with it alone; if its partner is restored, the pair goes on by itself';
    parks.push(parkOf(survivor, 'edited-and-gone', { message: why, cure }));
  }
  const now = clock.now();
  const missedAt = pair.absence?.missedAt ?? now;
  const settlement: Settlement = {
    ...NOTHING,
    link: { ...link, state: 'gone', reason: why, profileVersion: profile.version },
    seen: seenOf(pair, context),
    absent: [absentAs(pair, { missedAt, hidden: false, done: action })],
    park: parks,
    closeConflicts: await undecidable(link, context),
    journal: journalOf(action, pair, work, context),
  };
  await store.settle(held.claim, settlement, now);
  context.meters.givenUp(profile.name, action);
  log.warn('pair given up', { profile: profile.name, jira: link.keys.jira, crm: link.keys.crm, action, reason: why });
  const report = plainReport(profile.name, 'gone', why, link.keys);
  const wrote = action === 'mark' || action === 'delete';
  return wrote ? { ...report, writes: { ...report.writes, [otherSide(side)]: 1 } } : report;
}

/** Fields of conflicts with a record that is gone. If it is restored, the merge finds them again and asks once more. */
async function undecidable(link: Link, { store }: SyncContext): Promise<readonly string[]> {
  const open = await store.conflicts({ linkId: link.id, status: 'open' });
  return open.map(({ field }) => field);
}

/** Nobody's edit of the last seconds is deleted along: the survivor is read again right before. */
async function lastLook(
  pair: GonePair,
  held: Held,
  context: SyncContext,
): Promise<{ readonly wanted: GoneAction; readonly pair: GonePair }> {
  const wanted = actionOf(pair, context.profile);
  if (wanted !== 'delete') return { wanted, pair };
  const side = otherSide(pair.side);
  if (context.connectors[side].remove === undefined) return { wanted: 'unlink', pair };
  const now = { ...pair, survivor: await readSide(side, pair.link.ids[side], laneOf(held.claim), context) };
  return { wanted: actionOf(now, context.profile), pair: now };
}

function journalOf(action: GoneAction, pair: GonePair, work: Work, context: SyncContext): Settlement['journal'] {
  const { profile, clock } = context;
  const { link, survivor } = pair;
  const side = otherSide(pair.side);
  const row = {
    at: clock.now(),
    profile: profile.name,
    profileVersion: profile.version,
    linkId: link.id,
    side,
    recordId: link.ids[side],
    field: '',
    before: null,
    after: null,
    cause: work.cause,
    run: work.run,
  };
  const ended = { ...row, action: action === 'delete' ? ('delete' as const) : ('unlink' as const) };
  const policy = profile.gone[pair.side];
  if (action !== 'mark' || policy.kind !== 'mark' || survivor === null) return [ended];
  const [before, after] = [survivor.fields[policy.id] ?? null, markedValue(policy, survivor)];
  return [ended, { ...row, field: policy.name, action: 'update', before, after }];
}

async function act(
  action: GoneAction,
  pair: GonePair,
  survivor: SourceRecord,
  held: Held,
  context: SyncContext,
): Promise<void> {
  const { profile, connectors } = context;
  const { side, id } = survivor.ref;
  const { scope, reads } = profile.sides[side];
  const lane = laneOf(held.claim);
  const ask = context.signal ? { lane, signal: context.signal } : { lane };
  const policy = profile.gone[pair.side];
  if (action === 'delete') await connectors[side].remove?.(scope, id, ask);
  if (action !== 'mark' || policy.kind !== 'mark') return;
  const stands = survivor.fields[policy.id] ?? null;
  const value = markedValue(policy, survivor);
  if (sameValue(stands, value)) return;
  await connectors[side].update(scope, id, { [policy.id]: value }, { [policy.id]: stands }, reads, ask);
}

function parkOf(
  survivor: SourceRecord,
  kind: string,
  why: { readonly message: string; readonly cure: string },
): ParkedWrite {
  const { side, id } = survivor.ref;
  return { side, id, field: '', kind, reason: why.message, cure: why.cure, values: {} };
}

function noted(pair: GonePair, why: string, context: SyncContext): Settlement {
  const link = { ...pair.link, reason: why, profileVersion: context.profile.version };
  return { ...NOTHING, link, seen: seenOf(pair, context) };
}

function seenOf({ survivor }: GonePair, context: SyncContext): Settlement['seen'] {
  return survivor === null ? [] : [{ ...sightingOf(context.profile, survivor), side: survivor.ref.side }];
}

function absentAs(pair: GonePair, as: Pick<AbsenceWrite, 'missedAt' | 'hidden'> & { done?: string }): AbsenceWrite {
  return { side: pair.side, id: pair.link.ids[pair.side], done: null, ...as };
}

function again(pair: GonePair, due: number): Settlement['timers'] {
  return [{ side: pair.side, id: pair.link.ids[pair.side], purpose: 'not-found', due }];
}
