// docs/security.md names a test for each threat; a map that names what is not there protects nobody.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/security.md', 'utf8');

function rowsBelow(heading: string): string[][] {
  const lines = page.slice(page.indexOf(heading)).split('\n').slice(1);
  const end = lines.findIndex((line) => line.startsWith('## '));
  return lines
    .slice(0, end === -1 ? lines.length : end)
    .filter((line) => /^\| T\d+ \|/.test(line))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
}

const rows = rowsBelow('## Threats, controls, tests');
const waiting = rowsBelow('## Rows that wait for their flow');
const named = (cell: string | undefined) => [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

describe('the map of threats', () => {
  it('has every row of the design once, or says what it waits for', () => {
    const numbers = [...rows, ...waiting].map(([number]) => Number(number?.slice(1)));
    expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, at) => at + 1));
    const met = rows.map(([number]) => number);
    expect(new Set(met).size).toBe(met.length);
    for (const [, threat, reason] of waiting) expect([threat, reason].join(' ').length).toBeGreaterThan(20);
  });

  it.each(rows.map((row) => [row[0] ?? '', row] as const))('%s has a control, code and tests that exist', (_, row) => {
    const [, threat = '', control = '', code, tests] = row;
    expect(row).toHaveLength(5);
    expect(Math.min(threat.length, control.length)).toBeGreaterThan(5);
    const files = named(code);
    const proofs = named(tests).filter((name) => name.endsWith('.test.ts'));
    expect(files.length).toBeGreaterThan(0);
    expect(proofs.length).toBeGreaterThan(0);
    expect([...files, ...proofs].filter((file) => !existsSync(file))).toEqual([]);
    for (const proof of proofs) expect(readFileSync(proof, 'utf8'), proof).toMatch(/\b(it|test)(\.each)?\(/);
  });

  it('leaves out no test that is about security alone', () => {
    const missing = readdirSync('test/security').filter((name) => !page.includes(`\`test/security/${name}\``));
    expect(missing).toEqual([]);
  });
});
