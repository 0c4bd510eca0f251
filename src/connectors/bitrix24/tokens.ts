// The tokens of an installed application. A refresh token works once and each renewal brings the next, so there is one
// renewal at a time, and what it brings is on the disk before it is used.
import { z } from 'zod';
import { AuthError, BadResponseError, UnavailableError } from '../../errors.ts';
import type { Clock, Log, Vault } from '../../ports.ts';
import type { Tally } from '../tally.ts';
import type { AuthServer, Grant } from './oauth.ts';

const keptSchema = z.object({
  /** Null after the application was uninstalled. */
  tokens: z.object({ access: z.string(), refresh: z.string() }).nullable(),
  /** Another refresh token of the same user, for the day when the answer to a renewal is lost. */
  spare: z.string().nullable(),
  server: z.string(),
  memberId: z.string().nullable(),
  userId: z.string().nullable(),
  /** What proves events; null until one that proves itself otherwise has told it. */
  applicationToken: z.string().nullable(),
});
export type Kept = z.infer<typeof keptSchema>;

export type Tokens = {
  /** What is kept; read again where another process may know more. */
  kept(): Promise<Kept | null>;
  reload(): Promise<Kept | null>;
  /** The token for the next call. AuthError while the application is not installed. */
  access(): Promise<string>;
  /** Resolves when another token than `stale` is there. */
  renew(stale: string): Promise<void>;
  /** New tokens for a refresh token, asked for once more where the answer is lost. */
  spend(server: string, refresh: string): Promise<Grant>;
  /** Takes tokens in place of those there are. */
  adopt(grant: Grant, applicationToken: string | null): Promise<void>;
  keepSpare(refresh: string): Promise<void>;
  forget(): Promise<void>;
  /** By value, for redaction. */
  secrets(): readonly string[];
};

/** Another process that renews at the same moment has saved within this time. */
const OTHER_PROCESS_TRIES = 4;
const OTHER_PROCESS_MS = 500;
/** A refused refresh token stays refused: it is not asked about with every call that waits. */
const REFUSED_MS = 60_000;

export function createTokens(options: {
  readonly connection: string;
  readonly server: AuthServer;
  readonly vault: Vault | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly tally: Tally;
}): Tokens {
  const { connection, server, clock, log, tally } = options;
  let known: Kept | null = null;
  /** Granted but not on the disk yet: the old refresh token is spent, so this one must not be lost. */
  let unsaved: Kept | null = null;
  let renewing: Promise<void> | null = null;
  let refused: { readonly token: string; readonly until: number; readonly error: AuthError } | null = null;

  function vault(): Vault {
    if (options.vault !== undefined) return options.vault;
    throw new AuthError(
      `The connection ${connection} has nowhere to keep its tokens`,
      'Start the daemon once, so that there is a state, and set `secrets-key`.',
    );
  }

  async function reload(): Promise<Kept | null> {
    const text = await vault().load(connection);
    known = text === null ? null : keptSchema.parse(JSON.parse(text));
    return known;
  }

  async function save(kept: Kept): Promise<void> {
    unsaved = kept;
    await vault().save(connection, JSON.stringify(kept));
    unsaved = null;
    known = kept;
  }

  async function kept(): Promise<Kept | null> {
    return known?.tokens ? known : reload();
  }

  async function access(): Promise<string> {
    const tokens = (await kept())?.tokens;
    if (tokens) return tokens.access;
    throw new AuthError(
      `The Bitrix24 application of the connection ${connection} is not installed`,
      `Run jira-crm-sync connect ${connection}: it says what to enter in Bitrix24.`,
    );
  }

  async function renewNow(stale: string): Promise<void> {
    if (unsaved !== null) await save(unsaved);
    const before = await reload();
    const tokens = before?.tokens;
    if (!before || !tokens) return void (await access());
    if (tokens.access !== stale) return;
    if (refused !== null && refused.token === tokens.refresh && clock.now() < refused.until) throw refused.error;
    try {
      await save(merged(before, await spend(before.server, tokens.refresh), before.spare));
      tally.refresh('renewed');
    } catch (error) {
      tally.refresh(error instanceof AuthError ? 'refused' : 'unanswered');
      if (!(error instanceof AuthError)) throw error;
      if (await isRenewedElsewhere(tokens.refresh)) return;
      if (await renewWithSpare()) return;
      refused = { token: tokens.refresh, until: clock.now() + REFUSED_MS, error };
      throw error;
    }
  }

  async function renewWithSpare(): Promise<boolean> {
    const spare = known?.spare;
    if (!known || !spare) return false;
    const before = known;
    try {
      const grant = await spend(before.server, spare);
      if (grant.userId !== null && before.userId !== null && grant.userId !== before.userId) return false;
      await save(merged(before, grant, null));
    } catch (error) {
      if (error instanceof AuthError) return false;
      throw error;
    }
    tally.refresh('by-spare');
    log.warn('tokens were renewed with the spare one', { connection });
    return true;
  }

  /** A lost answer may have spent the token, or not: some servers take the old one for a while. */
  async function spend(at: string, token: string): Promise<Grant> {
    try {
      return await server.refresh(at, token);
    } catch (error) {
      if (!isDoubtful(error)) throw error;
      log.warn('the answer to a renewal of tokens was lost', { connection });
    }
    try {
      return await server.refresh(at, token);
    } catch (error) {
      // The call that needed the token was refused before it ran, whatever became of the renewal.
      if (!isDoubtful(error)) throw error;
      throw new UnavailableError(error.message, error.cure, { ambiguous: false, cause: error });
    }
  }

  async function isRenewedElsewhere(token: string): Promise<boolean> {
    for (let tried = 0; tried < OTHER_PROCESS_TRIES; tried += 1) {
      if ((await reload())?.tokens?.refresh !== token) return known?.tokens != null;
      await clock.sleep(OTHER_PROCESS_MS);
    }
    return false;
  }

  return {
    kept,
    reload,
    access,
    async renew(stale) {
      if (known?.tokens && known.tokens.access !== stale) return;
      const alone = () => renewNow(stale);
      renewing ??= (options.vault?.exclusively?.(connection, alone) ?? alone()).finally(() => {
        renewing = null;
      });
      await renewing;
    },
    spend,
    async adopt(grant, applicationToken) {
      const before = await reload().catch(() => null);
      const { applicationToken: last = null } = before ?? {};
      await save({ ...merged(NOTHING, grant, null), applicationToken: applicationToken ?? last });
      refused = null;
    },
    async keepSpare(spare) {
      const before = await reload();
      if (before?.tokens) await save({ ...before, spare });
    },
    async forget() {
      const before = await reload();
      if (before !== null) await save({ ...before, tokens: null, spare: null });
    },
    secrets() {
      return [known, unsaved].flatMap((one) =>
        [one?.tokens?.access, one?.tokens?.refresh, one?.spare, one?.applicationToken].flatMap(
          (secret) => secret ?? [],
        ),
      );
    },
  };
}

const NOTHING: Omit<Kept, 'tokens' | 'spare' | 'server'> = { memberId: null, userId: null, applicationToken: null };

function merged(before: typeof NOTHING, grant: Grant, spare: string | null): Kept {
  return {
    tokens: { access: grant.access, refresh: grant.refresh },
    spare,
    server: grant.server,
    memberId: grant.memberId ?? before.memberId,
    userId: grant.userId ?? before.userId,
    applicationToken: before.applicationToken,
  };
}

function isDoubtful(error: unknown): error is UnavailableError | BadResponseError {
  return error instanceof BadResponseError || (error instanceof UnavailableError && error.ambiguous);
}
