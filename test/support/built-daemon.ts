// What ships, for tests that kill it: the bundle, written once per file of tests into a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../build/bundle.ts';

export type Built = { readonly main: string; remove(): void };

export async function buildDaemon(): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-built-'));
  await bundle(folder);
  return {
    main: join(folder, 'main.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
