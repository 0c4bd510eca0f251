// A report of one piece of work as lines for a person.
import type { Value } from '../model.ts';
import type { Outcome, Report } from '../sync/report.ts';
import { clean, styled } from './output.ts';

const WORDS: Readonly<Record<Outcome, string>> = {
  echo: 'in step (only our own write came back)',
  unchanged: 'in step (nothing has changed)',
  'in-step': 'in step',
  written: 'written',
  created: 'created',
  linked: 'paired',
  waiting: 'waiting',
  unmatched: 'without a partner',
  'out-of-scope': 'out of scope',
  gone: 'gone',
  parked: 'parked',
  retry: 'tried again later',
};

export function pairName(keys: Report['keys']): string {
  return [keys.jira, keys.crm].filter((key) => key !== null).join(' <> ') || 'the record';
}

export function shown(value: Value): string {
  if (value === null) return 'nothing';
  if (typeof value === 'object' && !Array.isArray(value)) {
    const { amount, currency } = value as { amount: string; currency: string };
    return `${amount} ${currency}`;
  }
  return Array.isArray(value) ? `[${value.join(', ')}]` : clean(String(value));
}

export function reportLines(report: Report): string[] {
  const why = report.why === '' ? '' : `: ${clean(report.why)}`;
  const lines = [`${styled('bold', pairName(report.keys))} ${WORDS[report.outcome]}${why}`];
  for (const field of report.fields) {
    const change =
      field.what === 'written' || field.what === 'coerced'
        ? ` on ${field.side}: ${shown(field.from)} -> ${shown(field.to)}`
        : '';
    const reason = field.why === '' ? '' : `  (${clean(field.why)})`;
    lines.push(`  ${field.field.padEnd(28)} ${field.what}${change}${reason}`);
  }
  return lines;
}
