// JSON lines on a stream, through pino: a fixed message, the details as fields. Secrets are taken out here and nowhere
// else, from the finished line, so that no path around it exists.
import { type DestinationStream, type Logger, pino } from 'pino';
import { SyncError } from './errors.ts';
import type { Details, Log, LogLevel } from './ports.ts';

export type LogOptions = {
  readonly level: LogLevel;
  /** Every value that must not show; texts under four characters are left, they would garble every line. */
  readonly secrets: readonly string[];
  readonly stream: { write(line: string): unknown };
};

const HIDDEN = '[secret]';
const SHORTEST_SECRET = 4;
const DEEPEST_CAUSE = 5;
/** Bitrix24's incoming webhook carries its secret in the path, whoever configured it. */
const WEBHOOK_PATH = /(\/rest\/\d+\/)[A-Za-z0-9]{6,}/g;
const CREDENTIAL_HEADER = /\b(Basic|Bearer) +[A-Za-z0-9+/=._~-]{8,}/g;

function pathForms(secret: string): string[] {
  if (!/^https?:\/\//i.test(secret) || !URL.canParse(secret)) return [];
  const { pathname } = new URL(secret);
  const path = pathname.replace(/\/+$/, '');
  const code = path.split('/').at(-1) ?? '';
  return [secret.replace(/\/+$/, ''), path.replace(/^\/+/, ''), code].filter((form) => form.length >= 8);
}

/** As it stands inside a JSON text; twice for a body that is logged as text. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** All spellings in which a secret may turn up in a line. */
function forms(secret: string): string[] {
  const plain = [secret, ...pathForms(secret)];
  const spelled = plain.flatMap((text) => [
    text,
    encodeURIComponent(text),
    encodeURI(text),
    new URLSearchParams({ x: text }).toString().slice(2),
    escaped(text),
    escaped(escaped(text)),
    escaped(escaped(escaped(text))),
    Buffer.from(text, 'utf8').toString('base64'),
    Buffer.from(text, 'utf8').toString('base64url'),
  ]);
  return spelled.filter((text) => text.length >= SHORTEST_SECRET);
}

/** Answers a function that replaces every secret in a text; also for what `cli` prints. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(forms));
  // The longest first: a secret that contains another must not leave its rest behind.
  const ordered = [...known].sort((a, b) => b.length - a.length);
  return function redact(text) {
    let clean = text;
    for (const secret of ordered) {
      if (clean.includes(secret)) clean = clean.replaceAll(secret, HIDDEN);
    }
    return clean.replace(WEBHOOK_PATH, `$1${HIDDEN}`).replace(CREDENTIAL_HEADER, `$1 ${HIDDEN}`);
  };
}

/** What of an error goes into a line: class, message, cure, the chain of causes. */
export function describeError(error: unknown, withStack: boolean, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const cure = (error as { cure?: unknown }).cure;
  const code = (error as { code?: unknown }).code;
  return {
    class: error.name,
    message: error.message,
    ...(typeof cure === 'string' ? { cure } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(withStack && error.stack ? { stack: error.stack } : {}),
    ...(error.cause !== undefined && depth < DEEPEST_CAUSE
      ? { cause: describeError(error.cause, false, depth + 1) }
      : {}),
  };
}

function plainDetails(details: Details, stackOf: (error: Error) => boolean): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(details)) {
    if (value instanceof Error) plain[name] = describeError(value, stackOf(value));
    else if (Array.isArray(value)) plain[name] = value.map((item) => describeError(item, false));
    else plain[name] = value;
  }
  return plain;
}

function wrap(logger: Logger): Log {
  const verbose = logger.isLevelEnabled('debug');
  const always = () => verbose;
  // An error of no known class is a bug in this program, and only then a stack tells something.
  const ofBugs = (error: Error) => verbose || !(error instanceof SyncError);
  return {
    debug: (message, details = {}) => logger.debug(plainDetails(details, always), message),
    info: (message, details = {}) => logger.info(plainDetails(details, always), message),
    warn: (message, details = {}) => logger.warn(plainDetails(details, always), message),
    error: (message, details = {}) => logger.error(plainDetails(details, ofBugs), message),
    child: (details) => wrap(logger.child(plainDetails(details, always))),
  };
}

export function createLog(options: LogOptions): Log {
  const redact = createRedactor(options.secrets);
  const stream: DestinationStream = {
    write: (line) => {
      options.stream.write(redact(line));
    },
  };
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return wrap(logger);
}
