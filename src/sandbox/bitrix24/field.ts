// What the portal knows of one field of an entity.
import type { Option } from './user-fields.ts';

export type Field = {
  /** How items keep it: REST name of a standard field, upper-case name of a user field. */
  readonly key: string;
  readonly name: string;
  readonly upperName: string;
  readonly type: string;
  /** ENTITY_ID of crm.status for a crm_status. */
  readonly dictionary: string | null;
  readonly title: string;
  readonly required: boolean;
  readonly readOnly: boolean;
  readonly immutable: boolean;
  readonly multiple: boolean;
  /** A user field. */
  readonly dynamic: boolean;
  readonly options: readonly Option[];
};

export type Schema = {
  readonly fields: readonly Field[];
  readonly byKey: ReadonlyMap<string, Field>;
  readonly byName: ReadonlyMap<string, Field>;
};
