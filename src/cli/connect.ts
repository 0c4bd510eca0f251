// `connect`: brings a connection to life, and repairs what is registered for it in the product.
import type { Config } from '../config.ts';
import type { Connector } from '../connectors/connector.ts';
import { type ConnectLine, connectSteps } from '../daemon/connect-steps.ts';
import { createDaemonEvents, receiversOf } from '../daemon/events.ts';
import { readProfiles } from '../daemon/profile-files.ts';
import { buildConnectors } from '../daemon.ts';
import { SIDES } from '../model.ts';
import type { ProfileDraft } from '../profiles/draft.ts';
import { parseProfile } from '../profiles/parse-profile.ts';
import { openStore } from '../state/open-store.ts';
import type { Store } from '../state/store.ts';
import { createMetrics } from '../triggers/metrics.ts';
import { handlerAddress } from '../triggers/registrations.ts';
import { startWebhookServer } from '../triggers/server.ts';
import { createWebhookHandlers } from '../triggers/webhooks.ts';
import { orStopped } from './ask-engine.ts';
import { engineRuns } from './engine-runs.ts';
import { clean, EXIT, print, printJson, remark, styled, UsageError } from './output.ts';
import { type ConfigFlags, readSetup, type Setup } from './setup.ts';

type Flags = ConfigFlags & { readonly code?: string; readonly wait: number; readonly json?: boolean };

export async function connect(name: string, flags: Flags): Promise<void> {
  const setup = readSetup(flags);
  const { config, ports } = setup;
  if (!Object.hasOwn(config.connections, name)) {
    const known = Object.keys(config.connections).join(', ');
    throw new UsageError(`There is no connection "${name}"`, `Name one of: ${known}.`);
  }
  const releases: (() => Promise<unknown>)[] = [];
  try {
    const store = await openStore(config.state, setup.workDir, ports);
    releases.push(() => store.close());
    const connectors = buildConnectors(config, ports, store);
    releases.push(...[...connectors.values()].map((connector) => () => connector.close()));
    const drafts = await draftsOf(setup);
    const connector = connectors.get(name) as Connector;
    if (connector.events?.takeIn && !(await engineRuns(setup, store))) {
      const close = await listen(setup, store, connectors, drafts);
      if (close !== null) releases.push(close);
    }
    const publicUrl = config.server.webhooks?.publicUrl ?? null;
    const handler = publicUrl === null ? null : handlerAddress(publicUrl, name);
    const steps = connectSteps({
      name,
      connector,
      handler,
      specs: specsOf(drafts, name),
      byHand: byHand(config, name, handler ?? ''),
      code: flags.code ?? null,
      waitMs: flags.wait * 1000,
      store,
      clock: ports.clock,
    });
    process.exitCode = await orStopped(tell(name, steps, flags.json ?? false));
  } finally {
    for (const release of releases.reverse()) await release();
  }
}

async function tell(name: string, steps: AsyncIterable<ConnectLine>, json: boolean): Promise<number> {
  const lines: ConnectLine[] = [];
  for await (const line of steps) {
    lines.push(line);
    // A person has to act on some of them while we wait.
    for (const text of shown(line)) (json ? remark : print)(text);
  }
  const open = lines.some(({ kind }) => kind === 'problem');
  if (json) printJson({ connection: name, connected: !open, steps: lines });
  return open ? EXIT.failed : EXIT.fine;
}

const MARKS = {
  done: styled('green', 'done   '),
  todo: styled('cyan', 'to do  '),
  remark: styled('yellow', 'remark '),
  problem: styled('red', 'problem'),
};

function shown({ kind, what, cure }: ConnectLine): readonly string[] {
  return [`${MARKS[kind]} ${clean(what)}`, ...(cure === undefined ? [] : [`            ${clean(cure)}`])];
}

/** Takes deliveries in as the daemon would; changes among them wait in the state for its start. */
async function listen(
  { config, ports: { clock, log } }: Setup,
  store: Store,
  connectors: ReadonlyMap<string, Connector>,
  drafts: readonly ProfileDraft[],
): Promise<(() => Promise<void>) | null> {
  const address = config.server.webhooks?.listen;
  if (address === undefined) return null;
  const metrics = createMetrics();
  const watching = (connection: string, entity: string) =>
    drafts.flatMap(({ name, sides }) =>
      SIDES.flatMap((side) => {
        const own = sides[side];
        return own.connection === connection && own.spec.entity === entity ? [{ profile: name, side }] : [];
      }),
    );
  const profiles = { watching, specs: (connection: string) => specsOf(drafts, connection) };
  const parts = { config, connectors, store, profiles, clock, log, metrics, onHint: () => {} };
  const { onSignal } = createDaemonEvents({ ...parts, onInstalled: () => {} });
  const handlers = createWebhookHandlers({
    ...parts,
    connections: receiversOf(parts),
    profilesFor: watching,
    onSignal,
  });
  const server = await startWebhookServer({ listen: address, handlers });
  return server.close;
}

/** A file that does not parse is `check`'s business. */
async function draftsOf({ config, configDir }: Setup): Promise<readonly ProfileDraft[]> {
  const sources = await readProfiles(config, configDir);
  return sources.flatMap(({ file, text }) => parseProfile(text, file).draft ?? []);
}

function specsOf(drafts: readonly ProfileDraft[], connection: string) {
  return drafts.flatMap(({ sides }) =>
    SIDES.flatMap((side) => (sides[side].connection === connection ? sides[side].spec : [])),
  );
}

/** What an administrator does in the product where the connection may only listen. */
function byHand({ connections }: Config, name: string, handler: string): readonly string[] {
  const options = connections[name];
  if (options?.type === 'jira') {
    return [`Set webhook-secret of ${name} (openssl rand -hex 32) and run it again: the webhook is then registered.`];
  }
  const known = options?.['application-token'] !== undefined;
  return [
    'In Bitrix24 as an administrator: Developer resources, Other, Outbound webhook.',
    `  Handler address: ${handler}`,
    '  Events: create, update and delete of the entities in your profiles',
    known
      ? '  The application token that it shows has to be the one in application-token.'
      : `  The application token that it shows goes into application-token of ${name}; then restart the daemon.`,
    'With a local application (client-id, client-secret) this command does it all, and lost events come again.',
  ];
}
