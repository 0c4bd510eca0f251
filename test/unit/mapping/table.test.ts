// Options, statuses, sets.
import { describe, expect, it } from 'vitest';
import { MappingError } from '../../../src/errors.ts';
import { createMapper } from '../../../src/mapping/create-mapper.ts';
import type { FieldSchema } from '../../../src/model.ts';
import { schema, statusField } from '../../support/merge-fields.ts';

const options = (...labels: string[]) => labels.map((label, index) => ({ id: `${10 + index}`, label }));
const crmOptions = (...labels: string[]) => labels.map((label, index) => ({ id: `${80 + index}`, label }));

describe('a table of options', () => {
  const { mapper } = statusField();

  it('translates row by row; the first row wins on the way back', () => {
    expect(mapper.translate('10011', 'jira')).toBe('C9:0');
    expect(mapper.translate('C9:0', 'crm')).toBe('10010');
    expect(mapper.translate('C9:2', 'crm')).toBe('10012');
    expect(mapper.translate(null, 'crm')).toBeNull();
  });

  it('refuses a value without a row, by its label and with the cure', () => {
    const refused = (() => {
      try {
        return mapper.translate('C9:3', 'crm');
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(MappingError);
    expect((refused as MappingError).message).toBe(
      '"Проиграна" of "Stage" (CRM) has no translation to "Status" (Jira)',
    );
    expect((refused as MappingError).cure).toContain('values:');
    expect((refused as MappingError).value).toBe('C9:3');
  });

  it('gives the default of the target side to such a value, never to an empty one', () => {
    const jira = schema('Status', 'status', { options: options('To Do', 'Done') });
    const crm = schema('Stage', 'status', { options: crmOptions('Новая', 'Проиграна') });
    const rows = [{ jira: '11', crm: '80' }];
    const both = createMapper({
      kind: 'table',
      type: 'status',
      jira,
      crm,
      table: rows,
      defaults: { jira: '10', crm: '81' },
    });
    expect(both.translate('81', 'crm')).toBe('10');
    expect(both.translate('10', 'jira')).toBe('81');
    expect(both.translate(null, 'jira')).toBeNull();
    const toJira = createMapper({ kind: 'table', type: 'status', jira, crm, table: rows, defaults: { jira: '10' } });
    expect(() => toJira.translate('10', 'jira')).toThrow(MappingError);
  });

  it('maps options to yes and no, and empty to no where a row says so', () => {
    const jira = schema('Urgent', 'enum', { options: options('Yes', 'No') });
    const table = [
      { jira: '10', crm: true },
      { jira: '11', crm: false },
      { jira: null, crm: false },
    ];
    const mapper = createMapper({ kind: 'table', type: 'enum', jira, crm: schema('Срочно', 'boolean'), table });
    expect(mapper.translate('10', 'jira')).toBe(true);
    expect(mapper.translate(null, 'jira')).toBe(false);
    expect(mapper.translate(false, 'crm')).toBe('11');
    expect(mapper.show(true, 'crm')).toBe('yes');
    expect(mapper.show('10', 'jira')).toBe('Yes');
    expect(mapper.show('99', 'jira')).toBe('99');
  });
});

describe('options without a table', () => {
  const make = (jira: Partial<FieldSchema>, crm: Partial<FieldSchema>) =>
    createMapper({
      kind: 'table',
      type: 'enum',
      jira: schema('Distributor', 'enum', jira),
      crm: schema('Дистрибьютор', 'enum', crm),
    });

  it('belong together when they read alike', () => {
    const mapper = make(
      { options: options('Hydrotech', 'Rotor Trade', 'Only Jira') },
      { options: crmOptions('rotor trade ', 'HYDROTECH') },
    );
    expect(mapper.translate('10', 'jira')).toBe('81');
    expect(mapper.translate('80', 'crm')).toBe('11');
    expect(() => mapper.translate('12', 'jira')).toThrow('"Only Jira"');
  });

  it('have no translation where a field has no options at all', () => {
    const mapper = make({ options: [] }, {});
    expect(() => mapper.translate('x', 'crm')).toThrow(MappingError);
    expect(() => make({}, {}).translate('x', 'crm')).toThrow(MappingError);
  });

  it('go by the first of several equal rows', () => {
    const ends = { jira: schema('A', 'enum', { options: options('x') }), crm: schema('B', 'text') };
    const table = [
      { jira: '10', crm: 'first' },
      { jira: '10', crm: 'second' },
    ];
    const mapper = createMapper({ kind: 'table', type: 'enum', ...ends, table });
    expect(mapper.translate('10', 'jira')).toBe('first');
    expect(mapper.translate('second', 'crm')).toBe('10');
  });

  it('prefer an enabled option of that name', () => {
    const twins = [
      { id: '10', label: 'Hydrotech', disabled: true },
      { id: '11', label: 'Hydrotech' },
    ];
    const mapper = make({ options: twins }, { options: crmOptions('Hydrotech') });
    expect(mapper.translate('80', 'crm')).toBe('11');
    expect(mapper.translate('10', 'jira')).toBe('80');
  });

  it('are written as their labels into a text field, and found again', () => {
    const mapper = make({ options: options('Nordwind Supply') }, { maxLength: 8 });
    expect(mapper.translate('10', 'jira')).toBe('Nordwind');
    expect(mapper.translate('Nordwind', 'crm')).toBe('10');
    expect(() => mapper.translate('Somebody', 'crm')).toThrow('"Somebody"');
    const other = make({ singleLine: true }, { options: crmOptions('Уралнасос') });
    expect(other.translate('80', 'crm')).toBe('Уралнасос');
    expect(other.translate('Уралнасос', 'jira')).toBe('80');
  });
});

describe('sets', () => {
  const countries = createMapper({
    kind: 'set',
    type: 'set',
    jira: schema('Countries', 'set', { items: 'enum', options: options('Germany', 'Россия') }),
    crm: schema('Страны', 'set', { items: 'enum', options: crmOptions('Россия', 'Германия') }),
    table: [
      { jira: '10', crm: '81' },
      { jira: '11', crm: '80' },
    ],
  });
  const labels = createMapper({
    kind: 'set',
    type: 'set',
    jira: schema('Labels', 'set', { items: 'text', maxLength: 8 }),
    crm: schema('Метки', 'set', { items: 'text' }),
  });

  it('are translated member by member and sorted again', () => {
    expect(countries.translate(['10', '11'], 'jira')).toEqual(['80', '81']);
    expect(countries.show(['10', '11'], 'jira')).toBe('Germany, Россия');
    expect(countries.translate(null, 'jira')).toBeNull();
    expect(countries.show(null, 'jira')).toBe('(empty)');
    expect(countries.show([], 'jira')).toBe('(empty)');
  });

  it('fail as a whole when a member has no translation', () => {
    expect(() => countries.translate(['10', '99'], 'jira')).toThrow('"99"');
    expect(() => countries.translate('10', 'jira')).toThrow('not a set');
  });

  it('become labels without white space in Jira, each cut to its length', () => {
    expect(labels.translate(['big  deal', 'x'], 'crm')).toEqual(['big-deal', 'x']);
    expect(labels.translate(['a b', 'a-b'], 'crm')).toEqual(['a-b']);
    expect(labels.translate(['one two three'], 'crm')).toEqual(['one-two-']);
    expect(labels.translate(['big-deal'], 'jira')).toEqual(['big-deal']);
    expect(labels.translate([' '], 'crm')).toBeNull();
    expect(labels.show(['a', 'b'], 'jira')).toBe('a, b');
    expect(() => labels.translate(['\ud83d'], 'crm')).toThrow(MappingError);
  });

  it('of texts beside options go by the labels of the options', () => {
    const mapper = createMapper({
      kind: 'set',
      type: 'set',
      jira: schema('Labels', 'set', { items: 'text' }),
      crm: schema('Kinds', 'set', { items: 'enum', options: crmOptions('big deal', 'spare') }),
    });
    expect(mapper.translate(['80', '81'], 'crm')).toEqual(['big-deal', 'spare']);
    expect(mapper.translate(['big-deal'], 'jira')).toEqual(['80']);
    expect(() => mapper.translate(['other'], 'jira')).toThrow('"other"');
  });
});
