// Thousands of pairs as a settled first match pass leaves them, without living through it: both products are edited by
// hand to show what we would have written, both sides are read through the connectors, and the links go straight into
// the store.
import type { SourceRecord } from '../../src/model.ts';
import type { Profile } from '../../src/profiles/profile.ts';
import type { Base } from '../../src/state/store.ts';
import { NOTHING } from '../../src/sync/settlement.ts';
import { sightingOf } from '../../src/sync/sighting.ts';
import { syncKey } from '../../src/sync/sync-key.ts';
import { company } from './office.ts';
import type { World } from './world.ts';

const START = Date.parse('2026-11-01T09:00:00Z');
const FIRST_ISSUE = 10_401;
const FIRST_DEAL = 7_001;

/** So many requests and deals that tell the same, in the same order. */
export function pairedCompany(pairs: number) {
  const numbers = Array.from({ length: pairs }, (_, at) => at);
  return company(
    numbers.map((at) => ({ summary: `Lot ${at} of the spring order`, createdAt: START + at * 100 })),
    numbers.map((at) => ({ title: `Lot ${at} of the spring order`, createdAt: START + at * 100 })),
  );
}

/** Links the n-th request with the n-th deal. The world must not have been started. */
export async function linkPairs(world: World, pairs: number, text: string): Promise<Profile> {
  const { jira, bitrix24 } = world.sandbox;
  const { tenant } = await world.clock.until(connectorOf(world, 'jira').identify({ lane: 'bulk' }));
  jira.product.configure({ webhooks: [] });
  bitrix24.product.configure({ webhooks: [] });
  for (let at = 0; at < pairs; at += 1) {
    const [issue, deal] = [String(FIRST_ISSUE + at), String(FIRST_DEAL + at)];
    jira.product.edit({ op: 'update', in: 'BUY', id: issue, fields: { Urgent: 'No', 'Номер сделки': deal } });
    const fields = {
      'Ссылка на задачу': `${jira.url}/browse/BUY-${at + 1}`,
      originId: syncKey('jira', 'issue', issue),
      originatorId: `jira-crm-sync:${tenant}`,
    };
    bitrix24.product.edit({ op: 'update', in: 'deal', id: deal, fields });
  }
  // Beyond the overlap of a sweep, and beyond the index lag.
  await world.clock.advance(3_600_000);
  const { problems } = await world.load(text);
  const profile = [...world.profiles.current().values()][0];
  if (profile === undefined) throw new Error(JSON.stringify(problems));
  const issues = await readAll(world, profile, 'jira');
  const deals = await readAll(world, profile, 'crm');
  for (let at = 0; at < pairs; at += 1) {
    const [issue, deal] = [issues.get(String(FIRST_ISSUE + at)), deals.get(String(FIRST_DEAL + at))];
    if (!issue || !deal) throw new Error(`pair ${at} is incomplete`);
    await settle(world, profile, issue, deal);
  }
  const now = world.clock.now();
  const matchedAt = { jira: now, crm: now };
  await world.store.saveProfileState({ profile: profile.name, version: profile.version, matchedAt });
  const note = { changesAt: now, allAt: now, seen: 2 * pairs, marked: 0, problem: null };
  await world.store.note(`sweep/${profile.name}`, note);
  return profile;
}

function connectorOf(world: World, side: 'jira' | 'crm') {
  const connector = world.connectors.get(side === 'jira' ? 'jira' : 'bitrix24');
  if (connector === undefined) throw new Error(`no connection for ${side}`);
  return connector;
}

async function readAll(world: World, profile: Profile, side: 'jira' | 'crm'): Promise<Map<string, SourceRecord>> {
  const { scope, reads } = profile.sides[side];
  const all = new Map<string, SourceRecord>();
  async function read() {
    for await (const { records } of connectorOf(world, side).changes(scope, null, reads, { lane: 'bulk' })) {
      for (const record of records) all.set(record.ref.id, record);
    }
  }
  await world.clock.until(read());
  return all;
}

async function settle(world: World, profile: Profile, issue: SourceRecord, deal: SourceRecord): Promise<void> {
  const now = world.clock.now();
  const claim = await world.store.claimRecord({ profile: profile.name, side: 'jira', id: issue.ref.id }, now);
  const base: Base = Object.fromEntries(
    profile.fields.map(({ name, ids }) => [
      name,
      { jira: issue.fields[ids.jira] ?? null, crm: deal.fields[ids.crm] ?? null },
    ]),
  );
  const seen = { jira: sightingOf(profile, issue), crm: sightingOf(profile, deal) };
  const settlement = {
    ...NOTHING,
    link: {
      ids: { jira: issue.ref.id, crm: deal.ref.id },
      keys: { jira: issue.key, crm: deal.key },
      state: 'active' as const,
      reason: null,
      base,
      versions: { jira: issue.version, crm: deal.version },
      fingerprints: { jira: seen.jira.fingerprint, crm: seen.crm.fingerprint },
      profileVersion: profile.version,
      origin: 'match' as const,
      settledAt: now,
    },
    seen: [
      { ...seen.jira, side: 'jira' as const },
      { ...seen.crm, side: 'crm' as const },
    ],
  };
  await world.store.settle(claim, settlement, now);
}
