import { expect, it } from 'vitest';
import { SyncError } from '../../../../src/errors.ts';
import { postgresAddress } from '../../../../src/state/postgres/address.ts';

function refusalOf(text: string): SyncError {
  try {
    postgresAddress(text);
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  throw new Error(`${text} was not refused`);
}

it('reads host, port, database, user and password', () => {
  expect(postgresAddress('postgres://sync:p%40ss@db.nordhafen.example:6432/crm_sync')).toMatchObject({
    host: 'db.nordhafen.example',
    port: 6432,
    database: 'crm_sync',
    user: 'sync',
    password: 'p@ss',
    schema: 'jira_crm_sync',
    tls: null,
  });
  expect(postgresAddress('postgresql://[::1]/crm_sync?schema=test_1')).toMatchObject({
    host: '::1',
    port: 5432,
    schema: 'test_1',
  });
});

it('checks certificates wherever TLS is asked for, unless it is told not to', () => {
  for (const mode of ['require', 'verify-ca', 'verify-full']) {
    expect(postgresAddress(`postgres://db/sync?sslmode=${mode}`).tls).toEqual({ verify: true, rootCertificate: null });
  }
  expect(postgresAddress('postgres://db/sync?sslmode=no-verify').tls).toMatchObject({ verify: false });
  expect(postgresAddress('postgres://db/sync?sslmode=disable').tls).toBeNull();
});

it('shows neither user nor password', () => {
  const { shown } = postgresAddress('postgres://sync:secret@db/sync');
  expect(shown).toBe('postgres://db:5432/sync, schema jira_crm_sync');
});

it('refuses what it does not understand, without showing it', () => {
  const cases = [
    ['postgres://sync:secret@db/sync?ssl_mode=require', '`ssl_mode`'],
    ['postgres://sync:secret@db/sync?sslmode=prefer', 'sslmode'],
    ['postgres://sync:secret@db/sync?schema=a"; DROP', 'schema'],
    ['postgres://sync:secret@db', 'no database'],
    ['postgres://sync:secret@db:port/sync', 'not an address'],
    ['postgres://db/sync?sslmode=verify-full&sslrootcert=/nowhere/ca.pem', 'certificate'],
  ] as const;
  for (const [text, why] of cases) {
    const { message, cure } = refusalOf(text);
    expect(message).toContain(why);
    expect(message + cure).not.toContain('secret');
    expect(cure).not.toBe('');
  }
});
