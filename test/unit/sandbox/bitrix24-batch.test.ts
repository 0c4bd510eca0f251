import { describe, expect, it } from 'vitest';
import { createPortal, DEAL } from '../../support/bitrix-portal.ts';

const GET = `crm.item.get?entityTypeId=2&id=${DEAL}`;

describe('batch of the sandbox portal', () => {
  it('answers one map per kind, empty ones as lists', async () => {
    const { call } = createPortal();
    const { status, body } = await call('batch', { halt: 0, cmd: { me: 'profile', time: 'server.time' } });
    expect(status).toBe(200);
    expect(body.result.result).toMatchObject({ me: { ID: '14' }, time: '2026-11-18T10:15:00+03:00' });
    expect([body.result.result_error, body.result.result_total, body.result.result_next]).toEqual([[], [], []]);
    expect(Object.keys(body.result.result_time)).toEqual(['me', 'time']);
    expect(body.time).toHaveProperty('start');
  });

  it('names total and next page of the commands that have one', async () => {
    const { call } = createPortal({ deals: 100 });
    const cmd = { deals: 'crm.item.list?entityTypeId=2&select[]=id', leads: 'crm.item.list?entityTypeId=1' };
    const { result } = (await call('batch', { cmd })).body;
    expect(result.result_total).toEqual({ deals: 103, leads: 3 });
    expect(result.result_next).toEqual({ deals: 50 });
  });

  it('keeps an error under its key and goes on', async () => {
    const { call } = createPortal();
    const cmd = { a: 'crm.item.get?entityTypeId=2&id=1', b: 'no.such.method', c: 'batch?cmd[x]=profile', d: GET };
    const { result } = (await call('batch', { halt: 0, cmd })).body;
    expect(result.result_error).toEqual({
      a: { error: 'NOT_FOUND', error_description: 'Элемент не найден' },
      b: { error: 'ERROR_METHOD_NOT_FOUND', error_description: 'Method not found!' },
      c: { error: 'ERROR_BATCH_METHOD_NOT_ALLOWED', error_description: 'Method is not allowed for batch usage' },
    });
    expect(Object.keys(result.result)).toEqual(['d']);
    expect(Object.keys(result.result_time)).toEqual(['d']);
  });

  it('stops at the first error with halt, which the text "false" turns on', async () => {
    const { call } = createPortal();
    for (const halt of [1, '1', true, 'false']) {
      const { result } = (await call('batch', { HALT: halt, cmd: { a: 'nope', b: 'profile' } })).body;
      expect([Object.keys(result.result_error), result.result]).toEqual([['a'], []]);
    }
    const { result } = (await call('batch', { halt: '0', cmd: { a: 'nope', b: 'profile' } })).body;
    expect(Object.keys(result.result)).toEqual(['b']);
  });

  it('hands earlier answers to later commands', async () => {
    const { call } = createPortal();
    const cmd = {
      list: 'crm.item.list?entityTypeId=2&select[]=id&select[]=title&filter[%3Cid]=7003',
      get: 'crm.item.get?entityTypeId=2&id=$result[list][items][1][id]',
      text: 'crm.item.update?entityTypeId=2&id=7001&fields[title]=Copy of $result[get][item][title]',
    };
    const { result } = (await call('batch', { cmd })).body.result;
    expect([result.get.item.id, result.text.item.title]).toEqual([7002, 'Copy of Закупка 2']);
  });

  it('puts nothing where a reference has no answer', async () => {
    const { call, item } = createPortal();
    const cmd = {
      a: 'crm.item.get?entityTypeId=2&id=1',
      b: 'crm.item.get?entityTypeId=2&id=$result[a][item][id]',
      c: `crm.item.update?entityTypeId=2&id=${DEAL}&fields[title]=x$result[zz][y]y`,
    };
    const { result } = (await call('batch', { cmd })).body;
    expect(result.result_error.b.error).toBe('NOT_FOUND');
    expect((await item(2, DEAL)).title).toBe('xy');
  });

  it('runs the first 50 and fails the rest one by one', async () => {
    const { call, portal } = createPortal();
    const cmd = Object.fromEntries(Array.from({ length: 52 }, (_, index) => [`k${index}`, 'server.time']));
    const { status, body } = await call('batch', { cmd });
    expect([status, Object.keys(body.result.result).length]).toEqual([200, 50]);
    expect(Object.keys(body.result.result_error)).toEqual(['k50', 'k51']);
    expect(body.result.result_error.k50.error).toBe('ERROR_BATCH_LENGTH_EXCEEDED');
    portal.configure({ variants: { 'batch-overflow': 'B' } });
    expect((await call('batch', { cmd })).body.error).toBe('ERROR_BATCH_LENGTH_EXCEEDED');
  });

  it('answers lists to commands keyed 0, 1, 2', async () => {
    const { call, portal } = createPortal();
    const cmd = ['server.time', 'nope'];
    const { result } = (await call('batch', { cmd })).body;
    expect(result.result).toEqual(['2026-11-18T10:15:00+03:00']);
    expect(result.result_error).toEqual({
      1: { error: 'ERROR_METHOD_NOT_FOUND', error_description: 'Method not found!' },
    });
    portal.configure({ variants: { 'batch-numeric-keys': 'B' } });
    expect(Array.isArray((await call('batch', { cmd })).body.result.result)).toBe(false);
  });

  it('reads commands from a form and skips what is no text', async () => {
    const { call, form } = createPortal();
    const text = `halt=0&cmd%5Bone%5D=${encodeURIComponent(GET)}&cmd[two]=server.time`;
    expect(Object.keys((await form('batch', text)).body.result.result)).toEqual(['one', 'two']);
    expect((await call('batch', { cmd: { a: 5, b: 'server.time' } })).body.result.result).toEqual({
      b: '2026-11-18T10:15:00+03:00',
    });
    expect((await call('batch', { cmd: JSON.stringify({ x: 'server.time' }) })).body.result.result).toHaveProperty('x');
  });

  it('checks the scope of every command', async () => {
    const { call, portal } = createPortal();
    portal.configure({ scopes: ['user'] });
    const { result } = (await call('batch', { cmd: { a: GET, b: 'user.current' } })).body;
    expect(result.result_error.a.error).toBe('insufficient_scope');
    expect(result.result.b.ID).toBe('14');
  });
});
