import { describe, expect, it } from 'vitest';
import { AuthError, SyncError, UnavailableError } from '../../src/errors.ts';
import { createLog, createRedactor } from '../../src/log.ts';
import type { LogLevel } from '../../src/ports.ts';

const TOKEN = 'ATATT3xFf"GF/0+q=canary\\';
const WEBHOOK = 'https://nordhafen.bitrix24.example/rest/18/k7canary9x2w/';

function setUp(level: LogLevel = 'info', secrets: readonly string[] = [TOKEN, WEBHOOK]) {
  const lines: string[] = [];
  const log = createLog({ level, secrets, stream: { write: (line) => lines.push(line) } });
  return { log, lines, parsed: () => lines.map((line) => JSON.parse(line)) };
}

describe('the log', () => {
  it('writes one JSON line with a fixed message and the details as fields', () => {
    const { log, lines, parsed } = setUp();
    log.info('record synced', { profile: 'buying', record: 'BUY-12', ms: 17 });
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(parsed()[0]).toMatchObject({
      level: 'info',
      message: 'record synced',
      profile: 'buying',
      record: 'BUY-12',
      ms: 17,
    });
    expect(Date.parse(parsed()[0].time)).not.toBeNaN();
  });
  it('writes nothing below its level', () => {
    const { log, parsed } = setUp('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(parsed().map((line) => line.message)).toEqual(['c', 'd']);
  });
  it('gives its fields to its children', () => {
    const { log, parsed } = setUp();
    log.child({ profile: 'buying' }).child({ side: 'crm' }).warn('slow');
    expect(parsed()[0]).toMatchObject({ profile: 'buying', side: 'crm', message: 'slow' });
  });
  it('shows class, message, cure and causes of an error, without a stack', () => {
    const { log, parsed } = setUp();
    const socket = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    const error = new UnavailableError('no answer', 'Look at the network.', { ambiguous: true, cause: socket });
    log.error('write failed', { error });
    expect(parsed()[0].error).toEqual({
      class: 'UnavailableError',
      message: 'no answer',
      cure: 'Look at the network.',
      cause: { class: 'Error', message: 'socket hang up', code: 'ECONNRESET' },
    });
  });
  it('shows the stack of a bug, and of everything at debug level', () => {
    const info = setUp();
    info.log.error('bug', { error: new TypeError('x is undefined') });
    info.log.warn('known', { error: new TypeError('x is undefined') });
    expect(info.parsed().map((line) => 'stack' in line.error)).toEqual([true, false]);
    const debug = setUp('debug');
    debug.log.info('known', { error: new AuthError('refused', 'Renew the token.') });
    expect(debug.parsed()[0].error.stack).toContain('log.test.ts');
  });
  it('ends an endless chain of causes', () => {
    const { log, parsed } = setUp();
    const error = new Error('round');
    error.cause = error;
    log.warn('odd', { error, list: [error] });
    expect(JSON.stringify(parsed()[0]).split('"round"').length - 1).toBe(12);
  });
  it('survives details that JSON cannot carry', () => {
    const { log, lines } = setUp();
    const circle: Record<string, unknown> = { big: 10n, undefined, symbol: Symbol('s') };
    circle.self = circle;
    log.warn('odd', circle);
    expect(lines).toHaveLength(1);
  });
});

describe('a secret', () => {
  const spellings: readonly [string, unknown][] = [
    ['in a detail', TOKEN],
    ['inside a text', `the token ${TOKEN} was refused`],
    ['deep in an object', { a: [{ b: TOKEN }] }],
    ['as a key', { [TOKEN]: 1 }],
    ['encoded in an address', `https://x/?auth=${encodeURIComponent(TOKEN)}`],
    ['encoded as a form', new URLSearchParams({ auth: TOKEN }).toString()],
    ['in base64', Buffer.from(TOKEN).toString('base64')],
    ['in JSON within JSON', JSON.stringify({ token: TOKEN })],
    ['in an error', new Error(`refused ${TOKEN}`)],
    ['in a cause', new SyncError('a', 'b', new Error(`refused ${TOKEN}`))],
    ['as a webhook address', WEBHOOK],
    ['as a webhook address with a method', `${WEBHOOK}crm.item.list.json`],
    ['as the path of a webhook', '/rest/18/k7canary9x2w/batch.json'],
    ['as the path of a webhook, encoded', encodeURIComponent('/rest/18/k7canary9x2w/batch')],
    ['as the code alone', 'code k7canary9x2w'],
  ];
  it.each(spellings)('never shows: %s', (_name, value) => {
    const { log, lines } = setUp('debug');
    log.error('failed', { value });
    log.child({ value }).info('again');
    expect(lines.join('')).not.toContain('canary');
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });
  it('in the message never shows', () => {
    const { log, lines } = setUp();
    log.info(`connected with ${TOKEN}`);
    expect(lines[0]).not.toContain('canary');
  });
  it("that nobody configured is still hidden where it is a webhook's path or a credential header", () => {
    const redact = createRedactor([]);
    expect(redact('GET https://other.example/rest/1/abcd1234efgh/profile')).toBe(
      'GET https://other.example/rest/1/[secret]/profile',
    );
    expect(redact('authorization: Basic c3luY0BleDpUT0tFTg==')).toBe('authorization: Basic [secret]');
    expect(redact('{"authorization":"Bearer eyJhbGciOi.J9-x_y"}')).toBe('{"authorization":"Bearer [secret]"}');
  });
  it('that contains another leaves no rest', () => {
    const redact = createRedactor(['abcdef', 'abcdefghij']);
    expect(redact('x abcdefghij y abcdef z')).toBe('x [secret] y [secret] z');
  });
  it('of three characters is left alone, it would garble every line', () => {
    expect(createRedactor(['a', '', 'abc'])('abc a')).toBe('abc a');
  });
});
