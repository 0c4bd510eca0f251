// T14 and T18: what a person types is data on its way to the other product, into the log and onto the terminal. Nothing in
// it runs, moves the cursor, or begins a line of its own; and nothing is taken out of it on the way to the other product.
import { describe, expect, it } from 'vitest';
import { clean } from '../../src/cli/output.ts';
import { table } from '../../src/cli/table.ts';
import { plainText } from '../../src/connectors/jira/richtext.ts';
import { createLog } from '../../src/log.ts';
import { canonicalText } from '../../src/mapping/canonical.ts';
import type { Random } from '../../src/ports.ts';
import { LIVE, openBench } from '../contract/connector/bench.ts';
import { bitrix24Bench } from '../contract/connector/bitrix24-bench.ts';
import { jiraBench } from '../contract/connector/jira-bench.ts';
import { prove } from '../support/cases.ts';
import { below, hostileText, maybe, pick } from '../support/hostile.ts';
import { noteField } from '../support/merge-fields.ts';

const TAGS = ['script', 'img', 'svg', 'iframe', 'a', 'math', 'style', 'body', 'object', 'ScRiPt', 'x-y'];
const HANDLERS = ['onerror', 'onload', 'onmouseover', 'href', 'src', 'xlink:href', 'formaction', 'style', 'srcdoc'];
const CODES = [
  'alert(1)',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,<script>1</script>',
  'vbscript:x',
  '&#106;avascript:1',
];
const FRAMES: readonly ((inner: string) => string)[] = [
  (inner) => `"><${inner}`,
  (inner) => `'-->${inner}`,
  (inner) => `[URL=${inner}]x[/URL]`,
  (inner) => `[IMG]${inner}[/IMG][USER=1]x[/USER]`,
  (inner) => `[x|${inner}] {html}${inner}{html} !${inner}!`,
  (inner) => `=HYPERLINK("${inner}")`,
  (inner) => `@SUM(${inner})|cmd`,
  (inner) => `{{${inner}}} \${${inner}} <%= ${inner} %>`,
  (inner) => `]]>${inner}<![CDATA[`,
  (inner) => inner,
];

/** One of some hundred thousand spellings of "run this". */
function markup(chance: Random): string {
  const code = pick(chance, CODES);
  const tag = pick(chance, TAGS);
  const gap = pick(chance, [' ', '/', '\t', '\n', '']);
  const quote = pick(chance, ['"', "'", '`', '']);
  const element = `<${tag}${gap}${pick(chance, HANDLERS)}=${quote}${code}${quote}>${maybe(chance, 0.5) ? `${code}</${tag}>` : ''}`;
  const framed = pick(chance, FRAMES)(maybe(chance, 0.7) ? element : code);
  return maybe(chance, 0.2) ? encodeURIComponent(framed) : framed;
}

describe('markup that a person typed (T14)', () => {
  it('goes through the text mappers letter by letter, and back', async () => {
    const { mapper } = noteField();
    const about = { goal: 'T14', what: 'markup through the text mappers', cases: [5_000, 200_000] as const };
    await prove({ ...about, file: import.meta.url }, (chance) => {
      const text = canonicalText(markup(chance).trim());
      const there = mapper.translate(text, 'jira');
      const back = mapper.translate(there, 'crm');
      if (there !== text || back !== text) throw new Error(JSON.stringify([text, there, back]));
    });
  });

  it('is stored by both products as the text that it is', async () => {
    for (const product of [jiraBench, bitrix24Bench]) {
      const bench = await openBench(product, {}, { records: 1 });
      const [id = ''] = bench.recordIds();
      const about = { goal: 'T14', what: `markup written to ${product.product}`, cases: [150, 5_000] as const };
      await prove({ ...about, file: import.meta.url }, async (chance) => {
        const text = markup(chance).replace(/\s+/g, ' ').trim().slice(0, 200);
        const patch = { [bench.id('note')]: text };
        const { record } = await bench.until(bench.connector.update(bench.scope, id, patch, {}, bench.ids, LIVE));
        if (record.fields[bench.id('note')] !== text)
          throw new Error(JSON.stringify([text, record.fields[bench.id('note')]]));
      });
      await bench.close();
    }
  });

  it('in a document of Jira is shown as its words, without what would run', () => {
    const link = { type: 'text', text: 'x', marks: [{ type: 'link', attrs: { href: 'javascript:alert(1)' } }] };
    const odd = [
      { type: 'inlineCard', attrs: { url: { toString: 'x' } } },
      { type: 'extension', attrs: { text: '<script>' } },
      { type: 'media', attrs: { url: 'https://evil.example' } },
    ];
    const document = { type: 'doc', content: [{ type: 'paragraph', content: [link, ...odd] }] };
    expect(plainText(document)).toBe('x');
    let deep: unknown = { type: 'text', text: 'deep' };
    for (let level = 0; level < 100_000; level += 1) deep = { type: 'blockquote', content: [deep] };
    expect(plainText(deep)).toBe('');
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
const ESCAPES = [
  '\u001b[2J',
  '\u001b]0;x\u0007',
  '\u009b31m',
  '\u001b]8;;https://evil.example\u0007',
  '\r',
  '\b',
  '\u001bP',
  '\u0085',
  '\u001b(0',
];

describe('a text in the log or on the terminal (T18)', () => {
  it('stays within its line, and says nothing to the terminal', async () => {
    const about = { goal: 'T18', what: 'escapes in log lines and tables', cases: [2_000, 200_000] as const };
    let lines: string[] = [];
    const log = createLog({ level: 'info', secrets: [], stream: { write: (line) => lines.push(line) } });
    await prove({ ...about, file: import.meta.url }, (chance) => {
      let text = hostileText(chance).slice(0, 2_000);
      for (let times = below(chance, 3); times >= 0; times -= 1) text += `${pick(chance, ESCAPES)}\n{"level":"error"}`;
      lines = [];
      log.warn('webhook refused', { reason: text, [text.slice(0, 40)]: text, error: new Error(text) });
      const [line = ''] = lines;
      if (lines.length !== 1 || !line.endsWith('\n') || line.slice(0, -1).includes('\n')) throw new Error('two lines');
      if (JSON.parse(line).message !== 'webhook refused') throw new Error('another message');
      // JSON itself leaves what stands above 0x7e as it is.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      if (/[\u0000-\u001f]/.test(line.slice(0, -1))) throw new Error(`an escape in ${line}`);
      if (CONTROLS.test(clean(text))) throw new Error(`an escape in ${JSON.stringify(clean(text))}`);
      const shown = table(['name'], [[text.slice(0, 100)]]);
      if (CONTROLS.test(shown)) throw new Error(`an escape in ${JSON.stringify(shown)}`);
    });
  });
});
