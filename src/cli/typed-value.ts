// A value that a person typed, in the form of the one that it replaces.
import type { Value } from '../model.ts';
import { UsageError } from './output.ts';

/** `like`: what the CRM shows now, in canonical form; null when it shows nothing. An empty text empties the field. */
export function typedValue(text: string, like: Value): Value {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (Array.isArray(like)) {
    const parts = trimmed.split(',').map((part) => part.trim());
    return [...new Set(parts.filter((part) => part !== ''))].sort();
  }
  if (typeof like === 'boolean') return truth(trimmed);
  if (like !== null && typeof like === 'object') return money(trimmed, (like as { currency: string }).currency);
  return text;
}

function truth(text: string): boolean {
  if (/^(true|yes|y|1|да)$/i.test(text)) return true;
  if (/^(false|no|n|0|нет)$/i.test(text)) return false;
  throw new UsageError(`"${text}" is neither yes nor no`, 'Write --take yes or --take no.');
}

/** `1250000`, `1 250 000.50`, `99.90 EUR`; canonical amounts have no needless zeros. */
function money(text: string, currency: string): Value {
  const parts = /^(-?)(\d[\d \u00a0]*)(?:[.,](\d+))?(?:\s*([A-Za-z]{3}))?$/.exec(text);
  if (parts === null) {
    throw new UsageError(`"${text}" is no amount`, `Write for example --take 1250000 or --take "99.90 ${currency}".`);
  }
  const [, sign = '', digits = '', cents = '', code] = parts;
  const whole = digits.replaceAll(/[^\d]/g, '').replace(/^0+(?=\d)/, '');
  const fraction = cents.replace(/0+$/, '');
  const amount = fraction === '' ? whole : `${whole}.${fraction}`;
  return { amount: amount === '0' ? '0' : `${sign}${amount}`, currency: code?.toUpperCase() ?? currency };
}
