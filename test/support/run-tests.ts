// Runs the tests and says so in one last line, `N passed, N failed`, which a machine may read. `--fast` leaves the long
// searches out, `--nightly` makes them longer; all other arguments go to vitest.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goalsTable, parseGoals, replayLines } from './goals-table.ts';
import { leftOut } from './matrix.ts';
import { readRunOptions } from './run-options.ts';
import { failures, type Report, summarize } from './test-summary.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-tests-'));
const reportFile = join(folder, 'report.json');
const goalsFile = join(folder, 'goals.jsonl');
const options = readRunOptions(process.argv.slice(2));

/** A run takes less than 45 minutes on two cores: how many days it plays depends on how fast these are. */
const MINUTES = options.nightly ? 600 : 43;

function runVitest(): Promise<number> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const depth = options.nightly ? { TEST_DEPTH: 'nightly', TEST_SHARD: options.shard } : {};
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...options.vitest], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      GOALS_FILE: goalsFile,
      TEST_UNTIL: String(Date.now() + MINUTES * 60_000),
      TEST_FAST: options.fast ? 'yes' : '',
      TEST_MATRIX: options.fast ? '' : 'yes',
      ...depth,
    },
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

function printGoals(): boolean {
  if (!existsSync(goalsFile)) return true;
  const goals = parseGoals(readFileSync(goalsFile, 'utf8'));
  console.log(goalsTable(goals));
  for (const line of replayLines(goals)) console.log(line);
  return goals.every(({ ok }) => ok);
}

const exitCode = await runVitest();
const missing = options.fast ? null : leftOut();
const reached = printGoals();
const report = readReport();
// Continuous integration installs the servers: there, what is left out has failed. So has a goal that was missed.
const incomplete = (process.env.CI === 'true' && missing !== null) || !reached;
const summary = summarize(report, exitCode, incomplete);
rmSync(folder, { recursive: true, force: true });
for (const line of failures(report, root)) console.log(line);
if (summary.remark) console.log(summary.remark);
if (missing !== null) console.log(missing);
if (options.fast) console.log('The fast run: without simulation, fuzz, scenarios, servers and real processes.');
process.exitCode = summary.exitCode;
// Last, and with nothing after it: whoever runs this reads the last line.
console.log(summary.line);
