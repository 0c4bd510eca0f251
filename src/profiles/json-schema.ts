import { fileSchema, type JsonSchema } from './key-table.ts';
import { PROFILE, PROFILE_SECTIONS } from './profile-keys.ts';

/** For editors: completion, descriptions and the mistakes that need no live schema. */
export function profileJsonSchema(): JsonSchema {
  return fileSchema('jira-crm-sync profile', PROFILE, PROFILE_SECTIONS.slice(1));
}
