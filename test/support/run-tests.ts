// Runs the tests and says so in one last line, `N passed, N failed`, which a machine may read. Arguments go to vitest.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leftOut } from './matrix.ts';
import { type Report, summarize } from './test-summary.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-tests-'));
const reportFile = join(folder, 'report.json');

function runVitest(): Promise<number> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function readReport(): Report | null {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  } catch {
    return null;
  }
}

const exitCode = await runVitest();
const missing = leftOut();
// Continuous integration installs the servers: there, what is left out has failed.
const summary = summarize(readReport(), exitCode, process.env.CI === 'true' && missing !== null);
rmSync(folder, { recursive: true, force: true });
if (summary.remark) console.log(summary.remark);
if (missing !== null) console.log(missing);
process.exitCode = summary.exitCode;
// Last, and with nothing after it: whoever runs this reads the last line.
console.log(summary.line);
