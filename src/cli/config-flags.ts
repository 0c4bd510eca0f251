// The options that every command with a configuration has.
import { type Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../ports.ts';

export type ConfigFlags = { readonly config: string; readonly logLevel: LogLevel };

export const DEFAULT_CONFIG = 'config/sync.yaml';

export function withConfig(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration', process.env.JIRA_CRM_SYNC_CONFIG ?? DEFAULT_CONFIG)
    .addOption(new Option('--log-level <level>', 'what is logged').choices(LOG_LEVELS).default('warn'));
}
