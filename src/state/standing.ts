// What a pair's next decision looks at besides its link, asked for in one go.
import {
  type ConflictRecord,
  type JournalRecord,
  jiraFirst,
  type ParkedRecord,
  pairParams,
  selectOfPair,
  toConflict,
  toJournalEntry,
  toParked,
} from './rows.ts';
import { all, type Sql, together } from './sql.ts';
import type { Link, Standing } from './store.ts';

export function* standing(profile: string, ids: Link['ids'], linkId: number | null, since: number): Sql<Standing> {
  const ofRecords = all<ParkedRecord>(PARKED, ...pairParams(profile, ids));
  if (linkId === null) {
    const found = yield* ofRecords;
    return { parked: jiraFirst(found).map(toParked), openConflicts: [], recentWrites: [] };
  }
  const [parked, conflicts, writes] = yield* together([
    ofRecords,
    all<ConflictRecord>(OPEN, linkId),
    all<JournalRecord>(WRITTEN, linkId, since),
  ]);
  return {
    parked: jiraFirst(parked).map(toParked),
    openConflicts: conflicts.map(toConflict),
    recentWrites: writes.map(toJournalEntry),
  };
}

const PARKED = `${selectOfPair('*', 'parked')} ORDER BY at, field`;
const OPEN = `SELECT * FROM conflict WHERE link_id = ? AND status = 'open' ORDER BY id`;
const WRITTEN = 'SELECT * FROM journal WHERE link_id = ? AND at >= ? ORDER BY at, id';
