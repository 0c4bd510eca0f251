// The judge sees what it is there for: small histories in which one thing is wrong, and their twins in which nothing is.
import { describe, expect, it } from 'vitest';
import { agree } from './check/agree.ts';
import { convergence } from './check/convergence.ts';
import { deeds } from './check/deeds.ts';
import type { Absence, ConflictSeen, Evidence, ParkedSeen } from './check/evidence.ts';
import { ledger } from './check/ledger.ts';
import { parkedRows } from './check/parked.ts';
import { policies } from './check/policies.ts';
import { provenance } from './check/provenance.ts';
import { secondWriters } from './check/single-writer.ts';
import { timelinesOf } from './check/timelines.ts';
import { writesInAll } from './check/writes.ts';
import { scriptOf } from './script/calm.ts';
import type { FieldName, Said } from './script/script.ts';
import { looksIn } from './stage/full-heard.ts';
import type { Actor, Happening, Look, Seen, Way } from './stage/stage.ts';

const IDS = { jira: '10401', crm: '7001' };

type Told = readonly [actor: Actor, side: 'jira' | 'crm', field: FieldName, from: Said, to: Said];

function evidenceOf(told: readonly Told[], conflicts: readonly Pick<ConflictSeen, 'field' | 'values'>[]): Evidence {
  const happenings = told.map(
    ([actor, side, field, from, to], seq): Happening => ({
      ...{ seq, at: seq * 1_000, side, id: IDS[side], actor, what: 'update', mark: null },
      changes: [{ field, from, to }],
    }),
  );
  return {
    ...{
      script: scriptOf('isolated', 1),
      phase: 'healed',
      happenings,
      moves: [],
      sent: [],
      requests: 0,
      dueNow: false,
    },
    seen: { jira: new Map(), crm: new Map() },
    links: [{ id: 1, ids: IDS, state: 'active', reason: null, createdAt: 0, base: new Map() }],
    conflicts: conflicts.map((row) => ({
      ...{ ids: IDS, base: null, open: true, outcome: 'held', policy: 'hold' },
      ...row,
    })),
    ...{
      parked: [],
      parkedBefore: [],
      triedAgain: [],
      retried: 0,
      halted: null,
      losses: [],
      undoAskedAt: null,
      unheard: new Set<number>(),
      looks: [],
      absences: [],
    },
  };
}

function unaccounted(told: readonly Told[], conflicts: readonly Pick<ConflictSeen, 'field' | 'values'>[] = []) {
  const evidence = evidenceOf(told, conflicts);
  return ledger(evidence, timelinesOf(evidence)).violations.length;
}

describe('texts', () => {
  it.each<[string | null, string | null, boolean]>([
    ['Pump set ', 'Pump set', true],
    [' Pump set', 'Pump set', true],
    ['  ', null, true],
    ['Pump set', 'Pump  set', false],
    ['Pump set', 'Pumpset', false],
    ['Pump set', null, false],
  ])('%j and %j agree: %s', (jira, crm, whether) => {
    expect([agree('title', jira, crm), agree('note', crm, jira)]).toEqual([whether, whether]);
  });
});

