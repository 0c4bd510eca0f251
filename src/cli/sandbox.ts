// `sandbox`: only the two servers, to try profiles without touching production.
import { systemClock } from '../ports.ts';
import type { RunningSandbox } from '../sandbox/index.ts';
import { untilStopped } from './until-stopped.ts';

type SandboxFlags = {
  readonly jiraPort: number;
  readonly bitrixPort: number;
  readonly seed: number;
  readonly issues: number;
  readonly deals: number;
  readonly limits: 'real' | 'off';
};

const FAILED = 1;

function startProblem(error: unknown): string {
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Choose another one, or 0 for a free one.`;
  if (code === 'EACCES') return `Port ${port} may not be used by this account. Choose one above 1023.`;
  return `The sandbox did not start: ${error instanceof Error ? error.message : error}`;
}

export async function runSandbox(flags: SandboxFlags): Promise<void> {
  // Loaded here so that other commands start without it.
  const { startSandbox } = await import('../sandbox/index.ts');
  const stopped = untilStopped();
  let sandbox: RunningSandbox;
  try {
    sandbox = await startSandbox({ ...flags, clock: systemClock });
  } catch (error) {
    process.stderr.write(`${startProblem(error)}\n`);
    process.exitCode = FAILED;
    return;
  }
  process.stdout.write(`${JSON.stringify(sandbox.ready)}\n`);
  await stopped;
  await sandbox.close();
}
