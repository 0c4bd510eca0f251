import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setupOf } from '../../../src/cli/setup.ts';
import { readSecretFile } from '../../../src/config/secret-file.ts';
import { ConfigError, SyncError } from '../../../src/errors.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-secret-'));
  mkdirSync(join(folder, 'secrets'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function secret(name: string, mode = 0o600, text = 'the-token\n'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('a secret file', () => {
  it('is read, and told to be open where everybody may read it', () => {
    expect(readSecretFile(secret('secrets/a', 0o600), true)).toEqual({ text: 'the-token\n', readableByAll: false });
    expect(readSecretFile(secret('secrets/a', 0o440), true).readableByAll).toBe(false);
    expect(readSecretFile(secret('secrets/a', 0o444), true).readableByAll).toBe(true);
  });

  it.each([0o620, 0o602, 0o666, 0o777, 0o622])('is refused where others may write it (%o)', (mode) => {
    const path = secret('secrets/a', mode);
    expect(() => readSecretFile(path, true)).toThrow('can be written by others than its owner');
    // A file system without such modes says 666 of every file.
    expect(readSecretFile(path, false).text).toBe('the-token\n');
  });

  it('may be a link within its folder, as orchestrators make them', () => {
    mkdirSync(join(folder, 'secrets/..2026_11_21'));
    secret('secrets/..2026_11_21/token');
    symlinkSync('..2026_11_21', join(folder, 'secrets/..data'));
    symlinkSync('..data/token', join(folder, 'secrets/token'));
    expect(readSecretFile(join(folder, 'secrets/token'), true).text).toBe('the-token\n');
  });

  it.each(['../outside', '/etc/hostname', '..data/../../outside', 'chain'])('is no link out of it (%s)', (target) => {
    secret('outside');
    mkdirSync(join(folder, 'secrets/..data'));
    symlinkSync('../outside', join(folder, 'secrets/chain'));
    symlinkSync(target, join(folder, 'secrets/token'));
    expect(() => readSecretFile(join(folder, 'secrets/token'), true)).toThrow('is a link out of its folder');
  });

  it('is a file of a secret’s size: no folder, no pipe, no archive', () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    chmodSync(join(folder, 'pipe'), 0o600);
    expect(() => readSecretFile(join(folder, 'pipe'), true)).toThrow('is no file');
    expect(() => readSecretFile(join(folder, 'secrets'), true)).toThrow('is no file');
    expect(() => readSecretFile(secret('big', 0o600, 'x'.repeat(70_000)), true)).toThrow('larger than 64 KB');
    expect(() => readSecretFile(join(folder, 'none'), true)).toThrow('ENOENT');
    for (const name of ['pipe', 'secrets', 'big']) {
      expect(() => readSecretFile(join(folder, name), true)).toThrow(SyncError);
    }
  });
});

const CONFIG = `connections:
  jira: { type: jira, url: https://jira.example, auth: { email: a@b.example, token: file:token } }
`;

function configured(mode: number) {
  secret('token', mode);
  return setupOf(CONFIG, 'sync.yaml', folder, {}, 'silent', { write: () => true });
}

describe('a configuration with a secret file', () => {
  it('remarks that everybody may read it, with the cure', () => {
    expect(configured(0o600).remarks).toEqual([]);
    expect(configured(0o644).remarks).toEqual([
      { what: 'The secret file token can be read by everybody on this machine.', cure: 'chmod o-r token' },
    ]);
  });

  it('is refused where others may write it, at the line that names it', () => {
    const refused = () => configured(0o666);
    expect(refused).toThrow(ConfigError);
    try {
      refused();
    } catch (error) {
      const [problem] = (error as ConfigError).problems;
      expect(problem).toMatchObject({ line: 2, message: expect.stringContaining('can be written by others') });
      expect(problem?.cure).toContain('chmod go-w');
    }
  });
});