describe('a label that somebody added while the daemon took another one away', () => {
  const HISTORY: readonly Told[] = [
    ['person', 'jira', 'labels', ['pumps'], ['pumps', 'urgent']],
    ['daemon', 'jira', 'labels', ['pumps', 'urgent'], ['urgent']],
  ];

  it('is on record where the conflict shows it without the other one', () => {
    const conflict = { field: 'labels', values: { jira: ['urgent'], crm: ['valves'] } } as const;
    expect(unaccounted(HISTORY, [conflict])).toBe(0);
  });

  it('is lost where the conflict shows a set that never stood there', () => {
    const conflict = { field: 'labels', values: { jira: ['seals', 'urgent'], crm: ['valves'] } } as const;
    expect(unaccounted(HISTORY, [conflict])).toBe(1);
  });

  it('is lost where the daemon took it away as well', () => {
    const taken: Told = ['daemon', 'jira', 'labels', ['pumps', 'urgent'], []];
    const conflict = { field: 'labels', values: { jira: ['seals'], crm: ['valves'] } } as const;
    expect(unaccounted([HISTORY[0] as Told, taken], [conflict])).toBe(1);
  });

  it('is lost where nothing is on record', () => {
    expect(unaccounted(HISTORY)).toBe(1);
  });

  it('gives way to a later edit of the set in which it stood', () => {
    const again: Told = ['person', 'jira', 'labels', ['urgent'], ['seals', 'urgent']];
    const carried: Told = ['daemon', 'crm', 'labels', [], ['seals', 'urgent']];
    expect(unaccounted([...HISTORY, again, carried])).toBe(0);
    expect(unaccounted([...HISTORY, ['person', 'jira', 'labels', ['urgent'], []]])).toBe(0);
  });

  it('is lost where it stood no more when the set was edited again', () => {
    const taken: Told = ['daemon', 'jira', 'labels', ['pumps', 'urgent'], []];
    const again: Told = ['person', 'jira', 'labels', [], ['seals']];
    const carried: Told = ['daemon', 'crm', 'labels', [], ['seals']];
    expect(unaccounted([HISTORY[0] as Told, taken, again, carried])).toBe(1);
  });
});

it('an edit that the daemon wrote over in silence is lost', () => {
  expect(
    unaccounted([
      ['person', 'crm', 'note', null, 'call before noon'],
      ['daemon', 'crm', 'note', 'call before noon', 'call in the evening'],
    ]),
  ).toBe(1);
});

describe('a note that is emptied again', () => {
  const ENTERED: Told = ['person', 'crm', 'note', null, 'call before noon'];
  const EMPTIED: Told = ['person', 'crm', 'note', 'call before noon', null];
  const REPLACED: Told = ['daemon', 'crm', 'note', 'call before noon', 'call in the evening'];
  const GIVEN_BACK: Told = ['daemon', 'crm', 'note', 'call in the evening', 'call before noon'];
  const FILLED: Told = ['daemon', 'crm', 'note', null, 'call in the evening'];

  it('is as it was before anybody heard of it, also when the daemon wrote over it and gave it back', () => {
    expect(unaccounted([ENTERED, EMPTIED, FILLED])).toBe(0);
    expect(unaccounted([ENTERED, REPLACED, GIVEN_BACK, EMPTIED, FILLED])).toBe(0);
  });

  it('has to go over once the other side has heard of it', () => {
    const heard: Told = ['daemon', 'jira', 'note', null, 'call before noon'];
    expect(unaccounted([ENTERED, heard, EMPTIED, FILLED])).toBe(1);
    expect(unaccounted([ENTERED, REPLACED, GIVEN_BACK, heard, EMPTIED, FILLED])).toBe(1);
    // Written over somebody's edit there, and taken back at once: as if it had never been said.
    const theirs: Told = ['person', 'jira', 'note', null, 'call at noon'];
    const written: Told = ['daemon', 'jira', 'note', 'call at noon', 'call before noon'];
    const back: Told = ['daemon', 'jira', 'note', 'call before noon', 'call at noon'];
    const conflict = { field: 'note', values: { jira: 'call at noon', crm: 'call before noon' } } as const;
    expect(unaccounted([ENTERED, theirs, written, back, EMPTIED, FILLED], [conflict])).toBe(0);
    expect(unaccounted([ENTERED, theirs, written, EMPTIED, FILLED], [conflict])).toBe(1);
  });

  it('has to go over when the daemon wrote something else in between', () => {
    const again: Told = ['person', 'crm', 'note', 'call in the evening', null];
    // The entry and its emptying: both were written over in silence.
    expect(unaccounted([ENTERED, REPLACED, again, FILLED])).toBe(2);
  });
});

