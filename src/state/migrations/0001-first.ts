// Values are canonical JSON text. Lanes are numbers so that an index orders them: 0 live, 1 bulk.
export const first = `
CREATE TABLE dirty (
  profile TEXT NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL,
  generation INTEGER NOT NULL, lane INTEGER NOT NULL, cause TEXT NOT NULL, version TEXT,
  attempts INTEGER NOT NULL, since INTEGER NOT NULL, due INTEGER NOT NULL, reason TEXT,
  PRIMARY KEY (profile, side, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dirty_due ON dirty (lane, due, since);

-- A timer only marks its record dirty when it is due; one per record and purpose.
CREATE TABLE timer (
  profile TEXT NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL, purpose TEXT NOT NULL, due INTEGER NOT NULL,
  PRIMARY KEY (profile, side, id, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due);

CREATE TABLE delivery (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_at ON delivery (at);

CREATE TABLE cursor (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- match_keys repeats what match_key holds, so that an unchanged sighting costs no write there; linked repeats what link
-- holds, because counting what has no link would read both tables whole, several times a second during a resync. audited:
-- the fingerprint under which the audit of marks last had an unlinked record looked at.
CREATE TABLE seen (
  profile TEXT NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL,
  key TEXT NOT NULL, fingerprint TEXT NOT NULL, match_keys TEXT NOT NULL,
  linked INTEGER NOT NULL, audited TEXT,
  PRIMARY KEY (profile, side, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_key ON seen (profile, key);
CREATE INDEX seen_unlinked ON seen (profile, side) WHERE linked = 0;
CREATE TABLE match_key (
  profile TEXT NOT NULL, side TEXT NOT NULL, rule INTEGER NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (profile, side, rule, value, id)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: a link's id is never given to another pair, conflicts and journal keep pointing at it, also when it has
-- ended; the records of an ended link are free to be paired again. announced: what writes under way make of it.
CREATE TABLE link (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  profile TEXT NOT NULL, jira_id TEXT NOT NULL, crm_id TEXT NOT NULL, jira_key TEXT NOT NULL, crm_key TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT, base TEXT NOT NULL, announced TEXT, jira_version TEXT NOT NULL, crm_version TEXT NOT NULL,
  jira_fingerprint TEXT NOT NULL, crm_fingerprint TEXT NOT NULL,
  revision INTEGER NOT NULL, profile_version TEXT NOT NULL, origin TEXT NOT NULL,
  created_at INTEGER NOT NULL, settled_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX link_jira ON link (profile, jira_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX link_crm ON link (profile, crm_id) WHERE ended_at IS NULL;
CREATE INDEX link_any_jira ON link (jira_id);
CREATE INDEX link_any_crm ON link (crm_id);
CREATE INDEX link_profile ON link (profile);
CREATE INDEX link_state ON link (profile, state);
CREATE INDEX link_jira_key ON link (profile, jira_key);
CREATE INDEX link_crm_key ON link (profile, crm_key);
CREATE INDEX link_ended ON link (ended_at) WHERE ended_at IS NOT NULL;

-- Records that a person keeps apart: not paired and nothing created for them until a person links them. forgotten: and
-- nothing is kept of what they show.
CREATE TABLE apart (
  profile TEXT NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, forgotten INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (profile, side, id)
) STRICT, WITHOUT ROWID;

-- What speaks for a linked record being gone; accepted: a person let it pass the brake.
CREATE TABLE absence (
  profile TEXT NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL,
  told_at INTEGER, missed_at INTEGER, hidden INTEGER NOT NULL, accepted INTEGER NOT NULL,
  done TEXT, done_at INTEGER,
  PRIMARY KEY (profile, side, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE intent (
  key TEXT PRIMARY KEY, profile TEXT NOT NULL, side TEXT NOT NULL, source_id TEXT NOT NULL,
  state TEXT NOT NULL, attempt INTEGER NOT NULL, sent_at INTEGER, sent TEXT, moved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX intent_state ON intent (state);

CREATE TABLE conflict (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  link_id INTEGER NOT NULL REFERENCES link (id), profile TEXT NOT NULL, field TEXT NOT NULL,
  base TEXT NOT NULL, jira_value TEXT NOT NULL, crm_value TEXT NOT NULL,
  jira_changed_at INTEGER NOT NULL, crm_changed_at INTEGER NOT NULL, jira_changed_by TEXT, crm_changed_by TEXT,
  policy TEXT NOT NULL, outcome TEXT NOT NULL, status TEXT NOT NULL, take TEXT,
  at INTEGER NOT NULL, closed_at INTEGER
) STRICT;
CREATE INDEX conflict_field ON conflict (link_id, field, status);
CREATE INDEX conflict_status ON conflict (profile, status);

CREATE TABLE parked (
  profile TEXT NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL,
  reason TEXT NOT NULL, cure TEXT NOT NULL, kind TEXT NOT NULL, field_values TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (profile, side, id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL, profile TEXT NOT NULL, profile_version TEXT NOT NULL, link_id INTEGER,
  side TEXT NOT NULL, record_id TEXT NOT NULL, field TEXT NOT NULL, action TEXT NOT NULL,
  before TEXT NOT NULL, after TEXT NOT NULL, cause TEXT NOT NULL, run TEXT NOT NULL
) STRICT;
CREATE INDEX journal_link ON journal (link_id, at);
CREATE INDEX journal_profile ON journal (profile);
CREATE INDEX journal_overwrites ON journal (profile, field, at, link_id) WHERE action = 'update' AND before <> 'null';

CREATE TABLE profile_state (
  profile TEXT PRIMARY KEY, version TEXT NOT NULL,
  jira_matched_at INTEGER, crm_matched_at INTEGER, halted TEXT, paused TEXT, accepted_at INTEGER
) STRICT, WITHOUT ROWID;
-- Every profile that was ever loaded: about which kinds of records it is, and since when it is not loaded any more.
CREATE TABLE known_profile (profile TEXT PRIMARY KEY, about TEXT NOT NULL, removed_at INTEGER) STRICT, WITHOUT ROWID;

-- Encrypted before they get here.
CREATE TABLE secret (name TEXT PRIMARY KEY, sealed TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE command (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, profile TEXT, args TEXT NOT NULL, state TEXT NOT NULL,
  result TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX command_state ON command (state, id);

-- Which process works for which CRM connection, and which processes there are; see src/state/lease-table.ts.
CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT, epoch INTEGER NOT NULL, beat INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE member (
  id TEXT PRIMARY KEY, serves TEXT NOT NULL, about TEXT NOT NULL, beat INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
