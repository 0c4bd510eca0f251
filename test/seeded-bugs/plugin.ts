// For vitest: hands out the sources with all bugs woven in, and the cases of other test files as functions.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bug } from './bug.ts';
import { BUGS } from './catalogue.ts';
import { misplaced, weave } from './weave.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const COLLECTOR = fileURLToPath(new URL('collector.ts', import.meta.url));
const OWN = 'test/seeded-bugs/';
/** One whose text has moved is told of by catalogue.test.ts; the others are hunted all the same. */
let woven: readonly Bug[] | null = null;

function standing(): readonly Bug[] {
  woven ??= BUGS.filter((bug) => misplaced(bug, (file) => readFileSync(`${root}${file}`, 'utf8')) === null);
  return woven;
}

type Plugin = { readonly name: string; readonly enforce: 'pre'; transform(code: string, id: string): string | null };

export function seededBugs(): Plugin {
  return {
    name: 'seeded bugs',
    enforce: 'pre',
    transform(code, id) {
      const file = relative(root, id.replace(/\?.*$/, ''));
      if (file.startsWith('src/')) return weave(file, code, standing());
      if (!file.startsWith('test/') || file.startsWith(OWN) || !code.includes(" from 'vitest'")) return null;
      return code.replaceAll(" from 'vitest'", ` from ${JSON.stringify(COLLECTOR)}`);
    },
  };
}
