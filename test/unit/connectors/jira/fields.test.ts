import { describe, expect, it } from 'vitest';
import {
  canonicalInstant,
  canonicalNumber,
  decode,
  encode,
  encodeItem,
  fieldTypeOf,
  type Kind,
  kindOf,
} from '../../../../src/connectors/jira/fields.ts';
import { plainText } from '../../../../src/connectors/jira/richtext.ts';
import { RejectedError } from '../../../../src/errors.ts';
import type { Value } from '../../../../src/model.ts';

const CUSTOM = 'com.atlassian.jira.plugin.system.customfieldtypes:';

describe('kinds of Jira fields', () => {
  it.each([
    [{ type: 'string', system: 'summary' }, 'string', 'text'],
    [{ type: 'string', system: 'description' }, 'rich', 'rich-text'],
    [{ type: 'string', system: 'environment' }, 'rich', 'rich-text'],
    [{ type: 'string', custom: `${CUSTOM}textarea` }, 'rich', 'rich-text'],
    [{ type: 'string', custom: `${CUSTOM}textfield` }, 'string', 'text'],
    [{ type: 'number', custom: `${CUSTOM}float` }, 'number', 'number'],
    [{ type: 'date', system: 'duedate' }, 'date', 'date'],
    [{ type: 'datetime', system: 'created' }, 'datetime', 'datetime'],
    [{ type: 'option', custom: `${CUSTOM}select` }, 'entity', 'enum'],
    [{ type: 'option', custom: `${CUSTOM}radiobuttons` }, 'entity', 'enum'],
    [{ type: 'priority', system: 'priority' }, 'entity', 'enum'],
    [{ type: 'issuetype', system: 'issuetype' }, 'entity', 'enum'],
    [{ type: 'array', items: 'option', custom: `${CUSTOM}multiselect` }, 'entities', 'set'],
    [{ type: 'array', items: 'string', system: 'labels' }, 'labels', 'set'],
    [{ type: 'array', items: 'user', custom: `${CUSTOM}multiuserpicker` }, 'users', 'set'],
    [{ type: 'user', system: 'assignee' }, 'user', 'user'],
    [{ type: 'status', system: 'status' }, 'status', 'status'],
    [{ type: 'option-with-child', custom: `${CUSTOM}cascadingselect` }, 'other', 'other'],
    [{ type: 'array', items: 'json', custom: 'com.pyxis.greenhopper.jira:gh-sprint' }, 'other', 'other'],
  ] as const)('%o is %s', (schema, kind, type) => {
    expect(kindOf(schema)).toBe(kind);
    expect(fieldTypeOf(kind)).toBe(type);
  });
});

