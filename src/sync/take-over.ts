// A profile that is split in two by `where`, or replaced by another: the link of a record goes to the profile whose scope
// the pair is in now. A link that its own profile still has stays there.
import { otherSide, SIDES, type Side, type SourceRecord } from '../model.ts';
import type { Link } from '../state/store.ts';
import { askFor, type Held, type SyncContext } from './context.ts';
import { laneOf, readSide } from './load.ts';

export type Elsewhere = {
  /** The pair, if its link is ours now; it stands in the claim. */
  readonly pair: Readonly<Record<Side, SourceRecord>> | null;
  /** A link that stays in another profile. */
  readonly theirs: Link | null;
};

export async function takeOver(held: Held, record: SourceRecord, context: SyncContext): Promise<Elsewhere> {
  const { store, profile, clock } = context;
  const { side, id } = record.ref;
  const other = otherSide(side);
  let theirs: Link | null = null;
  for (const { link, removed } of await store.linksElsewhere({ profile: profile.name, side, id })) {
    const partner = await readSide(other, link.ids[other], laneOf(held.claim), context);
    if (!partner?.inScope || (!removed && (await isInTheirScope(link, context)))) {
      theirs = link;
      continue;
    }
    const own = await store.takeOver(held.claim, link, clock.now());
    held.claim = { ...held.claim, link: own };
    const pair = side === 'jira' ? { jira: record, crm: partner } : { jira: partner, crm: record };
    return { pair, theirs: null };
  }
  return { pair: null, theirs };
}

/** Also when that profile is away for now: its links are its own until it is removed. */
async function isInTheirScope(link: Link, context: SyncContext): Promise<boolean> {
  const theirs = context.profileNamed(link.profile);
  if (theirs === undefined) return true;
  for (const side of SIDES) {
    const { scope, reads } = theirs.sides[side];
    const record = await context.connectors[side].read(scope, link.ids[side], reads, askFor(context, 'bulk'));
    if (!record?.inScope) return false;
  }
  return true;
}
