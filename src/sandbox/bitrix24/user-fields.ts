// User fields of the portal and the rule that names them in REST.
import type { Variant } from './variants.ts';

export type Option = { readonly id: number; readonly value: string; readonly xmlId: string };

export type UserField = {
  readonly id: number;
  /** `CRM_DEAL` */
  readonly owner: string;
  /** `UF_CRM_1747309871` */
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly multiple: boolean;
  readonly options: readonly Option[];
};

/**
 * Bitrix24 docs: crm/universal. `UF_CRM_[object number_]rest`: rest of only digits or only letters is turned into camel
 * case; a mix, or a bare number without an object number, keeps its tail behind `ufCrm[number]_`.
 */
export function restName(upper: string, lettersWithoutNumber: Variant): string {
  const rest = upper.replace(/^UF_CRM_/, '');
  const numbered = /^(\d+)_(.+)$/.exec(rest);
  const number = numbered?.[1] ?? '';
  const tail = numbered?.[2] ?? rest;
  if (/^\d+$/.test(tail)) return `ufCrm${number}_${tail}`;
  if (/\d/.test(tail)) return `ufCrm_${rest}`;
  if (number === '' && lettersWithoutNumber === 'B') return `ufCrm_${tail}`;
  const words = tail.toLowerCase().split('_');
  return `ufCrm${number}${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
}

function options(first: number, values: readonly string[]): Option[] {
  return values.map((value, index) => {
    const id = first + index;
    return { id, value, xmlId: `nordhafen-${id}` };
  });
}

export function sampleUserFields(distributors: readonly string[]): UserField[] {
  const field = (
    id: number,
    number: number,
    type: string,
    label: string,
    more: Partial<Pick<UserField, 'owner' | 'multiple' | 'options'>> = {},
  ): UserField => ({
    id,
    owner: 'CRM_DEAL',
    name: `UF_CRM_${number}`,
    type,
    label,
    multiple: false,
    options: [],
    ...more,
  });
  const countries = options(201, ['Германия', 'Россия', 'Казахстан']);
  return [
    field(815, 1747309871, 'enumeration', 'Дистрибьютор по сделке', { options: options(81, distributors) }),
    field(816, 1747309872, 'string', 'Метки', { multiple: true }),
    field(817, 1747309873, 'url', 'Ссылка на задачу'),
    field(818, 1747309874, 'date', 'Плановая дата оплаты'),
    field(819, 1747309875, 'boolean', 'Срочно'),
    field(820, 1747309876, 'datetime', 'Согласовано'),
    field(821, 1747309877, 'enumeration', 'Страны', { multiple: true, options: countries }),
    field(822, 1747309878, 'string', 'Примечание'),
    field(823, 1747309879, 'employee', 'Закупщик'),
    field(824, 1747309880, 'money', 'Бюджет'),
    field(831, 1747309901, 'enumeration', 'Сегмент', {
      owner: 'CRM_COMPANY',
      options: options(301, ['Завод', 'Монтаж']),
    }),
    field(832, 1747309911, 'string', 'Ключ задачи', { owner: 'CRM_LEAD' }),
  ];
}
