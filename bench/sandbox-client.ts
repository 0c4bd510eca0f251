// The measuring process's hold on the sandbox process.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoggedRequest } from '../src/sandbox/http.ts';
import type { Ready } from '../src/sandbox/index.ts';

export type DriveAsk = {
  readonly perSecond: number;
  readonly seconds: number;
  /** The pair that is edited first. */
  readonly from: number;
  /** Taken in turns. */
  readonly sides: readonly ('jira' | 'crm')[];
};

export type Driven = {
  readonly edits: number;
  readonly seconds: number;
  /** Milliseconds from the webhook's leaving to the arrival of the write at the other side. */
  readonly latencies: readonly number[];
  /** Side and id of edited records whose write never came. */
  readonly lost: readonly string[];
  /** Seconds from the last edit until the last write was there, or nobody waited any more. */
  readonly waited: number;
  /** Webhooks that were not answered with 2xx. */
  readonly refused: number;
};

export type SandboxVerbs = {
  start(ask: { pairs: number; limits: 'real' | 'off' }): Promise<Ready>;
  drive(ask: DriveAsk): Promise<Driven>;
  editAll(ask: { side: 'jira' | 'crm'; from: number; to: number }): Promise<void>;
  sendWebhooksTo(ask: { url: string }): Promise<void>;
  settings(ask: { side: 'jira' | 'crm'; settings: Record<string, unknown> }): Promise<void>;
  requests(ask: { since: number }): Promise<{ jira: LoggedRequest[]; crm: LoggedRequest[] }>;
  forgetRequests(ask: Record<string, never>): Promise<void>;
  issueVersions(ask: { from: number; to: number }): Promise<{ id: string; key: string; updated: string }[]>;
};
export type Asked<Verb extends keyof SandboxVerbs> = Parameters<SandboxVerbs[Verb]>[0];

export type Sandbox = {
  readonly pid: number;
  readonly ready: Ready;
  ask<Verb extends keyof SandboxVerbs>(verb: Verb, ask: Asked<Verb>): ReturnType<SandboxVerbs[Verb]>;
  stop(): Promise<void>;
};

const PROGRAM = fileURLToPath(new URL('sandbox-process.ts', import.meta.url));
/** A million pairs with their histories. */
const HEAP_MB = 16_000;

export async function startSandboxProcess(pairs: number, limits: 'real' | 'off'): Promise<Sandbox> {
  const child = fork(PROGRAM, [], {
    execArgv: [`--max-old-space-size=${HEAP_MB}`, '--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let calls = 0;
  child.on('message', (message: { call: number; value?: never; failed?: string }) => {
    const asker = waiting.get(message.call);
    waiting.delete(message.call);
    if (message.failed !== undefined) asker?.reject(new Error(message.failed));
    else asker?.resolve(message.value as never);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const { reject } of waiting.values()) reject(new Error('the sandbox ended'));
      resolve();
    });
  });
  function ask<Verb extends keyof SandboxVerbs>(verb: Verb, what: Asked<Verb>): ReturnType<SandboxVerbs[Verb]> {
    calls += 1;
    const call = calls;
    const answer = new Promise((resolve, reject) => waiting.set(call, { resolve, reject }));
    child.send({ call, verb, ask: what });
    return answer as ReturnType<SandboxVerbs[Verb]>;
  }
  const ready = await ask('start', { pairs, limits });
  return {
    pid: child.pid ?? 0,
    ready,
    ask,
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}
