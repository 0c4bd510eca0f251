// T13: what a person types stays a value, whatever language the request is written in: JQL, Bitrix24's filters, the
// query strings of its batches and their references to earlier answers.
import { describe, expect, it } from 'vitest';
import { encodeCommand } from '../../src/connectors/bitrix24/batch.ts';
import { scopeJql } from '../../src/connectors/jira/scope.ts';
import { parseJql } from '../../src/sandbox/jira/jql/parser.ts';
import { BULK, LIVE, openBench } from '../contract/connector/bench.ts';
import { bitrix24Bench } from '../contract/connector/bitrix24-bench.ts';
import { jiraBench } from '../contract/connector/jira-bench.ts';
import { prove } from '../support/cases.ts';
import { HOSTILE_TEXTS, hostileText } from '../support/hostile.ts';

const TEXTS = HOSTILE_TEXTS.filter((text) => text.isWellFormed() && text.length < 1_000 && !text.includes('\0'));

/** The same words and operators, without the values. */
function shapeOf(jql: string): string {
  return JSON.stringify(parseJql(jql), (_key, value) => (typeof value === 'string' ? typeof value : value));
}

describe('a mark that is looked for in Jira', () => {
  it('is one operand of the same query, whatever it says', async () => {
    const bench = await openBench(jiraBench, {}, { records: 2 });
    const shapes = new Set<string>();
    for (const key of ['crm-deal-7', ...TEXTS]) {
      bench.sent();
      await bench.until(bench.connector.findByKey(bench.scope, key, bench.ids, LIVE)).catch(() => []);
      for (const { body } of bench.sent()) shapes.add(shapeOf(JSON.parse(body).jql));
    }
    expect([...shapes]).toHaveLength(1);
    await bench.close();
  });

  it('is searched within the scope, which brackets `where`', () => {
    const parsed = JSON.stringify(parseJql(scopeJql({ project: '1', type: '2', where: 'labels = a OR labels = b' })));
    const bracketed = JSON.stringify(parseJql('project = 1 AND issuetype = 2 AND (labels = a OR labels = b)'));
    expect(parsed).toBe(bracketed);
  });
});

describe('a value in a command of a batch', () => {
  it('is one parameter of the same name, whatever it says', async () => {
    const proof = { goal: 'T13', what: 'values in commands of a batch', cases: [20_000, 500_000] as const };
    await prove({ ...proof, file: import.meta.url }, (chance) => {
      const text = hostileText(chance).toWellFormed();
      const command = encodeCommand({ method: 'crm.item.update', params: { id: 7, fields: { title: text } } });
      const [method, query = ''] = [command.slice(0, command.indexOf('?')), command.slice(command.indexOf('?') + 1)];
      const pairs = [...new URLSearchParams(query)];
      const expected = [
        ['id', '7'],
        ['fields[title]', text],
      ];
      if (method !== 'crm.item.update' || JSON.stringify(pairs) !== JSON.stringify(expected)) throw new Error(command);
    });
  });

  it.each(['$result[p0][item][title]', 'x $result[p0] y', '$result[p0][item][ufCrm_1747309878]', '$RESULT[p0]'])(
    'is no reference to another record: %s',
    async (text) => {
      const bench = await openBench(bitrix24Bench, {}, { records: 4 });
      const ids = bench.recordIds();
      const secret = 'what only the first record may show';
      const edits = ids.map((id, at) => {
        const patch = { [bench.id('note')]: at === 0 ? secret : text };
        return bench.connector.update(bench.scope, id, patch, {}, bench.ids, BULK);
      });
      const marker = { key: 'issue-99', tenant: 'cloud-1' };
      const values = { [bench.id('text')]: 'New', [bench.id('note')]: text };
      const [written, created] = await bench.until(
        Promise.all([Promise.all(edits), bench.connector.create(bench.scope, values, marker, bench.ids, BULK)]),
      );
      expect(written.map(({ record }) => record.fields[bench.id('note')])).toEqual([secret, text, text, text]);
      expect(created.fields[bench.id('note')]).toBe(text);
      await bench.close();
    },
  );
});