describe('values of Jira', () => {
  it.each<[Kind, unknown, Value]>([
    ['string', 'Pumpe\r\nfür Linie 3', 'Pumpe\nfür Linie 3'],
    ['string', 'e\u0301', 'é'],
    ['string', '', null],
    ['number', 1200.5, '1200.5'],
    ['number', 0, '0'],
    ['number', 1e21, '1000000000000000000000'],
    ['number', 1.5e-7, '0.00000015'],
    ['date', '2026-12-15', '2026-12-15'],
    ['datetime', '2026-11-20T14:03:21.417+0100', '2026-11-20T13:03:21.417Z'],
    ['datetime', '2026-11-20T13:03:21.417Z', '2026-11-20T13:03:21.417Z'],
    ['entity', { self: 'x', id: '10201', value: 'Hydrotech' }, '10201'],
    ['status', { id: '10010', name: 'To Do' }, '10010'],
    ['user', { accountId: '712020:a', displayName: 'Anna Weber' }, '712020:a'],
    ['entities', [{ id: '3' }, { id: '1' }, { id: '3' }], ['1', '3']],
    ['users', [{ accountId: 'b' }, { accountId: 'a' }], ['a', 'b']],
    ['labels', ['spring', 'crm-deal-7405', 'crm'], ['crm', 'spring']],
    ['labels', ['crm-deal-7405'], null],
    ['entities', [], null],
    ['entity', null, null],
  ])('%s %o is read as %o', (kind, raw, value) => {
    expect(decode(kind, raw)).toEqual(value);
  });

  it.each<[Kind, unknown]>([
    ['string', undefined],
    ['string', { type: 'doc' }],
    ['number', 'twelve'],
    ['date', 'tomorrow'],
    ['datetime', 'now'],
    ['entity', 'Hydrotech'],
    ['entity', { value: 'Hydrotech' }],
    ['entities', { id: '1' }],
    ['entities', [{ value: 'no id' }]],
    ['user', { name: 'login' }],
    ['other', 'anything'],
  ])('%s %o is unknown, not empty', (kind, raw) => {
    expect(decode(kind, raw)).toBeUndefined();
  });

  it.each<[Kind, Value, unknown]>([
    ['string', '40 shaft seals', '40 shaft seals'],
    ['string', null, null],
    ['number', '1200.5', 1200.5],
    ['number', '-0.01', -0.01],
    ['date', '2026-12-15', '2026-12-15'],
    ['datetime', '2026-11-20T13:03:21.417Z', '2026-11-20T13:03:21.417+0000'],
    ['entity', '10201', { id: '10201' }],
    ['entity', null, null],
    ['user', '712020:a', { accountId: '712020:a' }],
    ['labels', ['a', 'b'], ['a', 'b']],
    ['labels', null, []],
    ['entities', ['1', '2'], [{ id: '1' }, { id: '2' }]],
    ['users', ['a'], [{ accountId: 'a' }]],
  ])('%s %o is written as %o', (kind, value, raw) => {
    expect(encode(kind, value, 'customfield_10031')).toEqual(raw);
  });

  it.each<[Kind, Value]>([
    ['number', '12345678901234567.89'],
    ['rich', 'text'],
    ['status', '10010'],
    ['other', 'x'],
    ['string', { amount: '1', currency: 'EUR' }],
    ['number', true],
  ])('refuses to write %s %o rather than change it by the way', (kind, value) => {
    expect(() => encode(kind, value, 'customfield_10031')).toThrow(RejectedError);
  });

  it('reads back what it wrote', () => {
    for (const number of ['0', '-7', '1200.5', '0.00000015', '900719925474099', '123456789012345680000']) {
      expect(decode('number', encode('number', number, 'f'))).toBe(number);
    }
    expect(decode('entity', encodeItem('entity', '5'))).toBe('5');
    expect(decode('datetime', encode('datetime', '2026-03-29T00:59:59.999Z', 'f'))).toBe('2026-03-29T00:59:59.999Z');
  });

  it.each([
    ['007', '7'],
    ['+1.50', '1.5'],
    ['-0', '0'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    ['12.34E-2', '0.1234'],
    ['', undefined],
    ['1,5', undefined],
    ['NaN', undefined],
  ])('the number %o is %o', (text, canonical) => {
    expect(canonicalNumber(text)).toBe(canonical);
  });

  it('reads offsets of every zone', () => {
    expect(canonicalInstant('2026-11-20T14:03:21.417-0330')).toBe('2026-11-20T17:33:21.417Z');
    expect(canonicalInstant('yesterday')).toBeUndefined();
  });
});

describe('rich text', () => {
  it('is shown as its words, a block a line', () => {
    const text = (value: string) => ({ type: 'text', text: value });
    const document = {
      type: 'doc',
      version: 1,
      content: [
        { type: 'heading', content: [text('Offer')] },
        { type: 'paragraph', content: [text('40 seals'), { type: 'hardBreak' }, text('for '), text('line 3')] },
        {
          type: 'bulletList',
          content: [{ type: 'listItem', content: [{ type: 'paragraph', content: [text('steel')] }] }],
        },
        { type: 'paragraph', content: [{ type: 'mention', attrs: { id: 'x', text: '@Anna' } }] },
      ],
    };
    expect(plainText(document)).toBe('Offer\n40 seals\nfor line 3\nsteel\n@Anna');
    expect(decode('rich', { type: 'doc', version: 1, content: [] })).toBeNull();
  });

  it('does not follow a document without end', () => {
    let document: unknown = { type: 'text', text: 'deep' };
    for (let depth = 0; depth < 5000; depth += 1) document = { type: 'panel', content: [document] };
    expect(plainText(document)).toBe('');
  });
});
