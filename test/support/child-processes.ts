// Processes of a test: what they said, what they ended with, and none that outlives it.
import { type ChildProcess, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

export type Running = {
  readonly child: ChildProcess;
  readonly output: { out: string; err: string };
  readonly ended: Promise<Ended>;
};

/** Of the processes started last: whether each lives, and what it said last. */
const words: (() => string)[] = [];
const MOST_HEARD = 6;
const MOST_SAID = 300;

/** For the message of a test that waited in vain. */
export function lastWords(): string {
  return words.map((told) => `\n${told()}`).join('');
}

export function createChildren() {
  const children = new Set<ChildProcess>();

  function start([program = '', ...args]: readonly string[], options: SpawnOptionsWithoutStdio): Running {
    const child = spawn(program, args, options);
    children.add(child);
    const output = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      output.out += chunk.toString('utf8');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output.err += chunk.toString('utf8');
    });
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (code) => {
        children.delete(child);
        resolve({ code, ...output });
      });
    });
    const name = args.find((arg) => /^[a-z]+$/.test(arg)) ?? program;
    words.unshift(() => {
      const said = (output.err || output.out).trimEnd().split('\n').at(-1) ?? '';
      return `${name} ${child.exitCode ?? child.signalCode ?? 'lives'}: ${said.slice(0, MOST_SAID)}`;
    });
    words.length = Math.min(words.length, MOST_HEARD);
    return { child, output, ended };
  }

  return {
    start,
    killAll(): void {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}
