// What most commands need first: the configuration with its secrets resolved, a log that redacts them, and the state.
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { readSecretFile } from '../config/secret-file.ts';
import { type Config, loadConfig } from '../config.ts';
import { connectorTypes } from '../connectors/registry.ts';
import { readFailure } from '../daemon/profile-files.ts';
import type { Ports } from '../daemon.ts';
import { ConfigError, SyncError } from '../errors.ts';
import { createLog } from '../log.ts';
import { type LogLevel, systemClock, systemRandom } from '../ports.ts';
import { isShared, openStore, shownState, stateIsThere } from '../state/open-store.ts';
import type { Store } from '../state/store.ts';
import type { ConfigFlags } from './config-flags.ts';
import { inSources } from './source-places.ts';

export type { ConfigFlags } from './config-flags.ts';

export type Setup = {
  readonly config: Config;
  readonly configDir: string;
  readonly workDir: string;
  readonly ports: Ports;
  /** What is allowed and not wise. */
  readonly remarks: readonly Remark[];
};

export type Remark = { readonly what: string; readonly cure: string };

/** Throws ConfigError with every problem of the file. */
export function readSetup(
  flags: ConfigFlags,
  log: { readonly stream: { write(line: string): unknown } } = { stream: process.stderr },
): Setup {
  const file = resolve(flags.config);
  const shown = relative(process.cwd(), file);
  return setupOf(readConfig(file, shown), shown, dirname(file), process.env, flags.logLevel, log.stream);
}

function readConfig(file: string, shown: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const message = `The configuration cannot be read: ${readFailure(error)}.`;
    const cure = 'Copy config/sync.example.yaml to config/sync.yaml and fill it in, or name another one with --config.';
    throw new ConfigError([{ file: shown, line: 1, column: 1, message, cure }]);
  }
}

export function setupOf(
  text: string,
  file: string,
  configDir: string,
  env: Readonly<Record<string, string | undefined>>,
  level: LogLevel,
  stream: { write(line: string): unknown },
): Setup {
  const remarks: Remark[] = [];
  const readSecret = (path: string) => {
    const { text: secret, readableByAll } = readSecretFile(resolve(configDir, path), process.platform !== 'win32');
    if (readableByAll) remarks.push(readableByEverybody(path));
    return secret;
  };
  const { config, problems } = loadConfig(text, file, env, readSecret, connectorTypes);
  if (config === null) throw new ConfigError(problems);
  // Only the stack of a bug names places in code.
  const placed = { write: (line: string) => stream.write(line.includes('"stack"') ? inSources(line) : line) };
  const log = createLog({ level, secrets: config.secrets, stream: placed });
  const ports = { clock: systemClock, random: systemRandom, log };
  return { config, configDir, workDir: process.cwd(), ports, remarks };
}

function readableByEverybody(path: string): Remark {
  return { what: `The secret file ${path} can be read by everybody on this machine.`, cure: `chmod o-r ${path}` };
}

/** Where tokens are kept, if this configuration needs any and there is a state. */
export async function openSecrets({ config, workDir, ports }: Setup): Promise<Store | null> {
  const { secretsKey, state } = config;
  return secretsKey === null || !(await stateIsThere(state, workDir)) ? null : openStore(state, workDir, ports);
}

/** The state for reading beside a running daemon; SyncError when there is none yet. */
export async function openState({ config, workDir, ports }: Setup): Promise<Store> {
  if (!(await stateIsThere(config.state, workDir))) {
    const shown = shownState(config.state, workDir);
    throw new SyncError(
      `There is no state ${isShared(config.state) ? shown : relative(process.cwd(), shown)} yet`,
      'Start the daemon first: jira-crm-sync run',
    );
  }
  return openStore(config.state, workDir, ports);
}
