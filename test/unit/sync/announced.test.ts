import { describe, expect, it } from 'vitest';
import { announcedBut, hasArrived } from '../../../src/sync/announced.ts';

describe('a value that was announced', () => {
  it('has arrived where it stands', () => {
    expect(hasArrived('old', 'new', 'new')).toBe(true);
    expect(hasArrived(null, ['a', 'b'], ['a', 'b'])).toBe(true);
    expect(hasArrived(['a'], null, null)).toBe(true);
  });

  it('has not arrived where what stood there before still stands, or something else, or nobody can see it', () => {
    expect(hasArrived('old', 'new', 'old')).toBe(false);
    expect(hasArrived('old', 'new', 'newer')).toBe(false);
    expect(hasArrived('old', 'new', null)).toBe(false);
    expect(hasArrived('old', 'new', undefined)).toBe(false);
  });

  it('has arrived as a set where all that it adds is there and nothing that it takes away, whatever others changed', () => {
    expect(hasArrived(['a'], ['a', 'b'], ['a', 'b', 'c'])).toBe(true);
    expect(hasArrived(['a'], ['a', 'b'], ['b'])).toBe(true);
    expect(hasArrived(['a', 'b'], ['b', 'c'], ['c', 'd'])).toBe(true);
    expect(hasArrived(['a', 'b'], null, ['c'])).toBe(true);
  });

  it('has not arrived as a set where only a part of it is there', () => {
    expect(hasArrived(['a'], ['a', 'b', 'c'], ['a', 'b'])).toBe(false);
    expect(hasArrived(['a'], ['b'], ['a', 'b'])).toBe(false);
    expect(hasArrived(['a'], ['a', 'b'], ['a'])).toBe(false);
    expect(hasArrived(['a'], ['a', 'b'], null)).toBe(false);
  });
});

describe('what is still announced', () => {
  const budget = { before: { jira: '1', crm: '2' }, after: { jira: '2', crm: '2' } };
  const labels = { before: { jira: null, crm: ['a'] }, after: { jira: ['a'], crm: ['a'] } };

  it('is all but the fields that are named, and nothing where none is left', () => {
    expect(announcedBut({ budget, labels }, ['labels'])).toEqual({ budget });
    expect(announcedBut({ budget }, ['budget'])).toBeNull();
    expect(announcedBut(null, [])).toBeNull();
  });
});
