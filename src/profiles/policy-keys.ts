// Values that the profile and its lines share.
import { type JsonSchema, oneOf } from './key-table.ts';

export const SIDE = oneOf('jira', 'crm');
export const EXPRESSION: JsonSchema = { type: 'string', description: 'A CEL expression' };
export const CONFLICT = oneOf('hold', 'jira', 'crm', 'newest', 'merge');
export const INITIAL = oneOf('fill-empty', 'jira', 'crm');
