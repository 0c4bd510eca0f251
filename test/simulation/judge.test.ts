// The judge sees what it is there for: small histories in which one thing is wrong, and their twins in which nothing is.
import { describe, expect, it } from 'vitest';
import { agree } from './check/agree.ts';
import { deeds } from './check/deeds.ts';
import { policies } from './check/policies.ts';
import { provenance } from './check/provenance.ts';
import { secondWriters } from './check/single-writer.ts';
import { timelinesOf } from './check/timelines.ts';
import { writesInAll } from './check/writes.ts';
import type { Said } from './script/script.ts';
import { evidenceOf, IDS, type Told } from './small-history.ts';
import { looksIn } from './stage/full-heard.ts';
import type { Happening, Way } from './stage/stage.ts';

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

describe('robots that answer each of our writes', () => {
  const written = (sides: string, losses: readonly number[] = [], unheard: readonly number[] = []) => {
    const told = [...sides].map(
      (to, at): Told => ['daemon', to === 'j' ? 'jira' : 'crm', 'note', `Robot r${at}`, `Robot r${at + 1}`],
    );
    const evidence = evidenceOf(told, []);
    const marked = evidence.happenings.map((one) => ({ ...one, mark: one.side === 'jira' ? 'crm-deal-7001' : null }));
    const whole = { ...evidence, happenings: marked, losses, unheard: new Set(unheard) };
    return deeds(whole, timelinesOf(whole)).filter(({ what }) => what.includes('in turn')).length;
  };

  it('are not followed to and fro for ever', () => {
    expect([written('jcjcjc'), written('jcjcjcj'), written('jcjcjcjcjc')]).toEqual([0, 1, 1]);
    expect([written('jcjcjcj', [3_000]), written('jcjcjcjcjcjcj', [3_000])]).toEqual([0, 1]);
    // What nobody here was told of is not counted either.
    expect([written('jcjcjcj', [], [0]), written('jcjcjcj', [], [6]), written('cjcjcjcj', [], [0])]).toEqual([0, 0, 1]);
  });

  it('may each say several things on the same side', () => {
    expect([written('jjjcccjjjccc'), written('jjjjjjjjjjjj')]).toEqual([0, 0]);
  });
});
