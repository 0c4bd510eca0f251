// What a piece of work came to, in words that `sync`, `plan` and the log use.
import type { Side, SourceRecord, Value } from '../model.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Settlement } from '../state/store.ts';
import type { Applied } from './apply.ts';
import type { Decision } from './decide.ts';

export type Outcome =
  | 'echo'
  | 'unchanged'
  | 'in-step'
  | 'written'
  | 'created'
  | 'linked'
  | 'waiting'
  | 'unmatched'
  | 'out-of-scope'
  | 'gone'
  | 'parked'
  | 'retry';

export type FieldReport = {
  readonly field: string;
  readonly what: 'in-step' | 'written' | 'conflict' | 'parked' | 'coerced' | 'unreadable';
  readonly side: Side | null;
  readonly from: Value;
  readonly to: Value;
  readonly why: string;
};

export type Report = {
  readonly outcome: Outcome;
  readonly profile: string;
  /** What people call the two records; null where there is none. */
  readonly keys: Readonly<Record<Side, string | null>>;
  /** Why, in one sentence; '' when the outcome says it all. */
  readonly why: string;
  readonly fields: readonly FieldReport[];
  readonly writes: Readonly<Record<Side, number>>;
};

export function plainReport(
  profile: string,
  outcome: Outcome,
  why: string,
  keys: Partial<Record<Side, string | null>> = {},
): Report {
  return {
    outcome,
    profile,
    keys: { jira: keys.jira ?? null, crm: keys.crm ?? null },
    why,
    fields: [],
    writes: { jira: 0, crm: 0 },
  };
}

const WHAT = {
  settled: 'in-step',
  agreed: 'in-step',
  write: 'written',
  held: 'conflict',
  unknown: 'unreadable',
  failed: 'parked',
  parked: 'parked',
} as const;

/** What happened to each field of a pair, and why. */
export function linkedReport(
  profile: Profile,
  pair: Readonly<Record<Side, SourceRecord>>,
  decision: Decision,
  applied: Pick<Applied, 'done' | 'coerced' | 'park' | 'failure'>,
  isNew: boolean,
): Report {
  const keys = { jira: pair.jira.key, crm: pair.crm.key };
  if (decision.waiting !== null) return plainReport(profile.name, 'waiting', decision.waiting, keys);
  const fields = Object.entries(decision.outcomes).map(([field, outcome]) =>
    fieldReport(field, outcome.kind, decision),
  );
  for (const write of [...decision.writes]) {
    const refused = applied.park.find((row) => row.field === write.field && row.side === write.side);
    const coerced = applied.coerced.find((one) => one.field === write.field && one.side === write.side);
    const what = refused ? 'parked' : coerced ? 'coerced' : 'written';
    const why = refused?.reason ?? (coerced ? 'the vendor keeps something else than was written' : '');
    fields.push({ field: write.field, what, side: write.side, from: write.from, to: write.value, why });
  }
  const sides = new Set([...applied.done, ...applied.coerced].map((write) => write.side));
  const outcome = isNew ? 'linked' : sides.size > 0 ? 'written' : applied.failure !== null ? 'retry' : 'in-step';
  return {
    outcome,
    profile: profile.name,
    keys,
    why: '',
    fields: fields.filter((row) => row.what !== 'written' || row.side !== null),
    writes: { jira: sides.has('jira') ? 1 : 0, crm: sides.has('crm') ? 1 : 0 },
  };
}

function fieldReport(field: string, kind: keyof typeof WHAT, decision: Decision): FieldReport {
  const parked = decision.park.find((row) => row.field === field);
  const conflict = decision.conflicts.find((one) => one.field === field);
  const why = parked?.reason ?? (conflict ? `both sides changed it; the policy is ${conflict.policy}` : '');
  return { field, what: WHAT[kind], side: null, from: null, to: null, why };
}

/** A write failed once too often: the pair as a whole waits for a person. */
export function unlessSetAside({ park }: Pick<Settlement, 'park'>, report: Report): Report {
  const whole = park.find(({ field }) => field === '');
  return whole === undefined ? report : { ...report, outcome: 'parked', why: whole.reason };
}

/** One piece of work created the record and then wrote what could only be written once it existed. */
export function afterCreate(created: Report, rest: Report): Report {
  const writes = { jira: created.writes.jira + rest.writes.jira, crm: created.writes.crm + rest.writes.crm };
  return { ...rest, outcome: 'created', why: created.why, writes };
}
