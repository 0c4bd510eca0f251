// The judge sees what it is there for: small histories in which one thing is wrong, and their twins in which nothing is.
import { describe, expect, it } from 'vitest';
import { agree } from './check/agree.ts';
import type { ConflictSeen, Evidence } from './check/evidence.ts';
import { ledger } from './check/ledger.ts';
import { timelinesOf } from './check/timelines.ts';
import { scriptOf } from './script/calm.ts';
import type { FieldName, Said } from './script/script.ts';
import type { Actor, Happening } from './stage/stage.ts';

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
    ...{ script: scriptOf('isolated', 1), phase: 'healed', happenings, sent: [], requests: 0, dueNow: false },
    seen: { jira: new Map(), crm: new Map() },
    links: [{ id: 1, ids: IDS, state: 'active', reason: null, createdAt: 0, base: new Map() }],
    conflicts: conflicts.map((row) => ({
      ...{ ids: IDS, base: null, open: true, outcome: 'held', policy: 'hold' },
      ...row,
    })),
    ...{ parked: [], parkedBefore: [], halted: null, losses: [], unheard: new Set<number>() },
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
});

it('an edit that the daemon wrote over in silence is lost', () => {
  expect(
    unaccounted([
      ['person', 'crm', 'note', null, 'call before noon'],
      ['daemon', 'crm', 'note', 'call before noon', 'call in the evening'],
    ]),
  ).toBe(1);
});