describe('a note that is emptied again after a robot answered our write, and we gave back what that had replaced', () => {
  const theirs: Told = ['person', 'jira', 'note', null, 'call at noon'];
  const ours: Told = ['daemon', 'jira', 'note', 'call at noon', 'call before noon'];
  const robot: Told = ['robot', 'jira', 'note', 'call before noon', 'Robot r1'];
  const back: Told = ['daemon', 'jira', 'note', 'Robot r1', 'call at noon'];
  const filled = (side: 'jira' | 'crm', note: string): Told => ['daemon', side, 'note', null, note];
  const judged = (planned: string, edits: readonly Told[]) => {
    const evidence = evidenceOf(edits, [
      { field: 'note', values: { jira: 'call at noon', crm: 'call before noon' } },
      { field: 'note', values: { jira: 'Robot r1', crm: 'call before noon' } },
    ]);
    const at = edits.indexOf(back);
    const happenings = evidence.happenings.map((one) =>
      one.seq === at ? { ...one, expected: { note: planned } } : one,
    );
    const after = { ...evidence, happenings };
    return ledger(after, timelinesOf(after)).violations.length;
  };
  const inCrm: readonly Told[] = [
    ['person', 'crm', 'note', null, 'call before noon'],
    ...[theirs, ours, robot, back],
    ['person', 'crm', 'note', 'call before noon', null],
    filled('crm', 'call at noon'),
  ];
  const inJira: readonly Told[] = [
    ['person', 'crm', 'note', null, 'call before noon'],
    ...[theirs, ours, robot, back],
    ['person', 'jira', 'note', 'call at noon', null],
    filled('jira', 'call before noon'),
  ];

  it('is as it was before anybody heard of it, on either side', () => {
    expect(judged('call before noon', inCrm)).toBe(0);
    expect(judged('call before noon', inJira)).toBe(0);
  });

  it('has to go over where our second write knew of the robot, and gave nothing back', () => {
    expect(judged('Robot r1', inCrm)).toBe(1);
    expect(judged('Robot r1', inJira)).toBe(1);
  });
});

describe('an edit that the daemon wrote over without ever hearing of it', () => {
  const EDIT: Told = ['person', 'crm', 'note', 'call at noon', 'call before noon'];
  const WRITE: Told = ['daemon', 'crm', 'note', 'call before noon', 'call in the evening'];
  const judged = (expected: string | undefined, unheard: readonly number[], later = 0, looks: Look[] = []) => {
    const evidence = { ...evidenceOf([EDIT, WRITE], []), looks };
    const happenings = evidence.happenings.map((one) => {
      const known = expected === undefined ? {} : { expected: { note: expected } };
      return one.actor === 'daemon' ? { ...one, at: one.at + later, ...known } : one;
    });
    const whole = { ...evidence, happenings, unheard: new Set(unheard) };
    return ledger(whole, timelinesOf(whole));
  };

  it('fell into the window when the write was planned on an older value and its answer was lost', () => {
    expect(judged('call at noon', [1])).toMatchObject({ fates: { 'in the window': 1 }, violations: [] });
    expect(judged(undefined, [1]).violations).toEqual([]);
  });

  it('is lost when the daemon knew of it', () => {
    expect(judged('call before noon', [1]).violations).toHaveLength(1);
  });

  it('is lost when the answer came and was recorded', () => {
    expect(judged('call at noon', []).violations).toHaveLength(1);
    expect(judged('call at noon', [0]).violations).toHaveLength(1);
  });

  it('is lost when it came long before the write and nobody tells on what that was planned', () => {
    expect(judged(undefined, [1], 5 * 60_000).violations).toHaveLength(1);
  });

  it('is lost when the record was looked at since, and nobody tells on what the write was planned', () => {
    const look = (after: number, id = IDS.crm): Look => ({ after, at: after * 1_000, side: 'crm', id });
    expect(judged(undefined, [1], 0, [look(1)]).violations).toHaveLength(1);
    expect(judged(undefined, [1], 0, [look(0), look(2), look(1, '7002')]).violations).toEqual([]);
    expect(judged('call at noon', [1], 0, [look(1)]).violations).toEqual([]);
  });
});

