import { describe, expect, it } from 'vitest';
import { MappingError } from '../../../src/errors.ts';
import { createMapper } from '../../../src/mapping/create-mapper.ts';
import { createPeopleTable, type PeopleConfig } from '../../../src/mapping/people.ts';
import type { Person } from '../../../src/model.ts';
import { schema } from '../../support/merge-fields.ts';

function person(id: string, email: string | null, name: string, active = true): Person {
  return { id, email, name, active };
}

const JIRA = [
  person('j-ivanova', 'i.ivanova@nordhafen.example', 'Irina Ivanova'),
  person('j-petrov', 'O.Petrov@nordhafen.example', 'Oleg Petrov'),
  person('j-smirnov', null, 'Павел Смирнов'),
  person('j-sync', 'sync@nordhafen.example', 'Sync Daemon'),
  person('j-old', 'old@nordhafen.example', 'Old Hand', false),
];
const CRM = [
  person('1', 'ivanova@nordhafen.example', 'Irina Ivanova'),
  person('2', 'o.petrov@nordhafen.example', 'Oleg Petrov'),
  person('3', 'p.smirnov@nordhafen.example', 'Павел Смирнов'),
  person('9', 'sync@nordhafen.example', 'Sync Daemon'),
  person('4', 'old@nordhafen.example', 'Old Hand'),
];
const IVANOVA = { jira: 'i.ivanova@nordhafen.example', crm: 'ivanova@nordhafen.example' };

function table(config: Partial<PeopleConfig> = {}, jira = JIRA, crm = CRM) {
  return createPeopleTable(jira, crm, { map: [], fallback: {}, ...config });
}

