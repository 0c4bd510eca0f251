// S23: no secret stands in anything that people or other programs get to read.
import type { Details, Log } from '../../../src/ports.ts';
import type { Store } from '../../../src/state/store.ts';
import type { Violation } from './evidence.ts';

export type ListeningLog = Log & { readonly said: string[] };

/** Keeps what it is told; passes nothing on. */
export function createListeningLog(): ListeningLog {
  const said: string[] = [];
  const note = (message: string, details?: Details) => {
    said.push(`${message} ${details === undefined ? '' : textOf(details)}`);
  };
  const log: ListeningLog = { said, debug: note, info: note, warn: note, error: note, child: () => log };
  return log;
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, one) =>
    one instanceof Error ? { name: one.name, message: one.message, stack: one.stack, cause: one.cause } : one,
  );
}

export async function leaks(secrets: readonly string[], said: readonly string[], store: Store): Promise<Violation[]> {
  const kept = [await store.parked({}), await store.conflicts({}), await store.notes()].map(textOf);
  const found = [...said, ...kept].filter((text) => secrets.some((secret) => secret !== '' && text.includes(secret)));
  return found.slice(0, 3).map((text) => ({ invariant: 'S23', what: `a secret is told: ${text.slice(0, 60)}` }));
}
