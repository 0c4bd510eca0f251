// What a state consists of, asked from an empty one: new tables and columns are copied without a word here.
import { migrate } from '../migrations/migrate.ts';
import { openSqlite } from '../sqlite.ts';

export type Table = {
  readonly name: string;
  readonly columns: readonly string[];
  /** In their order: the rows are read along it. */
  readonly key: readonly string[];
  /** Its ids are given by the state and never given twice. */
  readonly givesIds: boolean;
};

/** Who works on a state now is no part of it. */
const OF_PROCESSES = ['lease', 'member'];

/** In an order in which each refers only to earlier ones. */
export function tablesOf(): { readonly copied: readonly Table[]; readonly names: readonly string[] } {
  const sqlite = openSqlite(':memory:');
  try {
    migrate(sqlite, ':memory:');
    const named = sqlite.all<{ name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid`,
    );
    const tables = named.map(({ name, sql }): Table => {
      const columns = sqlite.all<{ name: string; pk: number }>('SELECT name, pk FROM pragma_table_info(?)', name);
      const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
      const givesIds = /\bid INTEGER PRIMARY KEY/.test(sql);
      return { name, columns: columns.map((column) => column.name), key: key.map((column) => column.name), givesIds };
    });
    return {
      copied: tables.filter(({ name }) => !OF_PROCESSES.includes(name)),
      names: tables.map(({ name }) => name),
    };
  } finally {
    sqlite.close();
  }
}
