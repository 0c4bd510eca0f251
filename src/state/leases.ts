import type { Confinement } from './bounds.ts';
import type { Database } from './database.ts';
import type { Lease, LeaseTable, LeaseVerbs } from './lease-table.ts';
import { all, get, run, runEach, type Sql } from './sql.ts';

type MemberRecord = { id: string; serves: string; about: string; beat: number; at: number };

const BEAT = 'UPDATE lease SET beat = beat + 1 WHERE name = ? AND holder = ? AND epoch = ?';
const GIVE_BACK = 'UPDATE lease SET holder = NULL, beat = beat + 1 WHERE holder = ?';

export function leaseVerbs(db: Database, bounds: Confinement): LeaseVerbs {
  return {
    async confine(wanted) {
      bounds.confine(wanted);
    },

    renewLeases(me, held, now, silent) {
      return db.write(function* () {
        yield* runEach(
          'DELETE FROM member WHERE id = ? AND beat = ?',
          silent.map(({ id, beat }) => [id, beat]),
        );
        yield* run(
          `INSERT INTO member (id, serves, about, beat, at) VALUES (?, ?, ?, 1, ?) ON CONFLICT (id) DO UPDATE SET
            serves = excluded.serves, about = excluded.about, beat = member.beat + 1, at = excluded.at`,
          me.id,
          JSON.stringify(me.serves),
          JSON.stringify(me.about),
          now,
        );
        yield* runEach(
          BEAT,
          held.map(({ name, epoch }) => [name, me.id, epoch]),
        );
        return yield* table();
      });
    },

    takeLease(name, holder, seen) {
      return db.write(function* () {
        const row = yield* get<Lease>('SELECT name, holder, epoch, beat FROM lease WHERE name = ?', name);
        if (row?.epoch !== seen?.epoch || row?.beat !== seen?.beat) return null;
        const epoch = (row?.epoch ?? 0) + 1;
        yield* run(
          `INSERT INTO lease (name, holder, epoch, beat) VALUES (?, ?, ?, 1) ON CONFLICT (name) DO UPDATE SET
            holder = excluded.holder, epoch = excluded.epoch, beat = lease.beat + 1`,
          name,
          holder,
          epoch,
        );
        return epoch;
      });
    },

    async releaseLease(name, holder, epoch) {
      await db.write(() => run(`${GIVE_BACK} AND name = ? AND epoch = ?`, holder, name, epoch));
    },

    async leaveLeases(holder) {
      await db.write(function* () {
        yield* run(GIVE_BACK, holder);
        yield* run('DELETE FROM member WHERE id = ?', holder);
      });
    },

    leaseTable: () => db.read(table),
  };
}

function* table(): Sql<LeaseTable> {
  const leases = yield* all<Lease>('SELECT name, holder, epoch, beat FROM lease ORDER BY name');
  const members = yield* all<MemberRecord>('SELECT id, serves, about, beat, at FROM member ORDER BY id');
  return {
    // SQLite's rows have no prototype, so that they equal nothing a test writes down.
    leases: leases.map((row) => ({ ...row })),
    members: members.map(({ serves, about, ...row }) => ({
      ...row,
      serves: JSON.parse(serves) as readonly string[],
      about: JSON.parse(about) as Readonly<Record<string, unknown>>,
    })),
  };
}
