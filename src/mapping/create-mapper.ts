// From a line of a profile, with labels already resolved, to the mapper of its field.
import { SyncError } from '../errors.ts';
import type { FieldSchema, FieldType } from '../model.ts';
import { createBooleanMapper } from './boolean.ts';
import { createDateMapper, createDatetimeMapper } from './dates.ts';
import type { Mapper } from './mapper.ts';
import { createMoneyMapper } from './money.ts';
import { createNumberMapper } from './number.ts';
import type { PeopleTable } from './people.ts';
import type { Ends } from './rejection.ts';
import { nameOf } from './rejection.ts';
import { createSetMapper, createWordMapper } from './set.ts';
import type { TableDefaults, TableRow } from './table.ts';
import { createTableMapper, rowsByLabel } from './table.ts';
import { createTextMapper } from './text.ts';
import { createUserMapper } from './user.ts';

export type MapperSpec = {
  readonly kind: 'plain' | 'table' | 'set' | 'user' | 'money';
  readonly jira: FieldSchema;
  readonly crm: FieldSchema;
  /** What the field is mapped as; decides among the plain ones. */
  readonly type: FieldType;
  /** For money beside a number; with money on both sides it refuses every other currency. */
  readonly currency?: string;
  /** For tables, and sets of options. Left out: options that read alike belong together. */
  readonly table?: readonly TableRow[];
  /** By the side that gets it. */
  readonly defaults?: TableDefaults;
  /** For users and sets of users. */
  readonly people?: PeopleTable;
};

/** Throws SyncError when the two fields cannot be mapped like that. */
export function createMapper(spec: MapperSpec): Mapper {
  const ends: Ends = { jira: spec.jira, crm: spec.crm };
  const table = (): Mapper => createTableMapper(ends, spec.table ?? rowsByLabel(ends), spec.defaults ?? {});
  const users = (): Mapper => {
    if (spec.people === undefined) throw new SyncError(...unmappable(ends, 'users', 'no people were read'));
    return createUserMapper(ends, spec.people);
  };

  switch (spec.kind) {
    case 'plain':
      return createPlainMapper(ends, spec.type);
    case 'money':
      return createMoneyMapper(ends, spec.currency ?? null);
    case 'table':
      return table();
    case 'user':
      return users();
    case 'set': {
      if (spec.jira.items === 'user' || spec.crm.items === 'user') return createSetMapper(ends, users());
      const words = spec.table === undefined && spec.jira.options === undefined && spec.crm.options === undefined;
      return createSetMapper(ends, words ? createWordMapper(ends) : table());
    }
  }
}

function createPlainMapper(ends: Ends, type: FieldType): Mapper {
  switch (type) {
    case 'text':
      return createTextMapper(ends);
    case 'number':
      return createNumberMapper(ends);
    case 'date':
      return createDateMapper(ends);
    case 'datetime':
      return createDatetimeMapper(ends);
    case 'boolean':
      return createBooleanMapper(ends);
    default:
      throw new SyncError(...unmappable(ends, type, 'this type is not copied as it is'));
  }
}

function unmappable(ends: Ends, as: string, why: string): [string, string] {
  return [
    `${nameOf(ends, 'jira')} and ${nameOf(ends, 'crm')} cannot be mapped as ${as}: ${why}`,
    'Choose another `as:` for the field, or leave it out of the profile.',
  ];
}
