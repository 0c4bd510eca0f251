// The order of the test files: those that take longest begin first, so that no worker is left alone with one at the end.
// Vitest knows how long a file took only where it ran before; continuous integration begins anew each time.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** In seconds, of those that take more than ten on a quiet machine; only their order matters. */
const SECONDS: Readonly<Record<string, number>> = {
  // First, so that a slow machine, too, plays all of them.
  'simulation/full-1': 1_000,
  'simulation/full-2': 1_000,
  'simulation/thin-1': 580,
  'simulation/thin-2': 580,
  'simulation/thin-3': 580,
  'simulation/creates': 132,
  'fuzz/configurations': 128,
  'faults/index-3': 100,
  'seeded-bugs/seeded-bugs': 85,
  'faults/index-4': 82,
  'faults/index-1': 79,
  'faults/index-2': 59,
  'fuzz/requests': 54,
  'simulation/ablations': 45,
  'scenario/long-outage': 42,
  'fuzz/properties': 31,
  'simulation/figures': 34,
  'simulation/idle-silence': 32,
  'unit/work/held-writes': 31,
  'scenario/exactly-once': 23,
  'unit/work/two-processes': 22,
  'scenario/vanished': 21,
  'fuzz/answers': 20,
  'scenario/deletion-crash': 18,
  'contract/bitrix24': 18,
  'contract/jira': 15,
  'scenario/a-day-down': 15,
  'scenario/crash': 14,
  'contract/postgres-store.postgres': 14,
  'scenario/brake': 13,
  'fuzz/rules': 12,
  'scenario/request-counts': 12,
  'scenario/initial-load': 11,
  'simulation/lost-state': 11,
};

export const LONG_FILES = Object.keys(SECONDS);

type Place = {
  readonly group: number;
  /** Files that share their modules stand together: another one between them would end the process that they share. */
  readonly together: string;
  readonly seconds: number;
};

/** As `compare` of `Array.sort`. */
export function inOrder(a: Place, b: Place): number {
  if (a.group !== b.group) return a.group - b.group;
  if (a.together !== b.together) return a.together < b.together ? -1 : 1;
  return b.seconds - a.seconds;
}

export function secondsOf(path: string): number {
  return SECONDS[path.replace(/^test\/|\.test\.ts$/g, '')] ?? 0;
}

function placeOf({ project, moduleId }: TestSpecification): Place {
  const { isolate, sequence } = project.config;
  return {
    group: sequence.groupOrder,
    together: isolate ? '' : project.name,
    seconds: secondsOf(relative(root, moduleId)),
  };
}

/** What Vitest asks for is a class. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const places = new Map((await super.sort(files)).map((file) => [file, placeOf(file)]));
    return [...places].sort(([, a], [, b]) => inOrder(a, b)).map(([file]) => file);
  }
}
