// YAML as profiles and config use it: one document, a map at the top, plain scalars, no aliases, tags or merge keys.
// Everything is bounded before it is parsed, so that a hostile file costs milliseconds.
import {
  Composer,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
  type YAMLMap,
  YAMLParseError,
} from 'yaml';
import { createProblemList, type ProblemList } from './problem-list.ts';

const MAX_BYTES = 256 * 1024;
const MAX_DEPTH = 32;
/** The parser takes some microseconds for each; a long profile has a thousand. */
const MAX_TOKENS = 12_000;
/** The lexer's own tokens (document start, scalar follows, end of flow) take no room in the text. */
const CONTROLS = new Set(['\u0002', '\u0018', '\u001f']);

const READING = { strict: true, uniqueKeys: false, prettyErrors: false, version: '1.2' } as const;

export type YamlSource = {
  readonly file: string;
  readonly text: string;
  /** Null when the text is not a YAML map at all; the problems say why. */
  readonly root: YAMLMap | null;
  readonly problems: ProblemList;
};

export function readYaml(text: string, file: string): YamlSource {
  const problems = createProblemList(file, text.length > MAX_BYTES ? '' : text);
  const refused = (at: number, message: string, cure: string): YamlSource => {
    problems.add(at, message, cure);
    return { file, text, root: null, problems };
  };
  if (Buffer.byteLength(text) > MAX_BYTES)
    return refused(0, 'The file is larger than 256 KB.', 'Split it into several files.');
  const lexemes: string[] = [];
  const excess = lex(text, lexemes);
  if (excess !== null) return refused(excess.at, excess.message, excess.cure);
  try {
    const document = compose(text, lexemes);
    // The parser reports its own stack overflow as an error of the document, at several places.
    if (document.errors.some((error) => /call stack/i.test(error.message))) throw new RangeError('nested too deeply');
    // After its first error the parser stumbles over what is right: only the first is worth reading.
    const first = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0]).slice(0, 1);
    for (const found of [...first, ...document.warnings.filter(({ pos }) => pos[0] < (first[0]?.pos[0] ?? Infinity))]) {
      const { message, cure } = explain(found.code, found.message);
      problems.add(found.pos[0], message, cure);
    }
    if (document.errors.length > 0) return { file, text, root: null, problems };
    const root = document.contents;
    if (!isMap(root)) {
      return refused(
        0,
        root === null ? 'The file is empty.' : 'The file is not a list of `key: value` lines.',
        'Begin with a line like `name: procurement`.',
      );
    }
    checkNode(root, 1, problems);
    return { file, text, root, problems };
  } catch (error) {
    // The parser recurses: a RangeError means nesting that the checks above did not recognise.
    if (error instanceof RangeError)
      return refused(0, 'The file is nested too deeply.', `Use at most ${MAX_DEPTH} levels.`);
    return refused(
      0,
      `The file cannot be read as YAML: ${(error as Error).message}`,
      'Check quotes, brackets and indentation.',
    );
  }
}

export function nodeStart(node: unknown): number {
  return ((node as Node | null)?.range?.[0] as number | undefined) ?? 0;
}

type Excess = { readonly at: number; readonly message: string; readonly cure: string };

/** Counts nesting on the token stream, which costs linear time, before the parser builds anything from it. */
function lex(text: string, lexemes: string[]): Excess | null {
  let at = 0;
  let tokens = 0;
  let flow = 0;
  let dashes = 0;
  const deep = { message: `The file is nested deeper than ${MAX_DEPTH} levels.`, cure: 'Flatten the structure.' };
  for (const token of new Lexer().lex(text)) {
    lexemes.push(token);
    if (++tokens > MAX_TOKENS)
      return { at, message: 'The file has too many entries.', cure: 'Split it into several files.' };
    if (token === '[' || token === '{') flow++;
    else if (token === ']' || token === '}') flow--;
    else if (token === '-' || token === '?') dashes++;
    else if (token.trim() !== '') dashes = 0;
    if (flow > MAX_DEPTH || dashes > MAX_DEPTH) return { at, ...deep };
    if (!CONTROLS.has(token)) at += token.length;
  }
  return null;
}

