// When a record was first written to, read from the requests that the sandbox saw.
import type { LoggedRequest } from '../src/sandbox/http.ts';

const UPDATE = /^crm\.item\.update\?.*?\bid=(\d+)/;

/** `crm/7001` -> when the request that writes it arrived. */
export function firstWrites(
  jira: readonly LoggedRequest[],
  crm: readonly LoggedRequest[],
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const note = (record: string, at: number) => {
    if (!found.has(record)) found.set(record, at);
  };
  for (const { method, path, at } of jira) {
    const id = method === 'PUT' ? /\/issue\/(\d+)$/.exec(path)?.[1] : undefined;
    if (id !== undefined) note(`jira/${id}`, at);
  }
  for (const { commands = [], at } of crm) {
    for (const command of commands) {
      const id = UPDATE.exec(command)?.[1];
      if (id !== undefined) note(`crm/${id}`, at);
    }
  }
  return found;
}
