import { z } from 'zod';
import { AuthError, BadResponseError } from '../../errors.ts';
import type { Person } from '../../model.ts';
import type { Account, Ask } from '../connector.ts';
import { plainOf } from '../plain.ts';
import type { Access } from './access.ts';
import { type Command, type CommandOutcome, keyAt, MAX_COMMANDS } from './batch.ts';
import type { Client } from './client.ts';

const profileSchema = z.object({
  ID: z.coerce.string(),
  NAME: z.string().nullish(),
  LAST_NAME: z.string().nullish(),
  TIME_ZONE: z.string().nullish(),
});
const userSchema = z.object({
  ID: z.coerce.string(),
  ACTIVE: z.preprocess((raw) => raw !== false && raw !== 'N', z.boolean()),
  NAME: z.string().nullish(),
  LAST_NAME: z.string().nullish(),
  // The scope `user_brief` leaves it out.
  EMAIL: z.string().nullish(),
});
const PAGE_SIZE = 50;

export async function identifyAccount(client: Client, memberId: string | null, ask: Ask): Promise<Account> {
  const methods = ['profile', 'server.time', 'scope'];
  const how = { lane: ask.lane, writes: false, signal: ask.signal };
  const { outcomes, time } = await client.batch(
    methods.map((method) => ({ method, params: {} })),
    how,
  );
  const [profile, serverTime, scopes] = methods.map((method, at) => resultOf(client, outcomes[at], method));
  const parsed = profileSchema.safeParse(profile);
  if (!parsed.success) {
    // An inactive user's profile is an empty list.
    throw new AuthError(`The user of the Bitrix24 ${client.access.called} is not active`, client.access.cure);
  }
  const { ID, NAME, LAST_NAME, TIME_ZONE } = parsed.data;
  const told = typeof serverTime === 'string' ? Date.parse(serverTime) : Number.NaN;
  return {
    id: ID,
    name: fullName(NAME, LAST_NAME, ID),
    tenant: memberId ?? new URL(client.origin()).host,
    serverTime: Number.isNaN(told) ? serverStart(time.start) : told,
    zone: TIME_ZONE || null,
    missing: missingScopes(scopes, client.access),
    scopes: scopesOf(scopes, client.access),
  };
}

/** All that any call of this connector asks for; the two brief ones do where `user` is not given. */
const USED = new Set(['crm', 'user', 'user_basic', 'user_brief', 'userfieldconfig']);

function scopesOf(raw: unknown, { called }: Access): NonNullable<Account['scopes']> {
  const granted = (Array.isArray(raw) ? raw.map(plainOf) : []).filter((scope) => scope !== '').sort();
  const unused = granted.filter((scope) => !USED.has(scope));
  return { granted, unused, cure: `Edit the ${called} in Bitrix24 and take them away: ${unused.join(', ')}.` };
}

function serverStart(start: number | null): number {
  if (start !== null) return start;
  throw new BadResponseError('server.time cannot be read', 'Report it with the Bitrix24 version.', {
    path: 'result',
    excerpt: '',
  });
}

function missingScopes(raw: unknown, { called, scopeCure: cure }: Access): Account['missing'] {
  const granted = new Set(Array.isArray(raw) ? raw.map(String) : []);
  const missing: { message: string; cure: string }[] = [];
  if (!granted.has('crm')) missing.push({ message: `The ${called} lacks the scope crm: no record can be read.`, cure });
  if (!granted.has('user') && !granted.has('user_basic')) {
    const message = `The ${called} lacks the scope user (or user_basic): people cannot be matched by e-mail.`;
    missing.push({ message, cure });
  }
  return missing;
}

/** Dismissed people too: records still name them. Bots, integrators and the system user are never listed. */
export async function listPeople(client: Client, ask: Ask): Promise<readonly Person[]> {
  const how = { lane: ask.lane, writes: false, signal: ask.signal };
  const people = new Map<string, Person>();
  let commands: readonly Command[] = [userPage(0, 0)];
  for (;;) {
    client.refuseHeld('user.get', ask.lane);
    const [only] = commands;
    const outcomes =
      commands.length === 1 && only ? [await client.call(only, how)] : (await client.batch(commands, how)).outcomes;
    let last = lastId(people);
    for (const [index, outcome] of outcomes.entries()) {
      if (index > 0 && outcome.kind !== 'done') break;
      const page = usersIn(resultOf(client, outcome, 'user.get'));
      // An unresolved reference starts over at the first user.
      if (index > 0 && page.some(({ id }) => Number(id) <= last)) break;
      for (const person of page) people.set(person.id, person);
      last = lastId(people);
      if (page.length < PAGE_SIZE) return [...people.values()];
    }
    commands = Array.from({ length: MAX_COMMANDS }, (_, index) =>
      userPage(index === 0 ? last : `$result[${keyAt(index - 1)}][${PAGE_SIZE - 1}][ID]`, -1),
    );
  }
}

function userPage(after: number | string, start: number): Command {
  return { method: 'user.get', params: { sort: 'ID', order: 'ASC', FILTER: { '>ID': after }, start } };
}

function lastId(people: ReadonlyMap<string, Person>): number {
  let last = 0;
  for (const id of people.keys()) last = Math.max(last, Number(id));
  return last;
}

function usersIn(result: unknown): readonly Person[] {
  const parsed = z.array(userSchema).safeParse(result);
  if (!parsed.success) {
    throw new BadResponseError('user.get answered no list of users', 'Report it with the Bitrix24 version.', {
      path: 'result',
      excerpt: '',
    });
  }
  return parsed.data.map(({ ID, ACTIVE, NAME, LAST_NAME, EMAIL }) => ({
    id: ID,
    email: EMAIL ? EMAIL : null,
    name: fullName(NAME, LAST_NAME, EMAIL || ID),
    active: ACTIVE,
  }));
}

function fullName(first: string | null | undefined, last: string | null | undefined, otherwise: string): string {
  return [first, last].filter((part) => part).join(' ') || otherwise;
}

function resultOf(client: Client, outcome: CommandOutcome | undefined, method: string): unknown {
  if (outcome?.kind === 'done') return outcome.answer.result;
  const cut = { code: 'INTERNAL_SERVER_ERROR', description: 'the command was not run', status: null };
  throw client.error(outcome?.kind === 'failed' ? outcome.failure : cut, method, false);
}
