import { expect, it } from 'vitest';
import { troubleOf } from '../../../../src/work/bullmq/redis-trouble.ts';

it.each([
  ["OOM command not allowed when used memory > 'maxmemory'.", 'it is full'],
  ["READONLY You can't write against a read only replica.", 'it is a read-only replica'],
  ['MISCONF Redis is configured to save RDB snapshots', 'it cannot write to its disk'],
  ['NOAUTH Authentication required.', 'it wants a password'],
  ['WRONGPASS invalid username-password pair', 'it refuses the password'],
  ['LOADING Redis is loading the dataset in memory', 'it is reading its data'],
])('%s', (message, reason) => {
  const trouble = troubleOf(new Error(message));
  expect(trouble.reason).toBe(reason);
  expect(trouble.cure).not.toBe('');
});

it('knows what a socket says, without the address', () => {
  const error = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:6379'), { code: 'ECONNREFUSED' });
  expect(troubleOf(error)).toEqual({
    reason: 'nothing listens at its address',
    cure: expect.stringContaining('Start it'),
  });
  expect(troubleOf(Object.assign(new Error('x'), { code: 'ETIMEDOUT' })).reason).toBe('it does not answer');
});

it('passes on what it does not know', () => {
  expect(troubleOf(new Error('CROSSSLOT nonsense')).reason).toBe('CROSSSLOT nonsense');
});
