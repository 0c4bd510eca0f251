// Money beside money, or money beside a plain number with the currency named in the profile. Never across currencies.
import { MappingError, SyncError } from '../errors.ts';
import type { Money, Side, Value } from '../model.ts';
import { otherSide } from '../model.ts';
import { isDecimal, roundDecimal } from './canonical.ts';
import type { Mapper } from './mapper.ts';
import { exactNumber } from './number.ts';
import type { Ends } from './rejection.ts';
import { nameOf, showRaw, unexpected } from './rejection.ts';

export function createMoneyMapper(ends: Ends, currency: string | null): Mapper {
  if (currency === null && (ends.jira.type !== 'money' || ends.crm.type !== 'money')) {
    throw new SyncError(
      `${nameOf(ends, 'jira')} beside ${nameOf(ends, 'crm')} needs a currency`,
      'Add `currency:` with its three letters to the field.',
    );
  }

  const read = (value: Value, from: Side): Money => {
    if (typeof value === 'string' && currency !== null && ends[from].type !== 'money' && isDecimal(value)) {
      return { amount: exactNumber(value, ends, from), currency };
    }
    if (!isMoney(value)) throw unexpected(value, 'an amount of money', ends, from);
    if (currency === null || value.currency === currency) return value;
    throw new MappingError(
      `${nameOf(ends, from)} is in ${value.currency}, and the profile maps ${currency} only`,
      `Change the currency there to ${currency}; amounts are never converted.`,
      value,
    );
  };

  return {
    translate(value: Value, from: Side): Value {
      if (value === null) return null;
      const money = read(value, from);
      if (ends[otherSide(from)].type !== 'money') return exactNumber(money.amount, ends, from);
      return { amount: roundDecimal(money.amount, minorDigits(money.currency)), currency: money.currency };
    },
    show(value: Value, side: Side): string {
      if (isMoney(value)) return `${padded(value.amount, minorDigits(value.currency))} ${value.currency}`;
      const plain = typeof value === 'string' && currency !== null && ends[side].type !== 'money';
      return plain ? `${padded(value, minorDigits(currency))} ${currency}` : showRaw(value);
    },
  };
}

function isMoney(value: Value): value is Money {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const money = value as Money;
  return typeof money.currency === 'string' && typeof money.amount === 'string' && isDecimal(money.amount);
}

/** To ask Intl takes a hundred times as long as to translate the amount. */
const DIGITS = new Map<string, number>();

/** Digits after the point that the currency has by ISO 4217; two for what ISO does not know. */
function minorDigits(currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency)) return 2;
  const known = DIGITS.get(currency);
  if (known !== undefined) return known;
  const digits = digitsOf(currency);
  DIGITS.set(currency, digits);
  return digits;
}

function digitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits as number;
}

function padded(amount: string, digits: number): string {
  const [whole = '', fraction = ''] = amount.split('.');
  return digits === 0 && fraction === '' ? whole : `${whole}.${fraction.padEnd(digits, '0')}`;
}
