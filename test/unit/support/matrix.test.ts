import { expect, it } from 'vitest';
import { leftOut } from '../../support/matrix.ts';

it('says in one line which tests a machine without the servers leaves out', () => {
  expect(leftOut(true, true)).toBeNull();
  expect(leftOut(false, true)).toMatch(/^Left out: the tests on redis-server, .*apt-get install redis-server\)\.$/);
  expect(leftOut(false, false)).toMatch(/redis-server and postgresql, .*apt-get install redis-server postgresql\)\.$/);
});
