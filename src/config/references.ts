// Secrets stand in the configuration by reference only, so that the file can be shown and committed.
import { SyncError } from '../errors.ts';
import { quoted, suggest } from '../nearest.ts';
import type { ProblemList } from '../profiles/problem-list.ts';

const SECRET_KEYS = new Set([
  'token',
  'webhook',
  'webhook-secret',
  'webhook-path-token',
  'application-token',
  'client-secret',
  'pat',
  'password',
  'secrets-key',
]);

export function isSecretKey(key: string): boolean {
  return SECRET_KEYS.has(key);
}

export type References = {
  /** The value behind a secret's reference; undefined after reporting why there is none. */
  secret(key: string, written: string, at: number): string | undefined;
  /** `${NAME}` is replaced, everything else stays. */
  plain(key: string, written: string, at: number): string | undefined;
  /** A part of a value that is a secret by itself. */
  hide(part: string): void;
  /** Every secret value found, for redaction. */
  found(): readonly string[];
};

export function createReferences(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
  problems: ProblemList,
): References {
  const secrets = new Set<string>();

  function fromEnvironment(key: string, written: string, at: number): string | undefined {
    const name = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(written)?.[1];
    if (name === undefined) {
      problems.add(
        at,
        `${quoted(key)} mixes a reference with other text.`,
        `Write one reference alone, for example \`"\${JIRA_TOKEN}"\`.`,
      );
      return undefined;
    }
    const value = env[name];
    if (value !== undefined && value !== '') return value;
    const why = value === '' ? 'is empty' : 'is not set';
    const others = Object.keys(env).filter((other) => env[other] !== undefined && env[other] !== '');
    // Names only, and only near ones: an environment holds much that is nobody's business.
    const close = suggest(
      name,
      others.length > 12 ? others : [...others, ...Array<string>(13).fill('')],
      `Set it, for example: export ${name}=…`,
    );
    problems.add(at, `The environment variable ${quoted(name)} ${why}.`, close);
    return undefined;
  }

  function fromFile(written: string, at: number): string | undefined {
    const path = written.slice('file:'.length).trim();
    try {
      const value = readFile(path).trim();
      if (value !== '') return value;
      problems.add(at, `The file ${quoted(path)} is empty.`, 'Write the secret into it.');
    } catch (error) {
      if (error instanceof SyncError) {
        problems.add(at, `${error.message}.`, error.cure.replace(/([^.])$/, '$1.'));
        return undefined;
      }
      const code = (error as { code?: string }).code ?? (error as Error).message;
      problems.add(at, `The file ${quoted(path)} cannot be read (${code}).`, 'Check the path and its permissions.');
    }
    return undefined;
  }

  return {
    secret(key, written, at) {
      if (!written.startsWith('file:') && !written.includes('${')) {
        problems.add(
          at,
          `${quoted(key)} is a secret and must not stand in the file.`,
          `Write \`${key}: "\${${key.toUpperCase().replaceAll('-', '_')}}"\` and set that variable, or \`${key}: file:/run/secrets/${key}\`.`,
        );
        return undefined;
      }
      const value = written.startsWith('file:') ? fromFile(written, at) : fromEnvironment(key, written, at);
      if (value !== undefined) secrets.add(value);
      // A webhook's address may be logged as host and path apart; the path alone opens it too.
      // That of another address is the number of a database, which would be hidden in every line.
      if (value !== undefined && /^https?:/.test(value) && URL.canParse(value)) {
        secrets.add(new URL(value).pathname.replace(/\/$/, ''));
      }
      return value;
    },
    plain: (key, written, at) => (written.includes('${') ? fromEnvironment(key, written, at) : written),
    hide: (part) => void secrets.add(part),
    found: () => [...secrets],
  };
}
