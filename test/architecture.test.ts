import { describe, expect, it } from 'vitest';
import {
  classProblems,
  cycleProblems,
  folderProblems,
  globalProblems,
  hiddenTestProblems,
  medianProblems,
  nameProblems,
  packageProblems,
  productNameProblems,
  SOURCE_LINES,
  siblingProblems,
  sizeProblems,
  TEST_LINES,
} from './support/architecture-rules.ts';
import { parseSource, readSources } from './support/source-tree.ts';

const sources = readSources('src');
const tests = readSources('test');
const measurements = readSources('bench');

describe('the sources', () => {
  it('import only what their folder may import', () => {
    expect(folderProblems(sources)).toEqual([]);
  });
  it('keep the products apart', () => {
    expect(siblingProblems(sources)).toEqual([]);
  });
  it('use each package only in its place', () => {
    expect(packageProblems(sources)).toEqual([]);
  });
  it('never import in a circle', () => {
    expect(cycleProblems(sources)).toEqual([]);
  });
  it('take time, chance and the environment from the ports', () => {
    expect(globalProblems(sources)).toEqual([]);
  });
  it('stay short', () => {
    expect([...sizeProblems(sources, SOURCE_LINES), ...medianProblems(sources)]).toEqual([]);
  });
  it('are plainly named and export by name', () => {
    expect(nameProblems(sources)).toEqual([]);
  });
  it('have no classes but errors', () => {
    expect(classProblems(sources)).toEqual([]);
  });
  it('keep the names of products out of the engine', () => {
    expect(productNameProblems(sources)).toEqual([]);
  });
});

describe('the measurements', () => {
  it('stay short, and are plainly named', () => {
    expect([...sizeProblems(measurements, SOURCE_LINES), ...nameProblems(measurements)]).toEqual([]);
  });
  it('have no classes but errors', () => {
    expect(classProblems(measurements)).toEqual([]);
  });
});

describe('the tests', () => {
  it('stay short', () => {
    expect(sizeProblems(tests, TEST_LINES)).toEqual([]);
  });
  it('are plainly named', () => {
    expect(nameProblems(tests)).toEqual([]);
  });
  it('all run', () => {
    expect(hiddenTestProblems(tests)).toEqual([]);
  });
});

// A checker that finds nothing in clean sources has shown nothing: here it meets every mistake once.
describe('the rules', () => {
  const planted = (path: string, ...lines: string[]) => [parseSource(path, `${lines.join('\n')}\n`)];

  it('name file, line and what is allowed when a folder reaches too far', () => {
    const found = folderProblems(planted('src/mapping/x.ts', '', "import { a } from '../state/store.ts';"));
    expect(found).toEqual(['src/mapping/x.ts:2 imports src/state/store.ts: mapping may import only model, errors.']);
  });
  it('tell a type from a value', () => {
    const value = "import { type Store, a } from '../state/store.ts';";
    const type = "import { type Store } from '../state/store.ts';";
    expect(folderProblems(planted('src/sync/x.ts', value))).toHaveLength(1);
    expect(folderProblems(planted('src/sync/x.ts', type))).toEqual([]);
  });
  it('see dynamic imports, re-exports and import types', () => {
    const lines = [
      "export const a = () => import('../cli/main.ts');",
      "export * from '../daemon.ts';",
      "export type B = import('../cli/main.ts').B;",
    ];
    expect(folderProblems(planted('src/state/x.ts', ...lines))).toHaveLength(3);
  });
  it('find one connector in another', () => {
    expect(siblingProblems(planted('src/connectors/jira/x.ts', "import { a } from '../bitrix24/a.ts';"))).toHaveLength(
      1,
    );
  });
  it('find a package out of place, and one that has none', () => {
    const found = packageProblems(planted('src/sync/x.ts', "import axios from 'axios';", "import l from 'lodash';"));
    expect(found).toEqual([
      'src/sync/x.ts:1 imports axios: it belongs in connectors only.',
      'src/sync/x.ts:2 imports lodash: the package has no place in the architecture yet.',
    ]);
  });
  it('find a circle', () => {
    const files = [
      parseSource('src/sync/a.ts', "import { b } from './b.ts';\n"),
      parseSource('src/sync/b.ts', "import type { a } from './a.ts';\n"),
    ];
    expect(cycleProblems(files)).toEqual([
      'src/sync/a.ts -> src/sync/b.ts -> src/sync/a.ts: imports may not run in a circle.',
    ]);
  });
  it('find globals in code, but not in comments, texts, members or own names', () => {
    const lines = [
      '// Date.now() in a comment',
      "const text = 'Math.random()';",
      'const at = Date.now();',
      'const today = new Date();',
      'const fine = new Date(5);',
      'function wait(setTimeout: number) { return setTimeout; }',
      'const o = { process: 1 }; o.process;',
      'process.env.HOME;',
    ];
    const found = globalProblems(planted('src/work/x.ts', ...lines)).map((text) =>
      text.split(':').slice(0, 2).join(':'),
    );
    expect(found).toEqual([
      'src/work/x.ts:3 uses Date.now',
      'src/work/x.ts:4 uses new Date()',
      'src/work/x.ts:8 uses process.env',
    ]);
  });
  it('find long files, bad names, default exports, classes, product names and hidden tests', () => {
    const long = Array.from({ length: 401 }, () => '');
    expect(sizeProblems(planted('src/sync/x.ts', ...long), SOURCE_LINES)).toHaveLength(1);
    expect(medianProblems(planted('src/sync/x.ts', ...long))).toHaveLength(2);
    expect(nameProblems(planted('src/sync/utils.ts', 'export default 1;'))).toHaveLength(2);
    expect(nameProblems(planted('src/sync/syncRecord.ts', ''))).toHaveLength(1);
    expect(classProblems(planted('src/sync/x.ts', 'class Engine {}', 'class E extends Error {}'))).toHaveLength(1);
    expect(productNameProblems(planted('src/sync/x.ts', '// as Bitrix24 does'))).toHaveLength(1);
    expect(hiddenTestProblems(planted('test/x.test.ts', "it.skip('x', () => {});"))).toHaveLength(1);
  });
});
