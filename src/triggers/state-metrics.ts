// Gauges of what is stored: pairs, what waits and since when, conflicts, parked rows, and what holds a profile.
import type { Figures } from './registry.ts';
import type { ProfileFigures, Snapshot } from './snapshot.ts';

export function createStateMetrics({ gauge }: Figures): (snapshot: Snapshot) => void {
  const links = gauge('links', 'Stored pairs by state.', ['profile', 'state']);
  const unsettled = gauge('links_unsettled', 'Active pairs of which a field is not settled, or cannot be read.', [
    'profile',
  ]);
  const dirty = gauge('dirty_rows', 'Records that wait to be looked at, by lane.', ['profile', 'lane']);
  const oldest = gauge('oldest_dirty_seconds', 'Age of the oldest waiting record in seconds; 0 when none waits.', [
    'profile',
    'lane',
  ]);
  const retrying = gauge('retrying_rows', 'Waiting records whose last try failed.', ['profile']);
  const sweepAge = gauge(
    'sweep_age_seconds',
    'Time since the last pass that ended well, in seconds, by what it passes over.',
    ['profile', 'pass'],
  );
  const conflicts = gauge('conflicts_open', 'Conflicts that wait for a person.', ['profile']);
  const parked = gauge('parked_records', 'Records and fields set aside, by reason.', ['profile', 'kind']);
  const twice = gauge('marks_twice', 'Marks that more than one record carried at the last full pass.', ['profile']);
  const halted = gauge('profile_halted', '1 while the brake holds the profile.', ['profile']);
  const paused = gauge('profile_paused', '1 while a person holds the profile.', ['profile']);
  const blind = gauge('profile_blind', '1 while our account cannot read the records of the profile.', ['profile']);
  const matched = gauge('profile_matched', '1 after the first match pass; before it nothing is paired or created.', [
    'profile',
  ]);
  const rebuilt = gauge(
    'state_rebuilt',
    '1 where an earlier state was lost and pairs were found again by their marks.',
    ['profile'],
  );
  const version = gauge('config_version', 'Always 1; the label says which version of the profile runs.', [
    'profile',
    'version',
  ]);
  const waits = gauge('profiles_waiting', '1 while profiles wait for a connection to be compared with its fields.');
  const problems = gauge('profile_problems', 'Mistakes in the profile files as they are on the disk.');
  const intents = gauge('intents', 'Creates that are not done, by how far they are.', ['state']);
  const bytes = gauge('state_bytes', 'Size of the state in bytes.');
  const epoch = gauge(
    'engine_epoch',
    'How often the lease of a connection has changed hands, as this process last held it.',
    ['connection'],
  );
  const held = gauge('lease_held', '1 while this process works for the connection.', ['connection']);
  const redis = gauge('redis_up', '1 while Redis carries the bells; work goes on without, only later.', ['address']);
  const warnings = gauge('redis_warnings', 'Settings of Redis that are unwise.', ['address']);
  const shared = [epoch, held, redis, warnings];
  const perProfile = [
    links,
    unsettled,
    dirty,
    oldest,
    retrying,
    sweepAge,
    conflicts,
    parked,
    twice,
    halted,
    paused,
    blind,
    matched,
    rebuilt,
    version,
  ];

  function showProfile(one: ProfileFigures): void {
    const { profile } = one;
    for (const [state, count] of Object.entries(one.links)) links.set({ profile, state }, count);
    for (const [lane, count] of Object.entries(one.dirty)) dirty.set({ profile, lane }, count);
    for (const [lane, ms] of Object.entries(one.oldestMs)) oldest.set({ profile, lane }, (ms ?? 0) / 1000);
    for (const [kind, count] of Object.entries(one.parkedByKind)) parked.set({ profile, kind }, count);
    for (const [pass, ms] of Object.entries(one.sweepAgeMs)) {
      if (ms !== null) sweepAge.set({ profile, pass }, ms / 1000);
    }
    unsettled.set({ profile }, one.unsettled);
    retrying.set({ profile }, one.retrying);
    conflicts.set({ profile }, one.openConflicts);
    twice.set({ profile }, one.marksTwice);
    halted.set({ profile }, one.halted ? 1 : 0);
    paused.set({ profile }, one.paused ? 1 : 0);
    blind.set({ profile }, one.blind ? 1 : 0);
    matched.set({ profile }, one.matched ? 1 : 0);
    rebuilt.set({ profile }, one.rebuilt ? 1 : 0);
    version.set({ profile, version: one.version }, 1);
  }

  return (snapshot) => {
    // Profiles and kinds come and go: what is not in the snapshot must not linger.
    for (const family of perProfile) family.reset();
    for (const one of snapshot.profiles) showProfile(one);
    waits.set(snapshot.waits ? 1 : 0);
    problems.set(snapshot.problems);
    for (const [state, count] of Object.entries(snapshot.state.intents)) intents.set({ state }, count);
    bytes.set(snapshot.state.bytes);
    for (const family of shared) family.reset();
    for (const lease of snapshot.leases) {
      epoch.set({ connection: lease.connection }, lease.epoch);
      held.set({ connection: lease.connection }, lease.held ? 1 : 0);
    }
    if (snapshot.queue === null) return;
    const { address } = snapshot.queue;
    redis.set({ address }, snapshot.queue.up ? 1 : 0);
    warnings.set({ address }, snapshot.queue.warnings);
  };
}
