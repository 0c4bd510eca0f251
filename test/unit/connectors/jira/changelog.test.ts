import { describe, expect, it } from 'vitest';
import { decodeFrom, valuesAtFirst, valuesBefore } from '../../../../src/connectors/jira/changelog.ts';
import type { Kind } from '../../../../src/connectors/jira/fields.ts';
import type { Value } from '../../../../src/model.ts';

type Item = Parameters<typeof decodeFrom>[1];

function item(field: string, more: Partial<Item> = {}): Item {
  return { field, fieldId: field, from: null, fromString: null, to: null, ...more };
}

describe('older values in a history item', () => {
  it.each<[Kind, Partial<Item>, Value | undefined]>([
    ['string', { fromString: '40 seals' }, '40 seals'],
    ['string', {}, null],
    ['number', { fromString: '1200.50' }, '1200.5'],
    ['number', {}, null],
    ['date', { from: '2026-12-15', fromString: '15/Dec/26' }, '2026-12-15'],
    ['date', { fromString: '2026-12-15 00:00:00.0' }, '2026-12-15'],
    ['date', { fromString: '15/Dec/26' }, undefined],
    ['date', {}, null],
    ['datetime', { from: '2026-11-20T14:03:21.417+0100', fromString: '20/Nov/26 2:03 PM' }, '2026-11-20T13:03:21.417Z'],
    ['datetime', { fromString: 'some day' }, undefined],
    ['entity', { from: '10201', fromString: 'Hydrotech' }, '10201'],
    ['status', { from: '10010', fromString: 'To Do' }, '10010'],
    ['user', { from: '712020:a', fromString: 'Anna Weber' }, '712020:a'],
    ['user', {}, null],
    ['labels', { from: '', fromString: 'spring crm crm-deal-7' }, ['crm', 'spring']],
    ['labels', { fromString: '' }, null],
    ['entities', { from: '[10302, 10301]', to: '[10301]' }, ['10301', '10302']],
    ['entities', { from: null, to: '[10301]' }, null],
    ['entities', { from: null, to: '10000' }, undefined],
    ['users', { from: '[712020:b, 712020:a]' }, ['712020:a', '712020:b']],
    ['rich', { fromString: 'text' }, undefined],
  ])('%s %o', (kind, parts, value) => {
    expect(decodeFrom(kind, item('f', parts))).toEqual(value);
  });
});

describe('what stood there before our write', () => {
  const kinds: Record<string, Kind> = { summary: 'string', duedate: 'date', status: 'status' };
  const at = (seconds: number) => `2026-11-20T14:03:${String(seconds).padStart(2, '0')}.000+0100`;
  const notBefore = Date.parse('2026-11-20T13:03:20Z');
  const write = { accountId: 'sync', notBefore, patched: ['summary', 'duedate'], kinds };
  const history = (id: string, author: string, seconds: number, ...items: Item[]) => ({
    id,
    author: { accountId: author },
    created: at(seconds),
    items,
  });

  it('is taken from our newest entry, whatever order they come in', () => {
    const older = history('1', 'sync', 21, item('summary', { fromString: 'oldest' }));
    const newer = history(
      '2',
      'sync',
      25,
      item('summary', { fromString: 'older' }),
      item('duedate', { from: '2026-12-15' }),
    );
    for (const histories of [
      [older, newer],
      [newer, older],
    ]) {
      expect(valuesBefore(histories, write)).toEqual({ summary: 'older', duedate: '2026-12-15' });
    }
  });

  it('is not taken from others, from other fields, or from an earlier write of ours', () => {
    const histories = [
      history('1', 'sync', 10, item('summary', { fromString: 'long ago' })),
      history('2', 'anna', 24, item('summary', { fromString: 'hers' })),
      history('3', 'sync', 25, item('status', { from: '10010' })),
    ];
    expect(valuesBefore(histories, write)).toEqual({});
  });

  it('is found by name where an item has no field id, and from times as numbers', () => {
    const entry = {
      id: '9',
      author: { accountId: 'sync' },
      created: notBefore + 1,
      items: [item('Summary', { fieldId: null, fromString: 'by name' })],
    };
    expect(valuesBefore([entry], write)).toEqual({ summary: 'by name' });
  });
});

describe('what a new issue showed at first', () => {
  const kinds: Record<string, Kind> = { summary: 'string', description: 'rich' };
  const entry = (id: string, minute: number, ...items: Item[]) => ({
    id,
    author: { accountId: 'weber' },
    created: `2026-11-20T14:${minute}:00.000+0100`,
    items,
  });

  it('is what stood before the oldest entry, and unknown where that does not tell', () => {
    const second = entry('2', 12, item('summary', { fromString: '12 seals' }));
    const first = entry('1', 11, item('summary', { fromString: '40 seals' }), item('description'), item('rank'));
    const shown = valuesAtFirst([second, first], ['summary', 'description', 'duedate'], kinds);
    expect(shown).toEqual({ summary: '40 seals', description: undefined });
    expect(Object.keys(shown)).toContain('description');
  });
});
