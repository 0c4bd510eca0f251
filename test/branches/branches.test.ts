// G28: every branch of what must never be wrong runs in the tests. Counted by V8 in a process of its own, on the sources as
// they are.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { reportGoal } from '../support/cases.ts';

const RUN = fileURLToPath(new URL('./run.ts', import.meta.url));

function run(): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', RUN]);
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...output })));
}

it('no branch of merge, intents, cursors and signatures is left out', async () => {
  const began = performance.now();
  const { code, out, err } = await run();
  expect([code, err]).toEqual([0, '']);
  const { files, uncovered } = JSON.parse(out) as { files: string[]; uncovered: unknown[] };
  const short = uncovered.length === 0 ? null : `${uncovered.length} branches never ran`;
  const proof = { goal: 'G28', what: 'branches of merge, intents, cursors, signatures', file: import.meta.url };
  const reached = (count: number) => `100 % of ${count} files`;
  reportGoal({ ...proof, reached }, { cases: files.length, ms: performance.now() - began, reached: short });
  expect(uncovered).toEqual([]);
});

it('a branch that never ran is named', async () => {
  const { watchCoverage } = await import('./uncovered.ts');
  const uncovered = await watchCoverage(['src/nowhere.ts']);
  expect(await uncovered()).toEqual([{ file: 'src/nowhere.ts', line: 1, code: 'the file was never loaded' }]);
});
