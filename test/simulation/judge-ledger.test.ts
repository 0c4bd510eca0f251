// The judge accounts for every change of a person: small histories in which one is lost, and their twins in which it is not.
import { describe, expect, it } from 'vitest';
import { convergence } from './check/convergence.ts';
import type { Absence, Evidence, ParkedSeen } from './check/evidence.ts';
import { ledger } from './check/ledger.ts';
import { parkedRows } from './check/parked.ts';
import { timelinesOf } from './check/timelines.ts';
import type { Said } from './script/script.ts';
import { evidenceOf, IDS, type Told, unaccounted } from './small-history.ts';
import type { Look, Seen } from './stage/stage.ts';

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
