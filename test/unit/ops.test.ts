// What stands in ops/ can only be wrong quietly: nobody runs an alert until it is needed. So every metric, label and link
// in it is compared with what the daemon really exports and what the runbook says.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { everyFigure, labelsIn } from '../support/every-figure.ts';
import { usesIn } from '../support/promql.ts';

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook: string };
};
type Panel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
};

const { groups } = parse(readFileSync('ops/alerts.yaml', 'utf8')) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readFileSync('ops/dashboard.json', 'utf8')) as {
  panels: Panel[];
  templating: { list: { name: string; query: string }[] };
};
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((one) => ({ title, ...one })));
const page = readFileSync('docs/operations.md', 'utf8');
const exported = everyFigure()
  .text()
  .then((text) => ({ text, labels: labelsIn(text) }));

async function mistakesIn(expression: string): Promise<string[]> {
  const { labels } = await exported;
  const { uses, grouped } = usesIn(expression);
  const mistakes = uses.length === 0 ? ['reads no metric'] : [];
  const known = new Set<string>();
  for (const { metric, labels: used } of uses) {
    const has = labels.get(metric);
    if (has === undefined) mistakes.push(`there is no ${metric}`);
    for (const label of used) if (has && !has.has(label)) mistakes.push(`${metric} has no label ${label}`);
    for (const label of has ?? []) known.add(label);
  }
  for (const label of grouped) if (!known.has(label)) mistakes.push(`nothing has the label ${label}`);
  return mistakes;
}

describe('the scanner for PromQL', () => {
  it('finds metrics with their labels and groupings, and no functions or words', () => {
    const text =
      'sum by (profile, le) (rate(x_bucket{le="5",profile=~"a|b"}[5m])) > 5 and on () abs(y) > 0.1 * z{a!="b"}';
    expect(usesIn(text)).toEqual({
      uses: [
        { metric: 'x_bucket', labels: ['le', 'profile'] },
        { metric: 'y', labels: [] },
        { metric: 'z', labels: ['a'] },
      ],
      grouped: ['profile', 'le'],
    });
  });
});

describe('the comparison', () => {
  it.each([
    ['links{profile="a"} + no_such_metric', ['there is no no_such_metric']],
    ['links{lane="live"}', ['links has no label lane']],
    ['sum by (side) (links)', ['nothing has the label side']],
    ['time() > 5', ['reads no metric']],
    ['max by (state) (links{profile=~".*"})', []],
  ])('of %s', async (expression, mistakes) => {
    expect(await mistakesIn(expression)).toEqual(mistakes);
  });
});

describe('the figures', () => {
  it('are all shown by the sample that the other cases compare with', async () => {
    const { text, labels } = await exported;
    const families = [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name = '', type]) =>
      type === 'histogram' ? `${name}_bucket` : name,
    );
    // Of the process's own, some need a garbage collection first.
    const ours = families.filter((name) => !/^(nodejs|process)_/.test(name));
    expect(ours.length).toBeGreaterThan(50);
    expect(ours.filter((name) => !labels.has(name))).toEqual([]);
  });
});

describe('ops/alerts.yaml', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s reads what is exported', async (_name, rule) => {
    expect(await mistakesIn(rule.expr)).toEqual([]);
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s says what to do, and how urgent it is',
    (name, rule) => {
      expect(name).toMatch(/^([A-Z][a-z]+)+$/);
      expect(['page', 'ticket']).toContain(rule.labels.severity);
      if (rule.for !== undefined) expect(rule.for).toMatch(/^\d+[mh]$/);
      expect(rule.annotations.summary).toMatch(/\S{3}/);
      expect(rule.annotations.description).toMatch(/\.$/);
      expect(rule.annotations.runbook).toBe(`docs/operations.md#${name.toLowerCase()}`);
      const section = page.split(`\n### ${name}\n`)[1]?.split('\n#')[0] ?? '';
      expect(section, `a section of ${name}`).toMatch(/\S[\s\S]{80,}/);
      expect(section).toContain(`*${rule.labels.severity}.*`);
    },
  );

  it('shows of a series only labels that the expression leaves on it', async () => {
    const { labels } = await exported;
    for (const { alert, expr, annotations } of rules) {
      const { uses, grouped } = usesIn(expr);
      const left = new Set(
        grouped.length > 0 ? grouped : uses.flatMap(({ metric }) => [...(labels.get(metric) ?? [])]),
      );
      const texts = `${annotations.summary} ${annotations.description}`;
      for (const [, label = ''] of texts.matchAll(/\$labels\.([a-z_]+)/g)) expect(left, alert).toContain(label);
    }
  });

  it('has no name twice, and a rule for each section of the runbook', () => {
    const names = rules.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    const alerts = page.split('\n## Alerts\n')[1]?.split('\n## ')[0] ?? '';
    const sections = [...alerts.matchAll(/^### (\S+)$/gm)].map((match) => match[1]);
    expect(sections).toEqual(names);
  });
});

describe('ops/dashboard.json', () => {
  it.each(queries.map((one) => [one.title, one.expr] as const))('%s: %s', async (_title, expr) => {
    expect(await mistakesIn(expr)).toEqual([]);
  });

  it('shows in legends only labels that the expression leaves', async () => {
    const { labels } = await exported;
    for (const { expr, legendFormat } of queries) {
      const { uses, grouped } = usesIn(expr);
      const left = new Set(
        grouped.length > 0 ? grouped : uses.flatMap(({ metric }) => [...(labels.get(metric) ?? [])]),
      );
      for (const [, label = ''] of legendFormat.matchAll(/\{\{([a-z_]+)\}\}/g)) expect(left, expr).toContain(label);
    }
  });

  it('asks the questions in the order in which ops ask them', () => {
    const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    const asked = [...page.matchAll(/^\*\*(.+\?)\*\*$/gm)].map((match) => match[1]);
    expect(rows).toEqual([
      'Is it in sync?',
      'What waits, and why?',
      'What do the products tell us?',
      'What do the products answer?',
      'Is the machine all right?',
    ]);
    expect(asked).toHaveLength(rows.length);
  });

  it('has variables that find their values, and panels that do not lie on each other', async () => {
    const { labels } = await exported;
    for (const { name, query } of dashboard.templating.list.filter((one) => one.query.startsWith('label_values'))) {
      const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? [];
      expect(labels.get(metric), name).toContain(label);
    }
    const places = new Set<string>();
    for (const { id, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w, String(id)).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(places.has(`${x},${y}`), `panel ${id}`).toBe(false);
          places.add(`${x},${y}`);
        }
      }
    }
  });

  it('leaves no figure of ours unseen', async () => {
    const { text } = await exported;
    const families = [...text.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1] ?? '');
    const ours = families.filter((name) => !/^(nodejs|process)_/.test(name));
    const everything = `${JSON.stringify(dashboard)} ${readFileSync('ops/alerts.yaml', 'utf8')}`;
    const unseen = ours.filter((name) => !new RegExp(`\\b${name}(_bucket)?\\b`).test(everything));
    expect(unseen).toEqual(['profile_reload_total']);
  });
});
