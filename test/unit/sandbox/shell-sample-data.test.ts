import { describe, expect, it } from 'vitest';
import { makeCompany } from '../../../src/sandbox/sample-data.ts';

const NOW = Date.parse('2026-11-21T09:00:00Z');
const DAY = 24 * 60 * 60 * 1000;
const company = makeCompany({ seed: 7, issues: 600, deals: 600, now: NOW });

describe('the sample company', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(makeCompany({ seed: 7, issues: 600, deals: 600, now: NOW })).toEqual(company);
    expect(makeCompany({ seed: 8, issues: 600, deals: 600, now: NOW }).requests).not.toEqual(company.requests);
  });
  it('tells the same requests however many deals there are', () => {
    expect(makeCompany({ seed: 7, issues: 600, deals: 3, now: NOW }).requests).toEqual(company.requests);
  });
  it('never gives two records the same name', () => {
    const big = makeCompany({ seed: 3, issues: 20_000, deals: 20_000, now: NOW });
    expect(new Set(big.requests.map((one) => one.summary)).size).toBe(20_000);
    expect(new Set(big.deals.map((one) => one.title)).size).toBe(20_000);
  });
  it('was made in the 90 days before now, in order', () => {
    for (const list of [company.requests, company.deals]) {
      const times = list.map((one) => one.createdAt);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times[0]).toBeGreaterThanOrEqual(NOW - 90 * DAY);
      expect(times.at(-1)).toBeLessThan(NOW);
    }
  });
  it('reads in both languages and fits a summary', () => {
    const texts = [...company.requests.map((one) => one.summary), ...company.deals.map((one) => one.title)];
    const russian = texts.filter((text) => /[а-я]/i.test(text)).length / texts.length;
    expect(russian).toBeGreaterThan(0.3);
    expect(russian).toBeLessThan(0.8);
    for (const text of texts) expect(text).toMatch(/^[^\n]{10,255}$/);
  });
  it('knows only its own people and distributors', () => {
    const people = new Set(company.people.map((one) => one.key));
    for (const one of company.requests) {
      expect(people.has(one.reporter) && (one.assignee === null || people.has(one.assignee))).toBe(true);
      expect(one.distributor === null || company.distributors.includes(one.distributor)).toBe(true);
    }
    for (const one of company.deals) expect(people.has(one.responsible)).toBe(true);
    expect(company.people[0]?.key).toBe('ivanova');
    expect(people.has('sync')).toBe(true);
  });
  it('uses every status and stage, and leaves some fields empty', () => {
    expect(new Set(company.requests.map((one) => one.status)).size).toBe(4);
    expect(new Set(company.deals.map((one) => one.stage)).size).toBe(6);
    expect(company.requests.some((one) => one.budget === null)).toBe(true);
    expect(company.deals.some((one) => one.amount === null)).toBe(true);
    expect(company.deals.some((one) => one.closeDate === null)).toBe(true);
    expect(new Set(company.deals.map((one) => one.currency))).toEqual(new Set(['RUB', 'EUR']));
  });
  it('writes labels that Jira takes', () => {
    for (const label of company.requests.flatMap((one) => one.labels)) expect(label).toMatch(/^\S+$/);
  });
});