describe('people', () => {
  it('are matched by equal e-mail, whatever its case', () => {
    expect(table().translate('j-petrov', 'jira')).toBe('2');
    expect(table().translate('2', 'crm')).toBe('j-petrov');
  });

  it('are matched by the map first, by e-mail or id', () => {
    const people = table({ map: [IVANOVA, { jira: 'j-smirnov', crm: '3' }] });
    expect(people.translate('j-ivanova', 'jira')).toBe('1');
    expect(people.translate('1', 'crm')).toBe('j-ivanova');
    expect(people.translate('j-smirnov', 'jira')).toBe('3');
    expect(people.unknown).toEqual([]);
  });

  it('of whom two lead to one: the first line wins on the way back', () => {
    const people = table({ map: [IVANOVA, { jira: 'j-smirnov', crm: '1' }] });
    expect(people.translate('j-smirnov', 'jira')).toBe('1');
    expect(people.translate('1', 'crm')).toBe('j-ivanova');
  });

  it('whom the map gives to somebody else are not matched by e-mail', () => {
    const people = table({ map: [{ jira: 'j-ivanova', crm: '2' }] });
    expect(people.translate('2', 'crm')).toBe('j-ivanova');
    expect(() => people.translate('j-petrov', 'jira')).toThrow('Oleg Petrov');
  });

  it('without a match are named, with the cure', () => {
    try {
      table().translate('j-ivanova', 'jira');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(MappingError);
      expect((error as MappingError).message).toContain('Irina Ivanova');
      expect((error as MappingError).cure).toContain('users:');
    }
    expect(() => table().translate('77', 'crm')).toThrow('CRM user 77');
  });

  it('without an e-mail, or deactivated on either side, match nobody', () => {
    expect(() => table().translate('j-smirnov', 'jira')).toThrow(MappingError);
    expect(() => table().translate('j-old', 'jira')).toThrow(MappingError);
    expect(() => table().translate('4', 'crm')).toThrow(MappingError);
    const mapped = table({ map: [{ jira: 'j-old', crm: '4' }] });
    expect(mapped.translate('j-old', 'jira')).toBe('4');
    expect(() => mapped.translate('4', 'crm')).toThrow(MappingError);
  });

  it('who share an e-mail are never guessed, on whichever side', () => {
    const twin = person('22', 'o.petrov@nordhafen.example', 'Oleg Petrov jun.');
    expect(() => table({}, JIRA, [...CRM, twin]).translate('j-petrov', 'jira')).toThrow(MappingError);
    expect(() => table({}, JIRA, [...CRM, twin]).translate('2', 'crm')).toThrow(MappingError);
    expect(table({}, JIRA, [...CRM, { ...twin, active: false }]).translate('j-petrov', 'jira')).toBe('2');
  });

  it('without a match become the fallback of that side', () => {
    const people = table({ fallback: { crm: 'sync@nordhafen.example', jira: 'j-old' } });
    expect(people.translate('j-ivanova', 'jira')).toBe('9');
    expect(people.translate('nobody', 'jira')).toBe('9');
    // A deactivated fallback is none: the vendor would refuse it.
    expect(() => people.translate('1', 'crm')).toThrow(MappingError);
  });

  it('whom the configuration names and nobody knows are reported', () => {
    const people = table({ map: [{ jira: 'gone@nordhafen.example', crm: '77' }], fallback: { jira: 'nobody' } });
    expect(people.unknown).toEqual([
      { side: 'jira', name: 'gone@nordhafen.example' },
      { side: 'crm', name: '77' },
      { side: 'jira', name: 'nobody' },
    ]);
  });

  it('who are the same, with the same map, have the same fingerprint in any order', () => {
    const map = [IVANOVA];
    expect(table({ map }, [...JIRA].reverse()).fingerprint).toBe(table({ map }).fingerprint);
    expect(table().fingerprint).not.toBe(table({ map }).fingerprint);
    expect(table({}, JIRA.slice(1)).fingerprint).not.toBe(table().fingerprint);
  });

  it('named by the e-mail of a deactivated and an active person mean the active one', () => {
    const twin = person('22', IVANOVA.crm, 'Irina Ivanova (old)', false);
    expect(table({ map: [IVANOVA] }, JIRA, [...CRM, twin]).translate('j-ivanova', 'jira')).toBe('1');
    const gone = table({ map: [{ jira: 'old@nordhafen.example', crm: '3' }] });
    expect(gone.translate('j-old', 'jira')).toBe('3');
    expect(table({ map: [{ jira: 'j-petrov', crm: 'nobody' }, IVANOVA] }).translate('1', 'crm')).toBe('j-ivanova');
  });

  it('are shown by name', () => {
    expect(table().show('j-petrov', 'jira')).toBe('Oleg Petrov');
    expect(table().show('77', 'crm')).toBe('77');
  });
});

describe('a user field', () => {
  const ends = { jira: schema('Assignee', 'user'), crm: schema('Ответственный', 'user') };

  it('translates ids through the people table', () => {
    const mapper = createMapper({ kind: 'user', type: 'user', ...ends, people: table() });
    expect(mapper.translate('j-petrov', 'jira')).toBe('2');
    expect(mapper.translate(null, 'jira')).toBeNull();
    expect(() => mapper.translate(['2'], 'crm')).toThrow('not a person');
    expect(mapper.show('2', 'crm')).toBe('Oleg Petrov');
    expect(mapper.show(null, 'crm')).toBe('(empty)');
  });

  it('may hold several people', () => {
    const jira = schema('Watchers', 'set', { items: 'user' });
    const crm = schema('Наблюдатели', 'set', { items: 'user' });
    const mapper = createMapper({ kind: 'set', type: 'set', jira, crm, people: table() });
    expect(mapper.translate(['j-petrov', 'j-sync'], 'jira')).toEqual(['2', '9']);
    expect(mapper.show(['2', '9'], 'crm')).toBe('Oleg Petrov, Sync Daemon');
  });

  it('cannot be made without people', () => {
    expect(() => createMapper({ kind: 'user', type: 'user', ...ends })).toThrow(/no people were read/);
  });
});
