// The profiles that run now, and how the next version of them is loaded: all files are parsed, both sides described,
// everything compiled, and only then do all of them change at once. What does not compile leaves the last good set
// running; what cannot be described yet (a server that does not answer) is tried again.
import type { Connector } from '../connectors/connector.ts';
import { type Problem, SyncError } from '../errors.ts';
import { createPeopleTable } from '../mapping/people.ts';
import { type ScopeSpec, SIDES, type Side } from '../model.ts';
import type { Log } from '../ports.ts';
import { compileProfile } from '../profiles/compile-profile.ts';
import type { ProfileDraft } from '../profiles/draft.ts';
import { parseProfile } from '../profiles/parse-profile.ts';
import type { Profile } from '../profiles/profile.ts';

/** `unreadable`: why the file could not be read; its text is empty then. */
export type ProfileSource = { readonly file: string; readonly text: string; readonly unreadable?: string };

export type PeopleConfig = Parameters<typeof createPeopleTable>[2];

/** `unreachable`: a connection did not answer; nothing is wrong with the files as far as could be seen. */
export type LoadResult = {
  readonly problems: readonly Problem[];
  readonly unreachable: SyncError | null;
  readonly changed: readonly string[];
};

/** `about`: the same text for profiles of the same kinds of records in the same connections. */
export type LoadedProfile = {
  readonly name: string;
  readonly was: string | null;
  readonly about: string;
  /** Its CRM connection. */
  readonly crm: string;
};

export type LiveProfiles = {
  current(): ReadonlyMap<string, Profile>;
  /** Which profiles look at this kind of record, also before they could be compiled. */
  watching(connection: string, entity: string): readonly { readonly profile: string; readonly side: Side }[];
  /** Side blocks of the profiles on a connection. */
  specs(connection: string): readonly ScopeSpec[];
  load(sources: readonly ProfileSource[]): Promise<LoadResult>;
};

export function createLiveProfiles(options: {
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly people: PeopleConfig;
  readonly log: Log;
  /**
   * Called with every set of profiles before any of it runs; what `was` renames and what is not there any more is taken
   * out of `current` first.
   */
  readonly onSwitch?: (loaded: readonly LoadedProfile[]) => Promise<void>;
}): LiveProfiles {
  let current: ReadonlyMap<string, Profile> = new Map();
  let drafts: readonly ProfileDraft[] = [];

  async function load(sources: readonly ProfileSource[]): Promise<LoadResult> {
    const problems: Problem[] = [];
    const parsed: ProfileDraft[] = [];
    for (const { file, text, unreadable } of sources) {
      if (unreadable !== undefined) {
        problems.push(unreadableFile(file, unreadable));
        continue;
      }
      const { draft, problems: found } = parseProfile(text, file);
      if (draft === null) problems.push(...found);
      else parsed.push(draft);
    }
    problems.push(...doubleNames(parsed), ...stillThere(parsed), ...unknownConnections(parsed, options.connectors));
    if (problems.length === 0 && drafts.length === 0) drafts = parsed;

    const next = new Map<string, Profile>();
    let unreachable: SyncError | null = null;
    for (const draft of parsed) {
      if (SIDES.some((side) => !options.connectors.has(draft.sides[side].connection))) continue;
      try {
        const { profile, problems: found } = await compile(draft);
        problems.push(...found);
        if (profile !== null) next.set(profile.name, profile);
      } catch (error) {
        if (!(error instanceof SyncError)) throw error;
        unreachable = error;
        problems.push(...draft.problems.all());
      }
    }
    problems.push(...overlaps([...next.values()]));
    if (problems.length > 0) return { problems, unreachable, changed: [] };
    drafts = parsed;
    if (unreachable !== null) {
      // What could be compiled may run; a profile whose server is away keeps its last version.
      for (const draft of parsed) {
        const last = current.get(draft.name);
        if (!next.has(draft.name) && last !== undefined) next.set(draft.name, last);
      }
    }
    const before = current;
    const changed = [...next.values()].filter((profile) => before.get(profile.name)?.version !== profile.version);
    current = new Map([...before].filter(([name]) => next.has(name)));
    await options.onSwitch?.(parsed.map(loaded));
    current = next;
    return { problems: [], unreachable, changed: changed.map((profile) => profile.name) };
  }

  async function compile(draft: ProfileDraft) {
    const connectors = {
      jira: options.connectors.get(draft.sides.jira.connection) as Connector,
      crm: options.connectors.get(draft.sides.crm.connection) as Connector,
    };
    const ask = { lane: 'live' } as const;
    const [jira, crm, jiraPeople, crmPeople] = await Promise.all([
      connectors.jira.describe(draft.sides.jira.spec, ask),
      connectors.crm.describe(draft.sides.crm.spec, ask),
      connectors.jira.people(ask),
      connectors.crm.people(ask),
    ]);
    return compileProfile(draft, { jira, crm }, createPeopleTable(jiraPeople, crmPeople, options.people));
  }

  return {
    current: () => current,
    watching(connection, entity) {
      const found: { profile: string; side: Side }[] = [];
      for (const draft of drafts) {
        for (const side of SIDES) {
          const { connection: own, spec } = draft.sides[side];
          if (own === connection && spec.entity === entity) found.push({ profile: draft.name, side });
        }
      }
      return found;
    },
    specs: (connection) =>
      drafts.flatMap(({ sides }) =>
        SIDES.flatMap((side) => (sides[side].connection === connection ? sides[side].spec : [])),
      ),
    load,
  };
}

