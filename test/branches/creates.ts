// Creates whose answer never came, and creates that are refused, step by step against a connector that does as it is told.
import type { Connector } from '../../src/connectors/connector.ts';
import { AuthError, BadResponseError, RejectedError, UnavailableError } from '../../src/errors.ts';
import { type Fields, otherSide, type Side, type SourceRecord } from '../../src/model.ts';
import { seededRandom, silentLog } from '../../src/ports.ts';
import type { Profile } from '../../src/profiles/profile.ts';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import type { Claim, Store } from '../../src/state/store.ts';
import type { SyncContext } from '../../src/sync/context.ts';
import { createPartner, draftOf, holdBack } from '../../src/sync/create-partner.ts';
import { lookBackFor, resolveDoubt } from '../../src/sync/doubt.ts';
import { intentKey, syncKey } from '../../src/sync/sync-key.ts';
import { mustLoad, profileText } from '../support/profile-fixture.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const TENANTS = { jira: 'site', crm: 'portal' } as const;
const CLAIM = { key: 'k', profile: 'procurement', rows: [], link: null } as unknown as Claim;
const WORK = { run: 'r', cause: 'sweep', origin: 'created' } as const;

function recordOf(side: Side, fields: Fields, more: Partial<SourceRecord> = {}): SourceRecord {
  return {
    ref: {
      side,
      connection: side === 'jira' ? 'jira' : 'bitrix24',
      entity: side === 'jira' ? 'issue' : 'deal',
      id: '7',
    },
    key: 'BUY-7',
    url: 'https://x.example/7',
    version: '1',
    createdAt: 1_000,
    updatedAt: 1_000,
    updatedBy: null,
    fields,
    marker: null,
    inScope: true,
    ...more,
  };
}

const ISSUE = recordOf('jira', { summary: 'Pump', status: '10010' });

type Setting = { readonly profile?: Profile; readonly target?: Partial<Connector>; readonly rebuiltAt?: number | null };

async function within(setting: Setting, work: (context: SyncContext, store: Store) => unknown): Promise<void> {
  const store = openSqliteStore(':memory:');
  const connector = { beforeCreate: async () => null, ...setting.target } as Connector;
  const context = {
    profile: setting.profile ?? PLAIN,
    connectors: { jira: connector, crm: connector },
    tenants: TENANTS,
    store,
    clock: createVirtualClock(),
    random: seededRandom(1),
    log: silentLog,
    meters: new Proxy({}, { get: () => () => {} }),
    sending: () => {},
    seeAllSince: async () => false,
    rebuiltAt: setting.rebuiltAt ?? null,
    creating: new Set<string>(),
    quota: null,
    profileNamed: () => undefined,
  } as unknown as SyncContext;
  await work(context, store);
  await store.close();
}

const LINES = ['{ jira: summary, crm: title }', '{ jira: labels, crm: "Метки" }'];
const PLAIN = mustLoad(profileText(LINES, 'create: { crm: true, jira: true }'));
const COMPUTED = mustLoad(
  profileText([...LINES, '{ crm: "Ссылка на задачу", from: jira.url }'], 'create: { crm: true }'),
);

function keyOf(profile: Profile, source: SourceRecord): string {
  const { side, entity, id } = source.ref;
  return intentKey(profile.sides[otherSide(side)].scope, TENANTS[side], syncKey(side, entity, id));
}

async function coverHoldingBack(): Promise<void> {
  const none = mustLoad(profileText(LINES));
  const gated = mustLoad(
    profileText(LINES, 'create: { crm: true }\nsync-when: \'crm.title != null && crm.title == "x"\''),
  );
  const when = mustLoad(profileText(LINES, 'create: { crm: { when: \'jira.summary == "x"\' } }'));
  for (const profile of [PLAIN, none, gated, when]) {
    await within({ profile }, (context) => void holdBack(ISSUE, context));
  }
  const same = recordOf('jira', { summary: 'x' });
  await within({ profile: when }, (context) => void holdBack(same, context));
  await within({}, (context) => void holdBack(recordOf('crm', { title: 'Pump' }), context));
  await within({}, (context) => void draftOf(recordOf('jira', { summary: '\ud800' }), context));
  await within(
    { profile: COMPUTED },
    (context) => void draftOf(recordOf('jira', { summary: 'x', url: 'https://x' }), context),
  );
  await within({ profile: COMPUTED }, (context) => void draftOf(recordOf('jira', { summary: 'x' }), context));
  await within(
    { profile: COMPUTED },
    (context) => void draftOf(recordOf('jira', { summary: 'x', url: null }), context),
  );
  await within({ profile: COMPUTED }, (context) => void draftOf(recordOf('crm', { title: 'x' }), context));
}

