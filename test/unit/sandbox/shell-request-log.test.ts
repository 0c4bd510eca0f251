import { describe, expect, it } from 'vitest';
import { batchCommands, createRequestLog, withRequestLog } from '../../../src/sandbox/request-log.ts';
import { createCountingProduct, sandboxRequest } from '../../support/sandbox-requests.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const BATCH = '/rest/1/code1234/batch.json';

describe('the commands of a batch', () => {
  it('are read from JSON, as object and as list', () => {
    const cmd = { a: 'user.get?ID=1', b: 'crm.item.get?id=2' };
    const expected = ['user.get?ID=1', 'crm.item.get?id=2'];
    expect(batchCommands(sandboxRequest('POST', BATCH, { body: { halt: 0, cmd } }))).toEqual(expected);
    expect(batchCommands(sandboxRequest('POST', BATCH, { body: { cmd: expected } }))).toEqual(expected);
  });
  it('are read from a form and from the query', () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const body = 'halt=1&cmd[a]=user.get%3FID%3D1&cmd[b]=crm.item.get%3Fid%3D2';
    expect(batchCommands(sandboxRequest('POST', BATCH, { body, headers }))).toEqual([
      'user.get?ID=1',
      'crm.item.get?id=2',
    ]);
    expect(batchCommands(sandboxRequest('GET', `${BATCH}?cmd[0]=profile`))).toEqual(['profile']);
  });
  it('are none in other methods and in bodies that do not parse', () => {
    expect(batchCommands(sandboxRequest('POST', '/rest/1/code1234/profile', { body: { cmd: { a: 'x' } } }))).toEqual(
      [],
    );
    expect(batchCommands(sandboxRequest('POST', BATCH, { body: '{"cmd":' }))).toEqual([]);
    expect(batchCommands(sandboxRequest('POST', BATCH, { body: { cmd: 'text' } }))).toEqual([]);
  });
});

describe('the request log', () => {
  it('notes time, commands, status and bytes of an answered and of a broken request', async () => {
    const clock = createVirtualClock(1000);
    const log = createRequestLog();
    const fine = withRequestLog(createCountingProduct().handle, log, clock.now);
    const broken = withRequestLog(async () => ({ status: 200, headers: {}, body: 'x', drop: true }), log, clock.now);
    await fine(sandboxRequest('POST', BATCH, { body: { cmd: { a: 'profile' } } }));
    await clock.advance(5);
    await broken(sandboxRequest('GET', '/rest/api/3/myself'));
    expect(log.list()).toEqual([
      { at: 1000, method: 'POST', path: BATCH, commands: ['profile'], status: 200, bytesIn: 23, bytesOut: 35 },
      { at: 1005, method: 'GET', path: '/rest/api/3/myself', status: 0, bytesIn: 0, bytesOut: 0 },
    ]);
    expect(log.list(1001)).toHaveLength(1);
  });
});
