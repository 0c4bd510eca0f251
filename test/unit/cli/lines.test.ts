import { describe, expect, it } from 'vitest';
import { grouped } from '../../../src/cli/group-lines.ts';
import { ago, clean } from '../../../src/cli/output.ts';
import { parkedGroups } from '../../../src/cli/parked.ts';
import { progressLines } from '../../../src/cli/progress.ts';
import { reportLines, shown } from '../../../src/cli/show-report.ts';
import { table } from '../../../src/cli/table.ts';
import type { Parked } from '../../../src/state/store.ts';

describe('what reaches the terminal', () => {
  it('carries nothing that could move the cursor or colour the screen', () => {
    expect(clean('a\u001b[31mb\u0007\u009b2Jc\rd\ttab')).toBe('a[31mb2Jcd\ttab');
    expect(table(['name'], [['x\u001b[2Jy']])).toContain('x[2Jy');
  });

  it('says how long ago something was in the largest fitting unit', () => {
    const now = 1_000_000_000;
    const texts = [null, 0, 89, 90, 5_399, 5_400, 172_799, 172_800].map((seconds) =>
      ago(seconds === null ? null : now - seconds * 1_000, now),
    );
    expect(texts).toEqual([
      'never',
      '0 s ago',
      '89 s ago',
      '2 min ago',
      '90 min ago',
      '2 h ago',
      '48 h ago',
      '2 days ago',
    ]);
    expect(ago(now + 5_000, now)).toBe('0 s ago');
  });

  it('shows values as a person writes them', () => {
    expect([shown(null), shown({ amount: '5', currency: 'RUB' }), shown(['a', 'b']), shown(true)]).toEqual([
      'nothing',
      '5 RUB',
      '[a, b]',
      'true',
    ]);
  });

  it('tells the outcome of a piece of work, then each field with its reason', () => {
    const field = { field: 'Title', side: 'crm', from: 'a', to: 'b\u001b', why: '' } as const;
    const lines = reportLines({
      outcome: 'written',
      profile: 'p',
      keys: { jira: 'BUY-1', crm: '7001' },
      why: '',
      fields: [
        { ...field, what: 'written' },
        { ...field, what: 'parked', why: 'no translation' },
      ],
      writes: { jira: 0, crm: 1 },
    });
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'BUY-1 <> 7001 written',
      ' Title written on crm: a -> b',
      ' Title parked (no translation)',
    ]);
  });
});

describe('many records with one reason', () => {
  const row = (id: string, reason: string): Parked => ({
    profile: 'p',
    side: 'crm',
    id,
    field: '',
    reason,
    cure: 'Wait',
    kind: 'waiting',
    values: {},
    at: 0,
  });

  it('are told once, the first ten by name', () => {
    const items = Array.from({ length: 12 }, (_, at) => ({ why: 'late', who: `${at}` }));
    expect(grouped([...items, { why: 'other', who: 'x' }])).toEqual([
      { why: 'late', who: '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more', count: 12 },
      { why: 'other', who: 'x', count: 1 },
    ]);
  });

  it('keep their own line when the reason is theirs alone', () => {
    const named = [row('1', 'a'), row('2', 'b'), row('3', 'a')].map((one) => ({ row: one, key: `crm ${one.id}` }));
    expect(parkedGroups(named, 60_000)).toEqual([
      'p: waiting, 2 records',
      '    a',
      '    Wait',
      '    crm 1, crm 3',
      'p crm 2: waiting, 60 s ago',
      '    b',
      '    Wait',
    ]);
  });
});

describe('progress', () => {
  it('is silent for two seconds, then tells rate and time left', () => {
    let now = 0;
    const lines: string[] = [];
    const progress = progressLines(
      () => now,
      (line) => lines.push(line),
    );
    const seen = { jira: 300, crm: 300 };
    const staged = null;
    progress({ phase: 'reading', seen, staged, marked: 0, left: 0 });
    now = 3_000;
    progress({ phase: 'reading', seen, staged, marked: 0, left: 0 });
    progress({ phase: 'working', seen, staged, marked: 100, left: 100 });
    now = 5_000;
    progress({ phase: 'working', seen, staged, marked: 100, left: 50 });
    expect(lines).toEqual([
      'reading: 600 records, 200 a second',
      'working: 50 of 100 left, 25 a second, about 2 s left',
    ]);
  });
});