/** Each create fails with the next error; a `sent` one after it has left. */
async function coverRefusals(): Promise<void> {
  const refusal = (field: string | null) => new RejectedError('no', 'mend it', 'crm', field);
  const stories: readonly (readonly (readonly [sent: boolean, error: Error])[])[] = [
    [
      [true, refusal('title')],
      [true, refusal(null)],
    ],
    [[false, refusal('not there')]],
    [[true, new BadResponseError('x', 'y', { path: '', excerpt: '' })]],
    [[true, new Error('stopped')]],
    [[true, new UnavailableError('x', 'y', { ambiguous: true })]],
    [[true, new UnavailableError('x', 'y', { ambiguous: false })]],
    [[false, new UnavailableError('x', 'y', { ambiguous: false })]],
    [[true, new AuthError('x', 'y')]],
  ];
  const required: Profile = {
    ...PLAIN,
    fields: PLAIN.fields.map((field) => ({
      ...field,
      schemas: { ...field.schemas, crm: { ...field.schemas.crm, requiredOnCreate: true } },
    })),
  };
  for (const profile of [PLAIN, required]) {
    for (const story of stories) {
      const steps = [...story];
      await tryToCreate(
        profile,
        ISSUE,
        async () => steps.shift() ?? [false, new Error('nothing was left to be tried')],
      );
    }
  }
  // A value that an expression gave is refused: no line of the profile carries it over.
  const linked = recordOf('jira', { summary: 'x', url: 'https://x.example' });
  await tryToCreate(COMPUTED, linked, async (values) => {
    const computed = Object.entries(values).find(([, value]) => value === 'https://x.example');
    return [true, refusal(computed?.[0] ?? null)];
  });
}

async function tryToCreate(
  profile: Profile,
  source: SourceRecord,
  next: (values: Fields) => Promise<readonly [sent: boolean, error: Error]>,
): Promise<void> {
  const create: Connector['create'] = async (_scope, values, _marker, _fields, ask) => {
    const [sent, error] = await next(values);
    if (sent) await ask.onSend?.();
    throw error;
  };
  await within({ profile, target: { create } }, async (context) => {
    await createPartner(source, CLAIM, WORK, context).catch(() => {});
    // What is in doubt is not sent again.
    await createPartner(source, CLAIM, WORK, context).catch(() => {});
  });
}

async function coverDoubts(): Promise<void> {
  const ours = recordOf('crm', {}, { marker: { key: 'issue-7', tenant: 'site' } });
  const others = recordOf('crm', {}, { marker: { key: 'issue-7', tenant: 'elsewhere' } });
  const unmarked = recordOf('crm', {});
  const founds = [[], [ours], [ours, ours], [others], [unmarked]];
  for (const found of founds) {
    for (const [certain, again] of [
      [true, null],
      [false, null],
      [false, 5],
    ] as const) {
      for (const state of ['none', 'planned', 'sent', 'doubtful', 'done'] as const) {
        const lookUp = async () => ({ found, certain, again });
        await within({ target: { lookUp } as Partial<Connector> }, async (context, store) => {
          const key = keyOf(context.profile, ISSUE);
          if (state !== 'none') await store.planIntent({ key, profile: 'procurement', side: 'crm', sourceId: '7' }, 1);
          if (state === 'sent') await store.moveIntent(key, 'sent', 2, { before: 'b', values: {} });
          if (state === 'doubtful') await store.moveIntent(key, 'doubtful', 2);
          const shown = new Proxy(store, {
            get: (target, name: keyof Store) =>
              name === 'intent' && state === 'done'
                ? async () => ({ ...(await target.intent(key)), state: 'done' })
                : target[name],
          });
          await resolveDoubt(ISSUE, CLAIM, { ...context, store: shown });
        });
      }
    }
    for (const inScope of [true, false]) {
      const marked = found.map((record) => ({ ...record, inScope }));
      const findByKey = async () => marked;
      for (const rebuiltAt of [null, 500, -1e9]) {
        await within({ target: { findByKey }, rebuiltAt }, async (context, store) => {
          await lookBackFor(ISSUE, CLAIM, context);
          await store.planIntent(
            { key: keyOf(context.profile, ISSUE), profile: 'procurement', side: 'crm', sourceId: '7' },
            1,
          );
          await lookBackFor(ISSUE, CLAIM, context);
        });
      }
    }
  }
}

/** The record that this one was created for: gone, in the scope, out of it, linked to another one. */
async function coverOrigins(): Promise<void> {
  const made = recordOf('jira', { summary: 'Pump' }, { marker: { key: 'crm-deal-9', tenant: TENANTS.crm } });
  const deal = recordOf('crm', { title: 'Pump' });
  for (const origin of [null, deal, { ...deal, inScope: false }]) {
    const target = { read: async () => origin };
    await within({ target }, async (context) => void (await lookBackFor(made, CLAIM, context)));
  }
  await within({}, async (context, store) => {
    const linkOf = async () => ({}) as never;
    await lookBackFor(made, CLAIM, { ...context, store: { ...store, linkOf } });
  });
}

export async function coverCreates(): Promise<void> {
  await coverHoldingBack();
  await coverRefusals();
  await coverDoubts();
  await coverOrigins();
}
