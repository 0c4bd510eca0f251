// Documentation that can be compared with the code is. `npx vitest run test/unit/docs.test.ts -u` writes docs/errors.md
// anew; the other pages are corrected by hand from what the failing test shows.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/output.ts';
import { buildProgram } from '../../src/cli/program.ts';
import * as errors from '../../src/errors.ts';
import { seededRandom } from '../../src/ports.ts';
import { createMetrics } from '../../src/triggers/metrics.ts';
import { disposeOf } from '../../src/work/disposition.ts';
import { commandRows, errorsPage, importRows, packageRows } from '../support/render-docs.ts';
import { readSources } from '../support/source-tree.ts';

const PAGES = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...readdirSync('docs').map((name) => `docs/${name}`)];
const page = (path: string) => readFileSync(path, 'utf8');

describe('docs/errors.md', () => {
  it('is what the table of error classes says', async () => {
    await expect(errorsPage()).toMatchFileSnapshot('../../docs/errors.md');
  });

  it('has every class of errors that crosses a folder', () => {
    const classes = Object.entries(errors).filter(
      ([name, value]) =>
        name !== 'SyncError' && typeof value === 'function' && value.prototype instanceof errors.SyncError,
    );
    expect(classes.length).toBeGreaterThan(0);
    expect(errors.ERROR_CLASSES.map(({ name }) => name).sort()).toEqual(classes.map(([name]) => name).sort());
  });

  it('says of each what really becomes of the work', () => {
    const samples = [
      new errors.AuthError('', ''),
      new errors.RateLimitedError('', '', 10),
      new errors.UnavailableError('', '', { ambiguous: false }),
      new errors.StaleError('', ''),
      new errors.BusyError('', ''),
      new errors.RejectedError('', '', 'jira', null),
      new errors.BadResponseError('', '', { path: '', excerpt: '' }),
      new errors.MappingError('', '', null),
      new errors.HaltError('', ''),
    ];
    const real = samples.map((error) => {
      const disposition = disposeOf(error, 1, 0, seededRandom(1));
      if (disposition.kind === 'park') return { name: error.name, work: 'parked', counts: false };
      return { name: error.name, work: 'again', counts: disposition.retry.counted };
    });
    const told = errors.ERROR_CLASSES.filter(({ work }) => work !== 'not begun');
    expect(told.map(({ name, work, counts }) => ({ name, work, counts }))).toEqual(real);
  });
});

describe('README.md', () => {
  const readme = page('README.md');

  it('lists every command with what its help says', () => {
    const rows = commandRows(buildProgram());
    const listed = readme.split('\n').filter((line) => /^\| `[a-z]+( |`)/.test(line) && line.split('|').length === 5);
    expect(listed.map((line) => line.split('|').slice(0, 3).join('|').concat('|'))).toEqual(rows);
  });

  it('starts a newcomer with the two commands that need nothing but npm', () => {
    const { scripts } = JSON.parse(page('package.json')) as { scripts: Record<string, string> };
    expect(readme).toContain('\nnpm ci && npm start\n');
    expect(readme).toContain('\nnpm ci && npm test\n');
    expect(scripts.start).toBe(`${scripts.cli} demo`);
    expect(page('.ci/run')).toMatch(/npm ci[\s\S]*npm test/);
  });

  it('names only exit codes that there are', () => {
    const known = new Set(Object.values(EXIT).map(String));
    const table = readme.split('\n').filter((line) => commandRows(buildProgram()).some((row) => line.startsWith(row)));
    for (const line of table) {
      const codes = (line.split('|')[3] ?? '').match(/\b\d+\b/g) ?? [];
      expect(codes.length, line).toBeGreaterThan(0);
      for (const code of codes) expect(known, line).toContain(code);
    }
  });
});

describe('docs/architecture.md', () => {
  const text = page('docs/architecture.md').split('\n');

  it('has the import table that the architecture test enforces', () => {
    for (const row of [...importRows(), ...packageRows()]) expect(text).toContain(row);
    const rows = text.slice(text.indexOf('| from | may import |') + 2);
    expect(rows.slice(0, rows.indexOf(''))).toEqual(importRows());
  });
});

describe('docs/operations.md', () => {
  const text = page('docs/operations.md');

  it('explains every figure of /metrics', async () => {
    const metrics = createMetrics();
    metrics.watchProcess();
    const names = [...(await metrics.text()).matchAll(/^# HELP (\S+)/gm)].map((match) => match[1]);
    expect(names.length).toBeGreaterThan(60);
    const named = new Set([...text.matchAll(/`([a-z0-9_]+)`/g)].map((match) => match[1]));
    expect(names.filter((name) => !named.has(name))).toEqual([]);
  });

  it('has every message that the log of a daemon can hold', () => {
    const sources = readSources('src').filter(({ path }) => !path.startsWith('src/sandbox/'));
    const messages = new Set(
      sources.flatMap((source) =>
        [...source.text.matchAll(/\blog\.(?:info|warn|error)\(\s*'([^']+)'/g)].map((match) => match[1] ?? ''),
      ),
    );
    expect(messages.size).toBeGreaterThan(15);
    const missing = [...messages].filter((message) => !text.includes(message));
    expect(missing).toEqual([]);
  });

  it('explains every reason for which something is parked', () => {
    const kinds = new Set<string>();
    for (const { path, text: source } of readSources('src')) {
      if (!/^src\/(sync|work)\//.test(path)) continue;
      for (const [, kind = ''] of source.matchAll(/parkedField\(\w+,\s*[\w']+,\s*'([a-z-]+)'/g)) kinds.add(kind);
      for (const [, kind = ''] of source.matchAll(/\bpark\('([A-Za-z-]+)'/g)) kinds.add(kind);
      for (const [, kind = ''] of source.matchAll(/^ {4}kind: '(coercion|[a-z]+-[a-z-]+)',$/gm)) kinds.add(kind);
    }
    for (const { name, work } of errors.ERROR_CLASSES) if (work === 'parked') kinds.add(name);
    expect([...kinds]).toEqual(expect.arrayContaining(['waiting', 'two-matches', 'coercion', 'flip-flop', 'bug']));
    expect([...kinds].filter((kind) => !text.includes(`\n| \`${kind}\` |`))).toEqual([]);
  });
});

describe('the pages', () => {
  it.each(PAGES)('%s links to files that exist', (path) => {
    const links = [...page(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
    const broken = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(dirname(path), link)));
    expect(broken).toEqual([]);
  });

  it.each(PAGES)('%s names npm scripts and source files that exist', (path) => {
    const { scripts } = JSON.parse(page('package.json')) as { scripts: Record<string, string> };
    const text = page(path);
    for (const [, name] of text.matchAll(/npm run (?:-s )?([a-z-]+)/g)) expect(Object.keys(scripts)).toContain(name);
    const files = [...text.matchAll(/`((?:src|test|config|docs)\/[a-z0-9/.-]+\.(?:ts|yaml|md))`/g)];
    const missing = files.map((match) => match[1] ?? '').filter((file) => !existsSync(file) && !isMadeByUser(file));
    expect(missing).toEqual([]);
  });
});

/** What an admin makes from the examples. */
function isMadeByUser(file: string): boolean {
  return file === 'config/sync.yaml' || file.startsWith('config/profiles/');
}
