// What a fault rule may say, and how a written one is read: every mistake is answered with a sentence.
import { SandboxEditError } from './http.ts';

export const FAULT_KINDS = ['status', 'drop-before', 'drop-after', 'delay', 'html', 'truncate', 'hang'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export type FaultMatch = {
  readonly method?: string;
  /** A part of the path, or `/a pattern/`. */
  readonly path?: string;
  /** A Bitrix24 method, alone or inside a batch. */
  readonly command?: string;
};

export type FaultRule = {
  readonly product?: 'jira' | 'bitrix24';
  readonly match: FaultMatch;
  readonly kind: FaultKind;
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ms?: number;
  /** The first `skip` matching requests are left alone. */
  readonly skip?: number;
  /** At most so many requests are hit. */
  readonly times?: number;
  /** After `skip`, only every n-th matching request is hit. */
  readonly every?: number;
};

const KEYS = new Set(['product', 'match', 'kind', 'status', 'body', 'headers', 'ms', 'skip', 'times', 'every']);
const MATCH_KEYS = new Set(['method', 'path', 'command']);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wholeNumber(rule: Record<string, unknown>, key: string, least: number, where: string): void {
  const value = rule[key];
  if (value === undefined) return;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return;
  throw new SandboxEditError(`${where}: "${key}" must be a whole number of at least ${least}.`);
}

/** `/…/` is a pattern; anything else is a part of the path. */
export function pathMatcher(path: string): (text: string) => boolean {
  const pattern = /^\/(.+)\/([a-z]*)$/.exec(path);
  // `/rest/api/3/issue/` looks like a pattern too: without one special character it is meant as text.
  if (!pattern || !/[\\^$.*+?()[\]{}|]/.test(pattern[1] ?? '')) return (text) => text.includes(path);
  const expression = new RegExp(pattern[1] ?? '', pattern[2]);
  return (text) => expression.test(text);
}

function checkMatch(match: unknown, where: string): FaultMatch {
  if (match === undefined) return {};
  if (!isRecord(match)) throw new SandboxEditError(`${where}: "match" must be an object with method, path or command.`);
  for (const [key, value] of Object.entries(match)) {
    if (!MATCH_KEYS.has(key)) {
      throw new SandboxEditError(`${where}: "match.${key}" is not known; use ${[...MATCH_KEYS].join(', ')}.`);
    }
    if (typeof value !== 'string') throw new SandboxEditError(`${where}: "match.${key}" must be a text.`);
  }
  if (typeof match.path === 'string') {
    try {
      pathMatcher(match.path);
    } catch (error) {
      throw new SandboxEditError(`${where}: "match.path" is no valid pattern: ${(error as Error).message}.`);
    }
  }
  return match as FaultMatch;
}

function parseRule(rule: unknown, where: string): FaultRule {
  if (!isRecord(rule)) throw new SandboxEditError(`${where} must be an object.`);
  for (const key of Object.keys(rule)) {
    if (!KEYS.has(key)) throw new SandboxEditError(`${where}: "${key}" is not known; use ${[...KEYS].join(', ')}.`);
  }
  if (!FAULT_KINDS.includes(rule.kind as FaultKind)) {
    throw new SandboxEditError(`${where}: "kind" must be one of ${FAULT_KINDS.join(', ')}.`);
  }
  if (rule.product !== undefined && rule.product !== 'jira' && rule.product !== 'bitrix24') {
    throw new SandboxEditError(`${where}: "product" must be jira or bitrix24.`);
  }
  if (
    rule.headers !== undefined &&
    !(isRecord(rule.headers) && Object.values(rule.headers).every((v) => typeof v === 'string'))
  ) {
    throw new SandboxEditError(`${where}: "headers" must map names to texts.`);
  }
  wholeNumber(rule, 'status', 100, where);
  wholeNumber(rule, 'ms', 0, where);
  wholeNumber(rule, 'skip', 0, where);
  wholeNumber(rule, 'times', 1, where);
  wholeNumber(rule, 'every', 1, where);
  if (rule.kind === 'status' && rule.status === undefined) {
    throw new SandboxEditError(`${where}: kind "status" needs a "status", 503 for example.`);
  }
  if (rule.kind === 'delay' && rule.ms === undefined) {
    throw new SandboxEditError(`${where}: kind "delay" needs "ms", 500 for example.`);
  }
  return { ...rule, match: checkMatch(rule.match, where) } as FaultRule;
}

/** Reads a list of rules (or `{ "rules": [...] }`). Throws SandboxEditError. */
export function parseFaultRules(input: unknown): readonly FaultRule[] {
  const list = isRecord(input) && 'rules' in input ? input.rules : input;
  if (!Array.isArray(list)) throw new SandboxEditError('Send a list of fault rules, or {"rules": [...]}.');
  return list.map((rule, index) => parseRule(rule, `rule ${index + 1}`));
}
