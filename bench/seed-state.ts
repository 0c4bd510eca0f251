// A state in which every pair is linked and settled, without living through the first match pass: both sides are read
// through the connectors, and the links go straight into the store.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setupOf } from '../src/cli/setup.ts';
import { createLiveProfiles } from '../src/daemon/live-profiles.ts';
import { buildConnectors } from '../src/daemon.ts';
import type { SourceRecord } from '../src/model.ts';
import { systemClock } from '../src/ports.ts';
import type { Profile } from '../src/profiles/profile.ts';
import { openStore } from '../src/state/open-store.ts';
import type { Store } from '../src/state/store.ts';
import { NOTHING } from '../src/sync/settlement.ts';
import { sightingOf } from '../src/sync/sighting.ts';
import type { Folder } from './daemon-process.ts';

/** Memory, where there is such a folder: a hundred thousand commits would each wait for the disk. */
const QUICK = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export async function seedState(folder: Folder, pairs: number): Promise<void> {
  // The requests of the seeding are nobody's pace.
  const text = folder.config.replace(/limits: vendor/g, 'limits: off');
  const setup = setupOf(text, 'bench', folder.path, folder.env, 'error', process.stderr);
  const { config, ports } = setup;
  const connectors = buildConnectors(config, ports, null);
  const profiles = createLiveProfiles({ connectors, people: config.users, log: ports.log });
  const { problems, unreachable } = await profiles.load([{ file: 'profiles/procurement.yaml', text: folder.profile }]);
  const [profile] = profiles.current().values();
  if (profile === undefined) throw unreachable ?? new Error(JSON.stringify(problems));

  const quick = mkdtempSync(join(QUICK, 'jira-crm-sync-seed-'));
  const store = await openStore(`sqlite:${join(quick, 'state.db')}`, quick, { clock: systemClock });
  try {
    const now = ports.clock.now();
    const [issues, deals] = [records(connectors, profile, 'jira'), records(connectors, profile, 'crm')];
    for (let at = 0; at < pairs; at += 1) {
      const [issue, deal] = [(await issues.next()).value, (await deals.next()).value];
      if (!issue || !deal) throw new Error(`pair ${at} is incomplete`);
      await settle(store, profile, { jira: issue, crm: deal }, now);
    }
    await issues.return(undefined);
    await deals.return(undefined);
    await store.saveProfileState({
      profile: profile.name,
      version: profile.version,
      matchedAt: { jira: now, crm: now },
    });
    const note = { changesAt: now, allAt: now, seen: 2 * pairs, marked: 0, problem: null };
    await store.note(`sweep/${profile.name}`, note);
  } finally {
    await store.close();
    for (const connector of connectors.values()) await connector.close();
  }
  copyFileSync(join(quick, 'state.db'), folder.state);
  rmSync(quick, { recursive: true, force: true });
}

async function* records(
  connectors: ReturnType<typeof buildConnectors>,
  profile: Profile,
  side: 'jira' | 'crm',
): AsyncGenerator<SourceRecord, void> {
  const { scope, reads } = profile.sides[side];
  const connector = connectors.get(scope.connection);
  if (connector === undefined) throw new Error(`no connection ${scope.connection}`);
  for await (const page of connector.changes(scope, null, reads, { lane: 'bulk' })) yield* page.records;
}

async function settle(
  store: Store,
  profile: Profile,
  pair: { readonly jira: SourceRecord; readonly crm: SourceRecord },
  now: number,
): Promise<void> {
  const { jira, crm } = pair;
  const seen = { jira: sightingOf(profile, jira), crm: sightingOf(profile, crm) };
  const base = profile.fields.map(({ name, ids }) => [
    name,
    { jira: jira.fields[ids.jira] ?? null, crm: crm.fields[ids.crm] ?? null },
  ]);
  const claim = await store.claimRecord({ profile: profile.name, side: 'jira', id: jira.ref.id }, now);
  await store.settle(
    claim,
    {
      ...NOTHING,
      link: {
        ids: { jira: jira.ref.id, crm: crm.ref.id },
        keys: { jira: jira.key, crm: crm.key },
        state: 'active',
        reason: null,
        base: Object.fromEntries(base),
        versions: { jira: jira.version, crm: crm.version },
        fingerprints: { jira: seen.jira.fingerprint, crm: seen.crm.fingerprint },
        profileVersion: profile.version,
        origin: 'match',
        settledAt: now,
      },
      seen: [
        { ...seen.jira, side: 'jira' },
        { ...seen.crm, side: 'crm' },
      ],
    },
    now,
  );
}
