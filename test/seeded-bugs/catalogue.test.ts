// A bug whose text the sources do not say any more hunts nothing: whoever changed that text writes it anew here.
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { describe, expect, it } from 'vitest';
import { type Bug, editsOf } from './bug.ts';
import { BUGS } from './catalogue.ts';
import { CAUGHT_BY } from './caught.ts';
import { misplaced, weave } from './weave.ts';

const sourceOf = (file: string) => readFileSync(file, 'utf8');

describe('the catalogue', () => {
  it('holds at least sixty bugs, each with a name of its own and what goes wrong in words', () => {
    expect(BUGS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(BUGS.map(({ id }) => id)).size).toBe(BUGS.length);
    expect(BUGS.filter(({ what }) => !/^.{20,}\.$/.test(what))).toEqual([]);
  });

  it('finds the text of every bug exactly once', () => {
    expect(BUGS.map((bug) => misplaced(bug, sourceOf)).filter((problem) => problem !== null)).toEqual([]);
  });

  it('makes sources of it that run, with each bug alone and with all of them', () => {
    const woven = (file: string, bugs: readonly Bug[]) => stripTypeScriptTypes(weave(file, sourceOf(file), bugs));
    for (const bug of BUGS) {
      for (const { file } of editsOf(bug)) expect(woven(file, [bug]), bug.id).toContain(`"${bug.id}"`);
    }
    for (const file of new Set(BUGS.flatMap(editsOf).map((edit) => edit.file))) {
      expect(woven(file, BUGS)).not.toBe(sourceOf(file));
    }
  });

  it('records for every bug, and for nothing else, what catches it', () => {
    expect(Object.keys(CAUGHT_BY).sort()).toEqual(BUGS.map(({ id }) => id).sort());
  });
});

describe('weaving', () => {
  const bug = (at: string, wrong: string, id = 'a/b'): Bug => ({ id, what: '', file: 'src/x.ts', at, wrong });

  it('puts an expression behind a switch', () => {
    expect(weave('src/x.ts', 'return a + b;', [bug('return «a + b»;', 'a')])).toBe(
      'return (globalThis.__seededBug === "a/b" ? (a) : (a + b));',
    );
  });

  it('puts a statement behind a switch, and two mistakes of one text behind two', () => {
    const bugs = [bug('f();', ''), bug('f();', 'g();', 'a/c')];
    expect(weave('src/x.ts', 'f();', bugs)).toBe(
      'if (globalThis.__seededBug === "a/c") { g(); } else { if (globalThis.__seededBug === "a/b") {  } else { f(); } }',
    );
  });

  it('refuses a text that is not there, that is there twice, and two that overlap', () => {
    const weaving =
      (source: string, ...bugs: Bug[]) =>
      () =>
        weave('src/x.ts', source, bugs);
    expect(weaving('g();', bug('f();', ''))).toThrow('does not say this any more');
    expect(weaving('f(); f();', bug('f();', ''))).toThrow('more than once');
    expect(weaving('f(g(h));', bug('f(«g(h)»);', '1'), bug('«h»', '2', 'a/c'))).toThrow('overlaps');
  });
});
