// Whether the state still makes sense: what a restored half, a tampering hand or a bad disk would leave behind.
import type { Database } from './database.ts';
import { get, type Sql } from './sql.ts';
import type { Store } from './store.ts';

/** Each counts rows that cannot be, `{}` stands for the number. */
const CANNOT_BE: readonly { readonly what: string; readonly sql: string }[] = [
  {
    what: '{} conflicts name a pair that does not exist',
    sql: 'SELECT count(*) AS count FROM conflict WHERE NOT EXISTS (SELECT 1 FROM link WHERE link.id = conflict.link_id)',
  },
  {
    what: '{} open conflicts belong to pairs that have ended',
    sql: `SELECT count(*) AS count FROM conflict JOIN link ON link.id = conflict.link_id
      WHERE conflict.status = 'open' AND link.ended_at IS NOT NULL`,
  },
  {
    what: '{} match keys belong to records that were never seen',
    sql: `SELECT count(*) AS count FROM match_key AS own WHERE NOT EXISTS
      (SELECT 1 FROM seen WHERE seen.profile = own.profile AND seen.side = own.side AND seen.id = own.id)`,
  },
  {
    what: '{} records count as paired and are not, or the other way round',
    sql: `SELECT count(*) AS count FROM seen WHERE linked <> CASE WHEN EXISTS (
        SELECT 1 FROM link WHERE link.profile = seen.profile AND link.ended_at IS NULL
          AND CASE WHEN seen.side = 'jira' THEN link.jira_id ELSE link.crm_id END = seen.id)
      THEN 1 ELSE 0 END`,
  },
  {
    what: '{} creates are announced as sent without a time',
    sql: `SELECT count(*) AS count FROM intent WHERE state = 'sent' AND sent_at IS NULL`,
  },
];

export function integrityVerbs(db: Database): Pick<Store, 'faults'> {
  return {
    async faults() {
      const broken = await db.faults();
      return broken.length > 0 ? broken : db.read(impossible);
    },
  };
}

function* impossible(): Sql<string[]> {
  const found: string[] = [];
  for (const { what, sql } of CANNOT_BE) {
    const row = yield* get<{ count: number }>(sql);
    const count = Number(row?.count ?? 0);
    if (count > 0) found.push(what.replace('{}', `${count}`));
  }
  return found;
}