/** As `parseDocument` of the library does it, which would take the text apart once more. */
function compose(text: string, lexemes: readonly string[]): Document.Parsed {
  const parser = new Parser();
  function* tokens() {
    for (const lexeme of lexemes) yield* parser.next(lexeme);
    yield* parser.end();
  }
  let first: Document.Parsed | null = null;
  for (const document of new Composer(READING).compose(tokens(), true, text.length)) {
    if (first !== null) {
      const [from, to] = document.range;
      first.errors.push(new YAMLParseError([from, to], 'MULTIPLE_DOCS', 'several documents'));
      break;
    }
    first = document;
  }
  if (first === null) throw new Error('nothing stands in it');
  return first;
}

function explain(code: string, original: string): { message: string; cure: string } {
  switch (code) {
    case 'TAG_RESOLVE_FAILED':
      return {
        message: 'An unquoted `!` at the start of a value is a YAML tag; the value would lose it.',
        cure: "Put the expression in quotes: '!…'.",
      };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return { message: 'A value with `: ` in it cannot stand unquoted.', cure: 'Put the value in quotes.' };
    case 'BAD_SCALAR_START':
      return { message: `${original}.`, cure: 'Put the value in quotes.' };
    case 'TAB_AS_INDENT':
      return { message: 'The line is indented with a tab.', cure: 'Indent with spaces.' };
    case 'MULTIPLE_DOCS':
      return {
        message: 'The file holds several YAML documents.',
        cure: 'Write one file per document; remove the line `---`.',
      };
    case 'MISSING_CHAR':
      return {
        message: `${original.replace(/(\w)(["'])/, '$1 $2')}.`,
        cure: 'Close the quote or bracket that was opened before.',
      };
    default:
      return {
        message: `${original.replace(/\.$/, '')}.`,
        cure: 'Check quotes, brackets and indentation around this place.',
      };
  }
}

function checkNode(node: unknown, depth: number, problems: ProblemList): void {
  if (node === null || node === undefined) return;
  const at = nodeStart(node);
  if (isAlias(node)) {
    problems.add(at, 'Aliases (`*name`) are not allowed.', 'Write the value out at each place.');
    return;
  }
  const { anchor, tag } = node as { anchor?: string; tag?: string };
  if (anchor !== undefined)
    problems.add(at, 'Anchors (`&name`) are not allowed.', 'Write the value out at each place.');
  // Tags that nobody defines were reported as warnings already.
  if (tag?.startsWith('tag:yaml.org'))
    problems.add(at, 'Tags (`!!name`) are not allowed.', 'Remove the tag; put the value in quotes if it is a text.');
  if (!isCollection(node)) return;
  // Thrown rather than added: nothing below is worth reading.
  if (depth > MAX_DEPTH) throw new RangeError('nested too deeply');
  if (isSeq(node)) for (const item of node.items) checkNode(item, depth + 1, problems);
  if (isMap(node)) checkPairs(node, depth, problems);
}

function checkPairs(map: YAMLMap, depth: number, problems: ProblemList): void {
  const seen = new Set<string>();
  for (const pair of map.items) {
    if (!isPair(pair)) continue;
    const key = pair.key;
    if (!isScalar(key)) {
      problems.add(nodeStart(key ?? map), 'A key must be a plain text.', 'Put the key in quotes.');
      continue;
    }
    const name = String(key.source ?? key.value);
    if (name === '<<') problems.add(nodeStart(key), 'Merge keys (`<<`) are not allowed.', 'Write the keys out.');
    if (seen.has(name)) problems.add(nodeStart(key), `\`${name}\` is given twice.`, 'Keep one of the two lines.');
    seen.add(name);
    checkNode(key, depth + 1, problems);
    checkNode(pair.value, depth + 1, problems);
  }
}