describe('a request that shows records', () => {
  const asked = (side: 'jira' | 'crm', path: string, body: object) =>
    looksIn(side, {
      method: 'POST',
      path,
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.from(JSON.stringify(body)),
    });
  const [get, update] = ['crm.item.get?entityTypeId=2&id=', 'crm.item.update?entityTypeId=2&fields[title]=Pumps&id='];
  const batch = (...cmd: readonly string[]) => asked('crm', '/rest/18/code/batch.json', { cmd: { ...cmd } });

  it('is a look at each that it asks for', () => {
    expect(asked('crm', '/rest/18/code/crm.item.get.json', { entityTypeId: 2, id: 7001 })).toEqual(['7001']);
    expect(asked('jira', '/rest/api/3/search/jql', { jql: 'id in (10401)', reconcileIssues: [10401] })).toEqual([
      '10401',
    ]);
    expect(asked('jira', '/rest/api/3/issue/bulkfetch', { issueIdsOrKeys: ['10401'] })).toEqual(['10401']);
    expect(batch(`${get}7001`, `${get}7002`)).toEqual(['7001', '7002']);
  });

  it('is none where it lists them, or where it shows what its own write replaces', () => {
    expect(asked('jira', '/rest/api/3/search/jql', { jql: 'project = 10000' })).toEqual([]);
    expect(batch('crm.item.list?entityTypeId=2')).toEqual([]);
    expect(batch(`${get}7001`, `${get}7002`, `${update}7002`, `${get}7002`)).toEqual(['7001']);
  });
});

describe('an edit to what the other side said before it moved on', () => {
  const HISTORY: readonly Told[] = [
    ['person', 'crm', 'assignee', 'petrov', 'weber'],
    ['person', 'crm', 'assignee', 'weber', 'smirnov'],
    ['person', 'jira', 'assignee', 'petrov', 'weber'],
    ['daemon', 'jira', 'assignee', 'weber', 'smirnov'],
  ];
  const LOOK = { after: 1, at: 500, side: 'crm', id: IDS.crm } as const;
  const judged = (...looks: readonly Partial<Look>[]) => {
    const evidence = { ...evidenceOf(HISTORY, []), looks: looks.map((one) => ({ ...LOOK, ...one })) };
    return ledger(evidence, timelinesOf(evidence));
  };

  it('agrees with it as far as the daemon had read', () => {
    expect(judged({})).toMatchObject({ fates: { 'in the window': 1 }, violations: [] });
  });

  it('is lost where the daemon had not read that, or not of this record, or long ago', () => {
    const lost = [{ after: 0 }, { after: 3 }, { id: '7002' }, { side: 'jira' }, { at: -60_000 }] as const;
    expect([judged(), ...lost.map((look) => judged(look))].map(({ violations }) => violations.length)).toEqual([
      1, 1, 1, 1, 1, 1,
    ]);
  });

  it('is lost where the daemon had read of the move as well', () => {
    expect(judged({}, { after: 2, at: 1_500 }).violations).toHaveLength(1);
  });
});

