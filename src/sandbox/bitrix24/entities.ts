// The four CRM objects that the portal keeps. `entityTypeId` is how REST names them.

export type EntityName = 'lead' | 'deal' | 'contact' | 'company';

export type Entity = {
  readonly name: EntityName;
  readonly typeId: number;
  /** Middle of the event codes: ONCRM{event}UPDATE. */
  readonly event: string;
  /** What a nameless new item is called. */
  readonly title: string;
  /** Owner of its user fields. */
  readonly userFieldEntity: string;
};

export const ENTITIES: readonly Entity[] = [
  { name: 'lead', typeId: 1, event: 'LEAD', title: 'Лид', userFieldEntity: 'CRM_LEAD' },
  { name: 'deal', typeId: 2, event: 'DEAL', title: 'Сделка', userFieldEntity: 'CRM_DEAL' },
  { name: 'contact', typeId: 3, event: 'CONTACT', title: 'Контакт', userFieldEntity: 'CRM_CONTACT' },
  { name: 'company', typeId: 4, event: 'COMPANY', title: 'Компания', userFieldEntity: 'CRM_COMPANY' },
];

export function entityNamed(name: string): Entity | undefined {
  return ENTITIES.find((entity) => entity.name === name.toLowerCase());
}
