// JQL text -> tokens.

export class JqlSyntaxError extends Error {}

export type Token = {
  /** `word`: unquoted; `text`: quoted; `sign`: operators, brackets, comma. */
  readonly kind: 'word' | 'text' | 'sign';
  readonly value: string;
  /** 1-based, for messages. */
  readonly at: number;
};

const SIGNS = ['!=', '!~', '>=', '<=', '=', '~', '>', '<', '(', ')', ',', '!', '&&', '||', '&', '|'];
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function quoted(jql: string, start: number): { token: Token; end: number } {
  const quote = jql[start];
  let value = '';
  for (let i = start + 1; i < jql.length; i++) {
    const char = jql[i] ?? '';
    if (char === quote) return { token: { kind: 'text', value, at: start + 1 }, end: i + 1 };
    if (char !== '\\') {
      value += char;
      continue;
    }
    const escaped = jql[++i] ?? '';
    if (escaped === 'u' && /^[0-9a-fA-F]{4}$/.test(jql.slice(i + 1, i + 5))) {
      value += String.fromCharCode(Number.parseInt(jql.slice(i + 1, i + 5), 16));
      i += 4;
    } else if (ESCAPES[escaped] !== undefined) value += ESCAPES[escaped];
    else if (/["'\\ ]/.test(escaped)) value += escaped;
    else {
      throw new JqlSyntaxError(
        `Error in the JQL Query: '\\${escaped}' is an illegal JQL escape sequence. The valid escape sequences are \\', \\", \\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX. (line 1, character ${i})`,
      );
    }
  }
  throw new JqlSyntaxError(
    `Error in the JQL Query: The quoted string '${jql.slice(start + 1)}' has not been completed. (line 1, character ${start + 1})`,
  );
}

export function tokenize(jql: string): Token[] {
  const tokens: Token[] = [];
  let i = 0;
  while (i < jql.length) {
    const char = jql[i] ?? '';
    if (/\s/.test(char)) {
      i++;
      continue;
    }
    if (char === '"' || char === "'") {
      const { token, end } = quoted(jql, i);
      tokens.push(token);
      i = end;
      continue;
    }
    const sign = SIGNS.find((candidate) => jql.startsWith(candidate, i));
    if (sign) {
      tokens.push({ kind: 'sign', value: sign, at: i + 1 });
      i += sign.length;
      continue;
    }
    // `cf[10031]` and `issue.property[x].y` are one word; other reserved characters need quotes.
    const word = /^[^\s"'!=~<>(),&|+*?{}^%$#@;/\\]+/.exec(jql.slice(i))?.[0];
    if (!word) {
      throw new JqlSyntaxError(
        `Error in the JQL Query: The character '${char}' is a reserved JQL character. You must enclose it in a string or use the escape '\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}' instead. (line 1, character ${i + 1})`,
      );
    }
    tokens.push({ kind: 'word', value: word, at: i + 1 });
    i += word.length;
  }
  return tokens;
}
