// `fm`: phones, e-mails, sites and messengers of a lead, contact or company.
import { asMap } from './form.ts';
import type { Item } from './portal.ts';

export type Multifield = {
  readonly id: number;
  readonly typeId: string;
  readonly valueType: string;
  readonly value: string;
};

const ALIAS_KINDS: Readonly<Record<string, readonly [typeId: string, valueType: string | null]>> = {
  phone: ['PHONE', null],
  phoneMobile: ['PHONE', 'MOBILE'],
  phoneWork: ['PHONE', 'WORK'],
  phoneMailing: ['PHONE', 'MAILING'],
  email: ['EMAIL', null],
  emailHome: ['EMAIL', 'HOME'],
  emailWork: ['EMAIL', 'WORK'],
  emailMailing: ['EMAIL', 'MAILING'],
  imol: ['IM', 'OPENLINE'],
};

export function multifieldsOf(item: Item | null): readonly Multifield[] {
  return (item?.fm as readonly Multifield[] | undefined) ?? [];
}

/** The first value of that kind; "" without one, null for the messengers that are switched off. */
export function aliasValue(item: Item, name: string): string | null {
  const kind = ALIAS_KINDS[name];
  if (!kind) return null;
  const [typeId, valueType] = kind;
  const hit = multifieldsOf(item).find(
    (one) => one.typeId === typeId && (valueType === null || one.valueType === valueType),
  );
  return hit?.value ?? '';
}

/**
 * Keys `n0`, `n1` (or a list) add, a numeric id changes, a numeric id with an empty value deletes, what is not named
 * stays. Bitrix24 docs: crm.item.update. An id of nobody is ignored.
 */
export function writeMultifields(current: readonly Multifield[], raw: unknown, newId: () => number): Multifield[] {
  const result = [...current];
  const isList = Array.isArray(raw);
  for (const [key, entry] of Object.entries(asMap(raw))) {
    const input = asMap(entry);
    const value = String(input.value ?? '').trim();
    const index = isList ? -1 : result.findIndex((one) => String(one.id) === key);
    const old = result[index];
    if (old) {
      if (value === '') result.splice(index, 1);
      else result[index] = { ...old, ...kind(input, old.typeId, old.valueType), value };
      continue;
    }
    if (value === '' || (!isList && !/^n\d+$/.test(key))) continue;
    result.push({ id: newId(), ...kind(input, 'PHONE', 'WORK'), value });
  }
  return result;
}

function kind(input: Record<string, unknown>, typeId: string, valueType: string) {
  return { typeId: String(input.typeId ?? typeId), valueType: String(input.valueType ?? valueType) };
}
