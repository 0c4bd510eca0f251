// Stands in for vitest in the test files whose cases hunt bugs: it keeps them as functions, to be run once per bug.
import { expect, vi } from 'vitest';

type Work = () => unknown;
type Group = {
  readonly name: string;
  readonly outer: Group | null;
  readonly once: Work[];
  readonly before: Work[];
  readonly after: Work[];
  begun: boolean;
};
type Body = (...values: never[]) => unknown;

export type Case = { readonly name: string; readonly run: () => Promise<void> };

let group: Group = newGroup('', null);
let cases: Case[] = [];
const files = new Map<string, Promise<readonly Case[]>>();
/** Files are read one after the other: what they say is collected in one place. */
let reading: Promise<unknown> = Promise.resolve();

function newGroup(name: string, outer: Group | null): Group {
  return { name, outer, begun: false, once: [], before: [], after: [] };
}

/** The cases of a test file, in its order. */
export function casesOf(file: string, load: () => Promise<unknown>): Promise<readonly Case[]> {
  const known = files.get(file) ?? reading.then(() => collect(load));
  files.set(file, known);
  reading = known.catch(() => {});
  return known;
}

async function collect(load: () => Promise<unknown>): Promise<readonly Case[]> {
  group = newGroup('', null);
  cases = [];
  await load();
  return cases;
}

function groupsOf(innermost: Group): Group[] {
  const list: Group[] = [];
  for (let one: Group | null = innermost; one !== null; one = one.outer) list.unshift(one);
  return list;
}

async function runCase(own: Group, body: Work): Promise<void> {
  const outwards = groupsOf(own);
  for (const one of outwards) {
    if (one.begun) continue;
    one.begun = true;
    for (const hook of one.once) await hook();
  }
  const afters: Work[] = [];
  try {
    for (const one of outwards) {
      afters.unshift(...one.after);
      for (const hook of one.before) await hook();
    }
    await body();
  } finally {
    for (const hook of afters) await hook();
  }
}

function add(name: string, body: Body, values: readonly unknown[] = []): void {
  const own = group;
  const path = [...groupsOf(own).map((one) => one.name), name].filter((part) => part !== '');
  const work = () => body(...(values as never[]));
  cases.push({ name: path.join(' > '), run: () => runCase(own, work) });
}

function bodyIn(rest: readonly unknown[]): Body {
  const body = rest.find((part) => typeof part === 'function');
  if (body === undefined) throw new Error('a case without a body');
  return body as Body;
}

function valuesIn(row: unknown): readonly unknown[] {
  return Array.isArray(row) ? row : [row];
}

function open(name: string, body: Body, values: readonly unknown[] = []): void {
  const outer = group;
  group = newGroup(name, outer);
  try {
    body(...(values as never[]));
  } finally {
    group = outer;
  }
}

export const it = Object.assign((name: string, ...rest: unknown[]) => add(name, bodyIn(rest)), {
  each:
    (rows: readonly unknown[]) =>
    (name: string, ...rest: unknown[]) => {
      for (const row of rows) add(`${name} ${JSON.stringify(valuesIn(row)[0])}`, bodyIn(rest), valuesIn(row));
    },
});

export const test = it;

export const describe = Object.assign((name: string, ...rest: unknown[]) => open(name, bodyIn(rest)), {
  each:
    (rows: readonly unknown[]) =>
    (name: string, ...rest: unknown[]) => {
      for (const row of rows) open(`${name} ${JSON.stringify(valuesIn(row)[0])}`, bodyIn(rest), valuesIn(row));
    },
});

export const beforeEach = (hook: Work) => void group.before.push(hook);
export const afterEach = (hook: Work) => void group.after.unshift(hook);
export const beforeAll = (hook: Work) => void group.once.push(hook);
export { expect, vi };

const last: Work[] = [];

/** What a file made for all of its cases stays until the last bug was hunted. */
export function afterAll(hook: Work): void {
  last.push(hook);
}

export async function closeCases(): Promise<void> {
  for (const hook of last.splice(0)) await hook();
}

export function inject(): never {
  throw new Error('cases that need servers hunt no bugs');
}
