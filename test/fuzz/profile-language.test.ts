// Laws of the profile language: what a profile means does not depend on how it is written down, and one misspelled name is
// found at its place, with the name that was meant.
import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/ports.ts';
import { prove } from '../support/cases.ts';
import { below, maybe, pick } from '../support/hostile.ts';
import { load, mustLoad, profileText, shown } from '../support/profile-fixture.ts';

type Tree = string | readonly Tree[] | { readonly [key: string]: Tree };

const FIELDS: readonly (readonly [field: Record<string, Tree>, policies: readonly string[]])[] = [
  [{ jira: 'summary', crm: 'title' }, ['hold', 'jira', 'crm']],
  [{ jira: 'Budget', crm: 'opportunity', as: 'money', currency: 'RUB' }, ['hold', 'jira', 'crm']],
  [{ jira: 'duedate', crm: 'closedate', as: 'date' }, ['hold', 'jira', 'crm', 'newest']],
  [{ jira: 'assignee', crm: 'assignedById', as: 'user' }, ['hold', 'jira', 'crm']],
  [{ jira: 'labels', crm: 'Метки', as: 'set' }, ['hold', 'merge']],
  [{ jira: 'Distributor', crm: 'Дистрибьютор по сделке' }, ['hold', 'jira', 'crm']],
  [{ jira: 'Customer note', crm: 'Примечание' }, ['hold', 'jira', 'crm', 'newest']],
  [{ jira: 'Urgent', crm: 'Срочно', values: { Yes: 'true', No: 'false' } }, ['hold', 'jira', 'crm']],
  [
    {
      jira: 'status',
      crm: 'stage',
      values: {
        'To Do': ['Новая', 'Согласование'],
        'In Progress': 'В работе',
        Done: 'Выиграна',
        "Won't do": 'Проиграна',
      },
    },
    ['hold', 'jira', 'crm'],
  ],
];

function anyProfile(chance: Random): Record<string, Tree> {
  const fields = FIELDS.filter(() => maybe(chance, 0.6)).map(([field, policies]) => {
    const conflict = pick(chance, policies);
    if (maybe(chance, 0.5)) return field;
    return { ...field, conflict, ...(conflict === 'newest' ? { tie: pick(chance, ['jira', 'crm']) } : {}) };
  });
  return {
    name: 'procurement',
    jira: { connection: 'jira', entity: 'issue', project: 'BUY', type: 'Purchase request' },
    crm: { connection: 'bitrix24', entity: 'deal', where: { category: 'Закупки' } },
    ...(maybe(chance, 0.5)
      ? { match: ['link', { jira: 'summary', crm: 'title', normalise: ['trim', 'lowercase'] }] }
      : {}),
    ...(maybe(chance, 0.5) ? { create: { crm: 'true' } } : {}),
    ...(maybe(chance, 0.5) ? { initial: pick(chance, ['jira', 'fill-empty']) } : {}),
    ...(maybe(chance, 0.5) ? { sweep: { every: pick(chance, ['5m', '1h', '90s']) } } : {}),
    fields: fields.length > 0 ? fields : [{ jira: 'summary', crm: 'title' }],
  };
}

/** The same tree in a style of its own: block or flow, three kinds of quotes, keys in any order, remarks in between. */
function written(chance: Random, tree: Tree, indent: string): string {
  const remark = () => (maybe(chance, 0.1) ? `  # ${pick(chance, ['as agreed', 'jira: crm', '"'])}` : '');
  if (typeof tree === 'string') return scalar(chance, tree);
  const flow = indent !== '' && maybe(chance, 0.5);
  if (Array.isArray(tree)) {
    if (flow) return `[${tree.map((item) => inFlow(chance, item)).join(', ')}]`;
    return tree.map((item) => `${remark()}\n${indent}- ${dashed(chance, item, `${indent}  `)}`).join('');
  }
  const entries = shuffled(chance, Object.entries(tree));
  if (flow) return inFlow(chance, tree);
  return entries
    .map(([key, value]) => `${remark()}\n${indent}${scalar(chance, key)}: ${written(chance, value, `${indent}  `)}`)
    .join('');
}

/** What stands behind a dash begins on its line. */
function dashed(chance: Random, tree: Tree, indent: string): string {
  if (typeof tree === 'string' || Array.isArray(tree) || maybe(chance, 0.5)) return inFlow(chance, tree);
  const lines = shuffled(chance, Object.entries(tree)).map(
    ([key, value]) => `${scalar(chance, key)}: ${inFlow(chance, value)}`,
  );
  return lines.join(`\n${indent}`);
}

