// The CRM entities of this version. Names of profiles on the left, Bitrix24's numbers and codes on the right.

export type Entity = {
  readonly name: string;
  readonly entityTypeId: number;
  /** Middle part of event codes: `ONCRMDEALUPDATE`. */
  readonly eventCode: string;
  /** ENTITY_ID of its stages in the status dictionary. Only deals have one list per pipeline. */
  readonly stages: 'STATUS' | 'DEAL_STAGE' | null;
};

export const ENTITIES: readonly Entity[] = [
  { name: 'lead', entityTypeId: 1, eventCode: 'LEAD', stages: 'STATUS' },
  { name: 'deal', entityTypeId: 2, eventCode: 'DEAL', stages: 'DEAL_STAGE' },
  { name: 'contact', entityTypeId: 3, eventCode: 'CONTACT', stages: null },
  { name: 'company', entityTypeId: 4, eventCode: 'COMPANY', stages: null },
];

export function entityNamed(name: string): Entity | null {
  return ENTITIES.find((entity) => entity.name === name) ?? null;
}

/** Pipeline 0 keeps the bare name; the others carry their number (Bitrix24 docs: crm.status). */
export function stageDictionary(entity: Entity, categoryId: string): string | null {
  if (entity.stages !== 'DEAL_STAGE' || categoryId === '0') return entity.stages;
  return `DEAL_STAGE_${categoryId}`;
}