function unreadableFile(file: string, reason: string): Problem {
  const cure = 'Make it a text file that the user of this program may read, or take it away.';
  return { file, line: 1, column: 1, message: `The file cannot be read: ${reason}.`, cure };
}

function doubleNames(drafts: readonly ProfileDraft[]): Problem[] {
  const problems: Problem[] = [];
  const first = new Map<string, string>();
  for (const draft of drafts) {
    const known = first.get(draft.name);
    if (known === undefined) {
      first.set(draft.name, draft.file);
      continue;
    }
    problems.push({
      file: draft.file,
      line: 1,
      column: 1,
      message: `The profile name "${draft.name}" is already used by ${known}.`,
      cure: 'Give each profile a name of its own.',
    });
  }
  return problems;
}

/** The links of a profile go to one name only. */
function stillThere(drafts: readonly ProfileDraft[]): Problem[] {
  const problems: Problem[] = [];
  for (const { name, was, file } of drafts) {
    if (was === null || !drafts.some((other) => other.name === was)) continue;
    problems.push({
      file,
      line: 1,
      column: 1,
      message: `"${name}" says that it was "${was}", but there still is a profile "${was}".`,
      cure: 'Remove `was`; a profile that is split in two needs none: each pair goes where its records belong.',
    });
  }
  return problems;
}

function loaded({ name, was, sides }: ProfileDraft): LoadedProfile {
  const about = SIDES.map((side) => [sides[side].connection, sides[side].spec.entity]);
  return { name, was, about: JSON.stringify(about), crm: sides.crm.connection };
}

function unknownConnections(drafts: readonly ProfileDraft[], connectors: ReadonlyMap<string, Connector>): Problem[] {
  const problems: Problem[] = [];
  for (const draft of drafts) {
    for (const side of SIDES) {
      const { connection, connectionAt } = draft.sides[side];
      if (connectors.has(connection)) continue;
      const known = [...connectors.keys()].join(', ') || 'none';
      draft.problems.add(connectionAt, `There is no connection "${connection}".`, `Write one of: ${known}.`);
    }
    if (SIDES.some((side) => !connectors.has(draft.sides[side].connection))) problems.push(...draft.problems.all());
  }
  return problems;
}

/** Two profiles that create the same kind of record from the same records would double each of them. */
function overlaps(profiles: readonly Profile[]): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, Profile>();
  for (const profile of profiles) {
    for (const target of SIDES) {
      if (profile.create[target] === null) continue;
      const source = profile.sides[target === 'jira' ? 'crm' : 'jira'].scope;
      const { connection, entity } = profile.sides[target].scope;
      const key = JSON.stringify([source.connection, source.entity, source.query, connection, entity]);
      const other = taken.get(key);
      if (other === undefined) {
        taken.set(key, profile);
        continue;
      }
      problems.push({
        file: profile.file,
        line: 1,
        column: 1,
        message: `"${profile.name}" and "${other.name}" would both create a ${entity} for the same ${source.entity}.`,
        cure: 'Narrow one of them by `where`, or switch `create` off in one of them.',
      });
    }
  }
  return problems;
}
