// Canonical forms of model.ts, as string work: no number here ever passes through a double by accident.

/** NFC, `\n` line ends; an empty text is null. */
export function canonicalText(text: string): string | null {
  const canonical = text.replace(/\r\n?/g, '\n').normalize('NFC');
  return canonical === '' ? null : canonical;
}

const CANONICAL_DECIMAL = /^(?!-0$)-?(0|[1-9]\d*)(\.\d*[1-9])?$/;
const WRITTEN_DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;
/** Far beyond any double; bounds what a short text with an exponent can grow to. */
const MOST_DIGITS = 400;

export function isDecimal(text: string): boolean {
  return CANONICAL_DECIMAL.test(text);
}

/** `+1.50`, `1e3`, `-0` → `1.5`, `1000`, `0`; null when it is no decimal number. */
export function canonicalDecimal(text: string): string | null {
  const parts = WRITTEN_DECIMAL.exec(text);
  if (parts === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const scale = fraction.length - Number(exponent);
  if (Math.abs(scale) > MOST_DIGITS) return null;
  const digits = `${whole}${fraction}`;
  return fromUnits(BigInt(`${digits}${'0'.repeat(Math.max(0, -scale))}`), Math.max(0, scale), sign === '-');
}

/** To that many digits after the point, half away from zero, as amounts are rounded by hand. */
export function roundDecimal(decimal: string, digits: number): string {
  const scale = scaleOf(decimal);
  if (scale <= digits) return decimal;
  const negative = decimal.startsWith('-');
  const units = toUnits(negative ? decimal.slice(1) : decimal, scale);
  const step = 10n ** BigInt(scale - digits);
  return fromUnits((units + step / 2n) / step, digits, negative);
}

/** Whether a JSON number can carry it unchanged. */
export function fitsDouble(decimal: string): boolean {
  return canonicalDecimal(String(Number(decimal))) === decimal;
}

function scaleOf(decimal: string): number {
  const point = decimal.indexOf('.');
  return point === -1 ? 0 : decimal.length - point - 1;
}

function toUnits(decimal: string, scale: number): bigint {
  return BigInt(decimal.replace('.', '') + '0'.repeat(scale - scaleOf(decimal)));
}

function fromUnits(units: bigint, scale: number, negative: boolean): string {
  const digits = units.toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return negative && text !== '0' ? `-${text}` : text;
}

/** A day of the civil calendar, years 0001 to 9999. */
export function isCivilDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith('0000')) return false;
  const ms = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** `2026-11-21T10:00:00.000Z` and nothing else. */
export function isInstant(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}
