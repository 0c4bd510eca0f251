// What it takes to bring one connection to life, step by step: a credential that works, registrations in the product, a
// test event there and back. Every step is safe to repeat.
import type { Connector } from '../connectors/connector.ts';
import { AuthError } from '../errors.ts';
import type { ScopeSpec } from '../model.ts';
import type { Clock } from '../ports.ts';
import type { Store } from '../state/store.ts';
import { connectNote, type SignalNote, signalNote } from './events.ts';

/** `todo`: something for the person at the screen, while we wait. */
export type ConnectLine = {
  readonly kind: 'done' | 'todo' | 'remark' | 'problem';
  readonly what: string;
  readonly cure?: string;
};

export type ConnectOptions = {
  readonly name: string;
  readonly connector: Connector;
  /** Where deliveries have to arrive; null: no public address is configured. */
  readonly handler: string | null;
  readonly specs: readonly ScopeSpec[];
  /** How a person registers by hand what this connection cannot register itself. */
  readonly byHand: readonly string[];
  /** From the browser's address bar, instead of waiting for the installation. */
  readonly code: string | null;
  readonly waitMs: number;
  readonly store: Pick<Store, 'note' | 'notes'>;
  readonly clock: Clock;
};

const LOOK_EVERY_MS = 250;
const TEST_WAIT_MS = 60_000;
const LIVE = { lane: 'live' } as const;

/** Ends early after a problem that leaves the next steps without sense. */
export async function* connectSteps(options: ConnectOptions): AsyncGenerator<ConnectLine> {
  const { name, connector, handler, store, clock } = options;
  const { events } = connector;
  if (handler === null) {
    yield {
      kind: 'problem',
      what: 'The configuration does not say under which address the product reaches us.',
      cure: 'Set server.webhooks: { listen: 0.0.0.0:8080, public-url: https://sync.acme.example }.',
    };
    return;
  }
  if (events?.installation && !(yield* install(options, handler))) return;

  const account = await connector.identify(LIVE);
  yield { kind: 'done', what: `${name} works as ${account.name} (${account.id}).` };
  for (const { message, cure } of account.missing) yield { kind: 'problem', what: message, cure };
  if (!events) {
    for (const what of options.byHand) yield { kind: 'todo', what };
    return;
  }

  const { specs } = options;
  const { steps, missing, remarks } = await events.subscribe({ ...LIVE, handler, specs, takeOver: true });
  for (const { done, what } of steps) yield { kind: 'done', what: `${done}: ${what}` };
  for (const what of remarks) yield { kind: 'remark', what };
  for (const { message, cure } of missing) yield { kind: 'problem', what: message, cure };
  if (missing.length > 0) return;
  // From here on the daemon keeps it as it stands now.
  await store.note(connectNote(name), { at: clock.now() });
  if (!events.test) return;

  const asked = clock.now();
  await events.test(LIVE);
  if (await heard(options, ['test'], asked, TEST_WAIT_MS)) {
    yield { kind: 'done', what: `A test event came back by ${handler}.` };
    return;
  }
  yield {
    kind: 'problem',
    what: `No test event arrived at ${handler} within ${TEST_WAIT_MS / 1000} s.`,
    cure: 'Check that the product reaches this address by https with a public certificate, and run it again.',
  };
}

/** Answers whether there are tokens in the end. */
async function* install(options: ConnectOptions, handler: string): AsyncGenerator<ConnectLine, boolean> {
  const { name, connector, code, waitMs, clock } = options;
  const installation = connector.events?.installation;
  if (!installation) return true;
  if (code !== null) {
    await installation.exchange(code);
    yield { kind: 'done', what: 'The code was exchanged for tokens.' };
    return true;
  }
  if ((await installation.installed()) && (await works(connector))) return true;

  const asked = clock.now();
  yield {
    kind: 'todo',
    what: 'In Bitrix24 as an administrator: Developer resources, Other, Local application. Enter:',
  };
  for (const { label, value } of installation.card(handler)) yield { kind: 'todo', what: `  ${label}: ${value}` };
  yield {
    kind: 'todo',
    what: `Save it; its code and key are client-id and client-secret of ${name}. If it is there already, save it once more.`,
  };
  yield { kind: 'todo', what: `Waiting for Bitrix24 for up to ${Math.round(waitMs / 1000)} s …` };
  if (await heard(options, ['installed'], asked, waitMs)) {
    yield { kind: 'done', what: 'The application is installed, its tokens are stored.' };
    return true;
  }
  yield {
    kind: 'problem',
    what: `No installation arrived at ${handler}.`,
    cure:
      `Check that Bitrix24 reaches this address. Or open ${installation.codeAddress} in a browser and run ` +
      `connect ${name} --code <code> with the code from the address bar within 30 s.`,
  };
  return false;
}

/** Tokens that nobody renews any more are as good as none; an outage is not the tokens' fault. */
async function works(connector: Connector): Promise<boolean> {
  try {
    await connector.identify(LIVE);
    return true;
  } catch (error) {
    if (error instanceof AuthError) return false;
    throw error;
  }
}

/** Whoever listens, the daemon or this process, notes what arrives. */
async function heard(
  { name, store, clock }: ConnectOptions,
  signals: readonly string[],
  since: number,
  waitMs: number,
): Promise<boolean> {
  while (clock.now() - since < waitMs) {
    const note = (await store.notes())[signalNote(name)] as SignalNote | null | undefined;
    if (note && note.at >= since && signals.includes(note.signal)) return true;
    await clock.sleep(LOOK_EVERY_MS);
  }
  return false;
}
