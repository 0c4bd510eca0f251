// A bundle of one line and its map, as a bundler writes them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inSources, whereShown } from '../../../src/cli/source-places.ts';

const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-'));
const bundle = join(folder, 'main.js');

beforeAll(() => {
  // Column 0 is line 1 of the first source, column 10 line 3 of the second.
  const map = {
    version: 3,
    sources: ['../src/work/one.ts', '../node_modules/two/index.js'],
    names: [],
    mappings: 'AAAA,UCEA',
  };
  writeFileSync(`${bundle}.map`, JSON.stringify(map));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function failed(...places: string[]): Error {
  const error = new TypeError('x is undefined');
  error.stack = ['TypeError: x is undefined', ...places.map((place) => `    at f (${place})`)].join('\n');
  return error;
}

describe('a place in the bundle', () => {
  const url = pathToFileURL(bundle).href;

  it('is told as a place in the sources, wherever it stands in a text', () => {
    expect(inSources(`at f (${url}:1:1)\\n at ${url}:1:11`)).toBe(
      'at f (src/work/one.ts:1:1)\\n at node_modules/two/index.js:3:1',
    );
  });

  it('stays as it is without a map', () => {
    expect(inSources(`at f (${url.replace('main', 'other')}:1:1)`)).toBe(`at f (${url.replace('main', 'other')}:1:1)`);
  });

  it('is named in a message when it is ours, the nearest one', () => {
    expect(whereShown(failed('node:fs:12:3', `${url}:1:11`, `${url}:1:1`))).toBe(' (at src/work/one.ts:1:1)');
    expect(whereShown(failed('file:///home/me/clone/src/cli/output.ts:4:2'))).toBe(' (at src/cli/output.ts:4:2)');
    expect(whereShown(failed('node:fs:12:3'))).toBe('');
    expect(whereShown('no error at all')).toBe('');
  });
});