function inFlow(chance: Random, tree: Tree): string {
  if (typeof tree === 'string') return scalar(chance, tree);
  if (Array.isArray(tree)) return `[${tree.map((item) => inFlow(chance, item)).join(', ')}]`;
  const entries = shuffled(chance, Object.entries(tree));
  return `{ ${entries.map(([key, value]) => `${scalar(chance, key)}: ${inFlow(chance, value)}`).join(', ')} }`;
}

function scalar(chance: Random, text: string): string {
  // Unquoted these are no texts.
  if (text === 'true' || text === 'false') return text;
  const [double, single] = [JSON.stringify(text), `'${text.replaceAll("'", "''")}'`];
  return pick(chance, [double, single, ...(/^(Yes|No)$/.test(text) ? [] : [text])]);
}

function shuffled<T>(chance: Random, items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, at: chance.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

function fileOf(chance: Random, profile: Tree): string {
  const text = `${written(chance, profile, '').replace(/^\n/, '')}\n`;
  return maybe(chance, 0.2) ? text.replaceAll('\n', '\r\n') : text;
}

/** All that decides what it does; its text and therefore its version differ. */
function meaning(text: string): string {
  const { version: _, ...profile } = mustLoad(text);
  return JSON.stringify(profile);
}

/** Every name in a profile that stands for something else: keys, words of the language, fields, options. */
function namesIn(tree: Tree): readonly string[] {
  if (typeof tree === 'string') return [tree];
  if (Array.isArray(tree)) return tree.flatMap(namesIn);
  return Object.entries(tree).flatMap(([key, value]) => [key, ...namesIn(value)]);
}

function renamed(tree: Tree, from: string, to: string): Tree {
  if (typeof tree === 'string') return tree === from ? to : tree;
  if (Array.isArray(tree)) return tree.map((item) => renamed(item, from, to));
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key === from ? to : key, renamed(value, from, to)]),
  );
}

/** One letter is missing, double, or in the place of its neighbour. */
function misspelled(chance: Random, name: string): string {
  const at = 1 + below(chance, name.length - 2);
  const [head, letter, tail] = [name.slice(0, at), name.charAt(at), name.slice(at + 1)];
  return pick(chance, [
    `${head}${tail}`,
    `${head}${letter}${letter}${tail}`,
    `${head}${tail.charAt(0)}${letter}${tail.slice(1)}`,
  ]);
}

/** A label may be shown instead of an id: `Due date` for `duedate`. */
function letters(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** Compared by the connectors with the live product, or nothing to compare them with. */
const FREE = new Set(['procurement', 'bitrix24', 'category', 'Закупки', 'Purchase request']);

describe('the profile language', () => {
  it('means the same however it is written', async () => {
    const proof = {
      goal: 'G1',
      what: 'profiles written in two styles',
      cases: [1_000, 100_000],
      file: import.meta.url,
    };
    await prove({ ...proof, cases: [1_000, 100_000] }, (chance) => {
      const profile = anyProfile(chance);
      const [one, other] = [fileOf(chance, profile), fileOf(chance, profile)];
      if (meaning(one) !== meaning(other)) throw new Error(`not the same:\n${one}\n---\n${other}`);
    });
  }, 900_000);

  it('finds one misspelled name at its place, and knows which was meant', async () => {
    const proof = { goal: 'G1', what: 'profiles with one misspelled name', file: import.meta.url };
    await prove({ ...proof, cases: [1_000, 100_000] }, (chance) => {
      const profile = anyProfile(chance);
      const names = namesIn(profile).filter((name) => name.length > 4 && !FREE.has(name));
      const name = pick(chance, names);
      const wrong = misspelled(chance, name);
      if (wrong === name) return;
      const text = fileOf(chance, renamed(profile, name, wrong));
      const { problems } = load(text);
      const lines = text.split(/\r?\n/);
      const found = problems.some(({ line, message, cure }) => {
        return (
          letters(lines[line - 1] ?? '').includes(letters(wrong)) &&
          letters(`${message} ${cure}`).includes(letters(name))
        );
      });
      if (!found) throw new Error(`${wrong} for ${name}:\n${text}\n${shown(problems).join('\n')}`);
    });
  }, 900_000);

  it('is told apart by what a profile does', () => {
    const text = profileText(['{ jira: summary, crm: title, conflict: hold }'], 'initial: jira');
    for (const [from, to] of [
      ['initial: jira', 'initial: fill-empty'],
      ['conflict: hold', 'conflict: crm'],
      ['crm: title', 'crm: "Примечание"'],
    ] as const) {
      expect(text).toContain(from);
      expect(meaning(text.replace(from, to)), to).not.toBe(meaning(text));
    }
  });
});
