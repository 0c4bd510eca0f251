// `schema`: JSON Schema of profiles and configuration, for editors.
import type { Command } from 'commander';
import { configJsonSchema } from '../config.ts';
import { connectorTypes } from '../connectors/registry.ts';
import { profileJsonSchema } from '../profiles/json-schema.ts';
import { printJson } from './output.ts';

export function printSchema(what: string | undefined, _flags: unknown, command: Command): void {
  if (what === undefined || what === 'profile') printJson(profileJsonSchema());
  else if (what === 'config') printJson(configJsonSchema(connectorTypes));
  else command.error(`error: "${what}" has no schema; say profile or config`, { exitCode: 64 });
}
