// The figures as a table for people and as JSON for machines.
import { execFileSync } from 'node:child_process';
import { arch, cpus, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Figure, ratioOf, verdictOf } from './figures.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function commit(): string {
  try {
    const read = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
    return `${read('rev-parse', '--short=12', 'HEAD')}${read('status', '--porcelain') === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}

export function machine() {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.version,
  };
}

export type Run = { readonly daemon: string; readonly figures: readonly Figure[]; readonly seconds: number };

export function jsonOf({ daemon, figures, seconds }: Run): string {
  const shown = figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), verdict: verdictOf(figure) }));
  return JSON.stringify(
    { at: new Date().toISOString(), commit: commit(), machine: machine(), daemon, seconds, figures: shown },
    null,
    2,
  );
}

function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

function budgetText({ budget, unit }: Figure): string {
  if (budget === null) return '';
  return 'most' in budget ? `≤ ${number(budget.most)} ${unit}` : `≥ ${number(budget.least)} ${unit}`;
}

export function tableOf(run: Run): string {
  const header = ['', 'What', 'Figure', 'Budget', 'Ratio', ''];
  const rows = run.figures.map((figure) => {
    const ratio = ratioOf(figure);
    return [
      figure.id,
      figure.what,
      `${number(figure.value)} ${figure.unit}`.trim(),
      budgetText(figure),
      ratio === null ? '' : ratio.toFixed(2),
      verdictOf(figure) ?? '',
    ];
  });
  const widths = header.map((_, at) => Math.max(...[header, ...rows].map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const { processor, cores, memoryGb, system, node } = machine();
  return [
    `${commit()}, ${run.daemon}; ${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}; ${Math.round(run.seconds)} s`,
    '',
    line(header),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
  ].join('\n');
}
