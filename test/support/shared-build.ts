// What ships, for all tests of real processes: the bundle, written once for their project: `inject('builtMain')`. A process
// of it needs a fifth of the processor's time that the sources take to start, and these tests start hundreds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bundle } from '../../build/bundle.ts';

declare module 'vitest' {
  interface ProvidedContext {
    builtMain: string;
  }
}

export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-built-'));
  await bundle(folder);
  project.provide('builtMain', join(folder, 'main.js'));
  return () => rmSync(folder, { recursive: true, force: true });
}