describe('an edit back to what stood there before the daemon wrote', () => {
  const judged = (unheard: readonly number[], back: Said = null, again: Said = 'call at noon', looks: Look[] = []) => {
    const told: readonly Told[] = [
      ['person', 'crm', 'note', null, 'call at noon'],
      ['daemon', 'jira', 'note', null, 'call at noon'],
      ['person', 'jira', 'note', 'call at noon', back],
      ['daemon', 'jira', 'note', back, again],
    ];
    const evidence = { ...evidenceOf(told, []), unheard: new Set(unheard), looks };
    return ledger(evidence, timelinesOf(evidence)).violations.length;
  };
  const lookAfter = (after: number): Look => ({ after, at: after * 1_000, side: 'jira', id: IDS.jira });

  it('cannot be told from a write that never arrived, where the daemon does not know of its own', () => {
    expect(judged([1])).toBe(0);
    expect(judged([1], null, 'call at noon', [lookAfter(1), lookAfter(3)])).toBe(0);
  });

  it('is lost where the daemon knew that it had written, or looked in between', () => {
    expect([judged([]), judged([1], null, 'call at noon', [lookAfter(2)])]).toEqual([1, 1]);
  });

  it('is lost a minute later where nobody tells of looks, unless there was no daemon all that time', () => {
    const edited = 3_600_000;
    const lost = (...absences: readonly Absence[]) => {
      const told: readonly Told[] = [
        ['daemon', 'jira', 'note', null, 'call at noon'],
        ['person', 'jira', 'note', 'call at noon', null],
        ['daemon', 'jira', 'note', null, 'call at noon'],
      ];
      const evidence = { ...evidenceOf(told, []), unheard: new Set([0]), absences };
      const happenings = evidence.happenings.map((one) => ({ ...one, at: one.at + (one.seq > 0 ? edited : 0) }));
      const whole = { ...evidence, happenings };
      return ledger(whole, timelinesOf(whole)).violations.length;
    };
    expect([lost(), lost({ from: 1, to: edited - 120_000 }), lost({ from: 1, to: edited })]).toEqual([1, 1, 0]);
    // Before the write, and after the edit.
    expect(lost({ from: -edited, to: 0 }, { from: edited + 1_000, to: 2 * edited })).toBe(1);
  });

  it('is lost where it was something else, or something else was written over it', () => {
    expect([judged([1], 'call in the evening'), judged([1], null, 'call before noon')]).toEqual([1, 1]);
  });

  it('of a set is written again beside what came meanwhile, and is lost where that is not what was taken back', () => {
    const lost = (from: Said, to: Said, back: Said, again: Said, unheard = [1], looks: Look[] = []) => {
      const told: readonly Told[] = [
        ['person', 'crm', 'labels', from, to],
        ['daemon', 'jira', 'labels', from, to],
        ['person', 'jira', 'labels', to, back],
        ['person', 'crm', 'labels', to, [...(to as string[]), 'hot']],
        ['daemon', 'jira', 'labels', back, again],
      ];
      const evidence = { ...evidenceOf(told, []), unheard: new Set(unheard), looks };
      return ledger(evidence, timelinesOf(evidence)).violations.length;
    };
    expect(lost([], ['cold'], [], ['cold', 'hot'])).toBe(0);
    expect(lost(['cold'], [], ['cold'], ['hot'])).toBe(0);
    expect([
      lost([], ['cold'], [], ['cold', 'hot'], []),
      lost([], ['cold'], [], ['cold', 'hot'], [1], [lookAfter(2)]),
      // Not what had been written is taken back, or it is not that which is written again.
      lost(['warm'], ['cold', 'warm'], ['cold'], ['cold', 'hot', 'warm']),
      lost([], ['cold'], [], ['hot']),
      lost(['cold'], [], ['cold'], ['cold', 'hot']),
    ]).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('a note that somebody emptied', () => {
  const SECOND = 1_000;
  const NOTE: Told = ['person', 'crm', 'note', 'call before noon', null];
  const status = (to: Said): Told => ['person', 'crm', 'status', null, to];
  const lost = (told: readonly Told[], ...losses: readonly number[]) => {
    const { links, ...rest } = evidenceOf(told, []);
    const evidence = { ...rest, losses, links: links.map((link) => ({ ...link, createdAt: -3_600 * SECOND })) };
    return ledger(evidence, timelinesOf(evidence)).violations.filter(({ what }) => what.includes('note')).length;
  };
  const DRAFT = status('Черновик');

  it('cannot be told from an empty one where the two were not compared since the state was lost: the gate was closed', () => {
    expect(lost([DRAFT, NOTE], 500)).toBe(0);
  });

  it('is lost where the gate was open in between, or the state was not lost since it closed', () => {
    const reopened = [DRAFT, status('Новая'), DRAFT, NOTE];
    expect([lost([DRAFT, NOTE]), lost([status('Новая'), NOTE], 500), lost(reopened, 500)]).toEqual([1, 1, 1]);
    expect([lost([NOTE], -500), lost([DRAFT, NOTE], -500), lost(reopened, 2_500)]).toEqual([1, 1, 0]);
    expect(lost([DRAFT, ['person', 'crm', 'note', null, 'call before noon']], 500)).toBe(1);
  });
});

describe('an edit that was parked, and overwritten when people had it tried again', () => {
  const HISTORY: readonly Told[] = [
    ['person', 'jira', 'note', 'call at noon', 'call before noon'],
    ['daemon', 'jira', 'note', 'call before noon', 'call in the evening'],
  ];
  const judged = (row: Partial<ParkedSeen>) => {
    const parked = { side: 'jira', id: IDS.jira, field: 'note', kind: 'coercion', reason: '', values: {} } as const;
    const evidence = { ...evidenceOf(HISTORY, []), triedAgain: [{ ...parked, ...row }] };
    return ledger(evidence, timelinesOf(evidence)).violations.length;
  };

  it('was theirs to decide where the row showed it', () => {
    expect(judged({ values: { jira: 'call before noon', crm: 'call in the evening' } })).toBe(0);
    expect(judged({ side: 'crm', id: IDS.crm, values: { jira: 'call before noon' } })).toBe(0);
  });

  it('is lost where the row showed something else, another field, or another record', () => {
    expect(judged({ values: { jira: 'call at noon', crm: 'call in the evening' } })).toBe(1);
    expect(judged({ field: 'title', values: { jira: 'call before noon' } })).toBe(1);
    expect(judged({ id: '10402', values: { jira: 'call before noon' } })).toBe(1);
  });
});

describe('how often the daemon writes', () => {
  const EDIT: Told = ['person', 'jira', 'note', null, 'call before noon'];
  const CARRIED: Told = ['daemon', 'crm', 'note', null, 'call before noon'];
  const BACK: Told = ['daemon', 'jira', 'note', 'call before noon', 'call before noon.'];
  const conflict = { field: 'note', values: { jira: 'call before noon', crm: 'call in the evening' } } as const;

  it('is told of when more was written than had a cause', () => {
    expect(writesInAll(evidenceOf([EDIT, CARRIED], []))).toEqual([]);
    expect(writesInAll(evidenceOf([EDIT, CARRIED, BACK], []))).toEqual([
      { invariant: 'S5', what: '2 writes changed something, and only 1 had a cause' },
    ]);
  });

  it('counts what a conflict makes it give back', () => {
    expect(writesInAll(evidenceOf([EDIT, CARRIED, BACK], [conflict]))).toEqual([]);
  });
});

describe('a distributor that the daemon empties', () => {
  const found = (side: 'jira' | 'crm', said: string, gone: 'jira' | 'crm' | null = side) => {
    const told: readonly Told[] = [
      ['person', side === 'crm' ? 'jira' : 'crm', 'distributor', 'Hydrotech', said],
      ['daemon', side, 'distributor', 'Hydrotech', null],
    ];
    const { script, happenings, ...rest } = evidenceOf(told, []);
    const noOption = { do: 'no-option', side: gone ?? 'jira', option: 'Rotor Trade', at: 0, forMs: 1_000 } as const;
    const evidence = {
      ...{ ...rest, script: { ...script, actions: gone === null ? [] : [noOption] } },
      happenings: happenings.map((one) => ({ ...one, mark: one.side === 'jira' ? 'crm-deal-7001' : null })),
    };
    return provenance(evidence, timelinesOf(evidence)).map(({ invariant }) => invariant);
  };

  it('was to become an option that the CRM had no more, and dropped', () => {
    expect(found('crm', 'Rotor Trade')).toEqual([]);
  });

  it('is invented where the option was another one, or was there, or Jira would have refused it', () => {
    expect([
      found('crm', 'Nordwind Supply'),
      found('crm', 'Rotor Trade', null),
      found('crm', 'Rotor Trade', 'jira'),
    ]).toEqual([['S3'], ['S3'], ['S3']]);
    expect(found('jira', 'Rotor Trade')).toEqual(['S3']);
  });
});

describe('a second write to a record', () => {
  const SECOND = 1_000;
  type Second = {
    readonly after: number;
    readonly side?: 'jira' | 'crm';
    readonly id?: string;
    readonly life?: number;
  };
  /** The first one is answered after two seconds, unless that is said otherwise. */
  const told = ({ after, side = 'jira', id, life = 1 }: Second, answeredAfter: number | null = 2 * SECOND) => {
    const write = (at: number, to: string, way: Way) =>
      ({ at, side, what: 'update', id: to, fields: ['title'], way }) as const;
    const way = { life: 1, answeredAt: answeredAfter };
    const other = { life, answeredAt: null };
    const sent = [write(0, IDS[side], way), write(after, id ?? IDS[side], other)];
    return secondWriters({ ...evidenceOf([], []), sent }).map(({ invariant }) => invariant);
  };

  it('is wrong while the first is on its way', () => {
    expect([told({ after: 0 }), told({ after: SECOND })]).toEqual([['S18'], ['S18']]);
    expect(told({ after: 29 * SECOND }, null)).toEqual(['S18']);
    expect(told({ after: 70 * SECOND, side: 'crm' }, null)).toEqual(['S18']);
  });

  it('is right after its answer, and when nobody waits for that any more', () => {
    expect([told({ after: 2 * SECOND }), told({ after: 30 * SECOND }, null)]).toEqual([[], []]);
    expect(told({ after: 75 * SECOND, side: 'crm' }, null)).toEqual([]);
    expect(told({ after: SECOND, life: 2 })).toEqual([]);
  });

  it('is no second one to another record, or in the same request', () => {
    expect(told({ after: SECOND, id: '10402' })).toEqual([]);
    const way = { life: 1, answeredAt: null };
    const write = { at: 0, side: 'crm', what: 'update', id: IDS.crm, fields: ['title'], way } as const;
    expect(secondWriters({ ...evidenceOf([], []), sent: [write, write] })).toEqual([]);
  });
});

describe('a value that stood an hour ago', () => {
  const told: readonly Told[] = [
    ['person', 'jira', 'title', 'Pumps', 'Valves'],
    ['daemon', 'crm', 'title', 'Pumps', 'Valves'],
    ['daemon', 'crm', 'title', 'Valves', 'Pumps'],
  ];
  const wrong = (undoAskedAt: number | null, given: Said = 'Pumps') => {
    const evidence = evidenceOf(told, []);
    const happenings = evidence.happenings.map((one) =>
      one.seq < 2 ? one : { ...one, at: 3_600_000, changes: [{ field: 'title', from: 'Valves', to: given } as const] },
    );
    const after = { ...evidence, happenings, undoAskedAt };
    return deeds(after, timelinesOf(after)).length;
  };
  it('is given back by nobody but a person who takes back', () => {
    expect([wrong(null), wrong(3_000_000), wrong(3_700_000)]).toEqual([1, 0, 1]);
  });
  it('must have stood there', () => {
    expect(wrong(3_000_000, 'Hoses')).toBe(1);
  });
});

describe('a write to a pair', () => {
  const told: readonly Told[] = [['daemon', 'jira', 'title', 'Pumps', 'Valves']];
  const AT = 3_600_000;
  const deletion = (at: number): Happening => ({
    ...{ seq: 1, at, side: 'crm', id: IDS.crm, actor: 'person', what: 'delete', changes: [], mark: null },
  });
  const wrong = (
    side: 'jira' | 'crm',
    leftAgo: number,
    backAgo: number | null = null,
    more: readonly Happening[] = [],
  ) => {
    const evidence = evidenceOf(told, []);
    const at = AT;
    const moves = [{ at: at - leftAgo, side, id: IDS[side], inScope: false }];
    if (backAgo !== null) moves.push({ at: at - backAgo, side, id: IDS[side], inScope: true });
    const mark = `crm-deal-${IDS.crm}`;
    const happenings = [...evidence.happenings.map((one) => ({ ...one, at, mark })), ...more];
    const after = { ...evidence, moves, happenings };
    return deeds(after, timelinesOf(after)).length;
  };
  it('is wrong where one of the two left the scope long before', () => {
    expect([wrong('jira', 3_000_000), wrong('crm', 3_000_000)]).toEqual([1, 1]);
  });
  it('is right where it left a moment ago, or came back', () => {
    expect([wrong('crm', 60_000), wrong('crm', 3_000_000, 1_000)]).toEqual([0, 0]);
  });
  it('is right where the one that left was deleted before: another one has taken its place', () => {
    expect(wrong('crm', 3_000_000, null, [deletion(AT - 1_000)])).toBe(0);
    expect(wrong('crm', 3_000_000, null, [deletion(AT + 1_000)])).toBe(1);
  });
});

it('a conflict needs two that moved, but for an edit back to the base that was overwritten unseen', () => {
  const row = { field: 'note', values: { jira: 'call at noon', crm: null } } as const;
  const told = (policy: string, outcome: string) => {
    const evidence = evidenceOf([], [row]);
    const base = { jira: null, crm: null };
    return policies({ ...evidence, conflicts: evidence.conflicts.map((one) => ({ ...one, base, policy, outcome })) });
  };
  expect(told('hold', 'held').map(({ invariant }) => invariant)).toContain('S3');
  expect(told('seen after our write', 'overwritten, jira wins')).toEqual([]);
});

describe('a deal that has left the pipeline, of which nobody told', () => {
  const EDIT: Told = ['person', 'jira', 'note', null, 'call before noon'];
  const LINK = { id: 1, ids: IDS, state: 'active', reason: null, createdAt: 0, base: new Map() };
  const why = { kind: 'RejectedError', reason: 'too long', values: { jira: 'call at noon' } };
  const parked: ParkedSeen = { side: 'crm', id: IDS.crm, field: 'note', ...why };
  const broken = (inScope: boolean, phase: Evidence['phase'] = 'healed', rows: readonly ParkedSeen[] = []) => {
    const fields = { note: 'call before noon', status: 'Новая' } as Seen['fields'];
    const shown = { key: '', fields, mark: null, names: null };
    const seen = {
      jira: new Map([[IDS.jira, { ...shown, id: IDS.jira, inScope: true }]]),
      crm: new Map([[IDS.crm, { ...shown, id: IDS.crm, inScope }]]),
    };
    const evidence = { ...evidenceOf([EDIT], []), seen, phase, links: [LINK], parked: rows };
    const { violations } = ledger(evidence, timelinesOf(evidence));
    const one = convergence(evidence).filter(({ what }) => what.includes('scope'));
    return [...violations, ...one, ...parkedRows(evidence)].map(({ invariant }) => invariant);
  };

  it('takes with it what nobody has carried over, and what is parked of the pair, until all is passed over', () => {
    expect([broken(false), broken(false, 'healed', [parked])]).toEqual([[], []]);
    expect(broken(false, 'cleared')).toEqual(['S1']);
  });

  it('is no excuse where it is in the pipeline', () => {
    expect([broken(true), broken(true, 'healed', [parked])]).toEqual([['S2'], ['S11']]);
  });
});

describe('robots that answer each of our writes', () => {
  const written = (sides: string, losses: readonly number[] = []) => {
    const told = [...sides].map(
      (to, at): Told => ['daemon', to === 'j' ? 'jira' : 'crm', 'note', `Robot r${at}`, `Robot r${at + 1}`],
    );
    const evidence = evidenceOf(told, []);
    const marked = evidence.happenings.map((one) => ({ ...one, mark: one.side === 'jira' ? 'crm-deal-7001' : null }));
    const whole = { ...evidence, happenings: marked, losses };
    return deeds(whole, timelinesOf(whole)).filter(({ what }) => what.includes('in turn')).length;
  };

  it('are not followed to and fro for ever', () => {
    expect([written('jcjcjc'), written('jcjcjcj'), written('jcjcjcjcjc')]).toEqual([0, 1, 1]);
    expect([written('jcjcjcj', [3_000]), written('jcjcjcjcjcjcj', [3_000])]).toEqual([0, 1]);
  });

  it('may each say several things on the same side', () => {
    expect([written('jjjcccjjjccc'), written('jjjjjjjjjjjj')]).toEqual([0, 0]);
  });
});
