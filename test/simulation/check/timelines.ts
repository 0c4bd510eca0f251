// The history of every field of every record, and who is whose partner, from what the products told alone.
import type { Side } from '../../../src/model.ts';
import type { FieldName, Said } from '../script/script.ts';
import { firstIds } from '../stage/first-company.ts';
import type { Actor } from '../stage/stage.ts';
import type { Evidence } from './evidence.ts';

export type Moment = {
  readonly seq: number;
  readonly at: number;
  readonly actor: Actor;
  readonly from: Said;
  readonly to: Said;
  /** What the daemon took to stand there; `from`, where nobody tells. */
  readonly planned: Said;
  readonly created: boolean;
};

export type Timelines = {
  of(side: Side, id: string, field: FieldName): readonly Moment[];
  /** Everybody who ever was the partner, by marks. */
  partners(side: Side, id: string): readonly string[];
  deletedAt(side: Side, id: string): number | null;
  readonly records: readonly { readonly side: Side; readonly id: string }[];
};

const NONE: readonly Moment[] = [];

export function timelinesOf(evidence: Evidence): Timelines {
  const moments = new Map<string, Moment[]>();
  const deleted = new Map<string, number>();
  const pairs = new Map<string, Set<string>>();
  const records = new Map<string, { side: Side; id: string }>();
  const pair = (jira: string, crm: string) => {
    for (const [key, other] of [
      [`jira ${jira}`, crm],
      [`crm ${crm}`, jira],
    ] as const) {
      pairs.set(key, (pairs.get(key) ?? new Set()).add(other));
    }
  };
  for (const { jira, crm } of firstIds(evidence.script.setup).values()) {
    if (jira !== undefined && crm !== undefined) pair(jira, crm);
  }
  for (const { seq, at, side, id, actor, what, changes, mark, expected } of evidence.happenings) {
    records.set(`${side} ${id}`, { side, id });
    if (what === 'delete') deleted.set(`${side} ${id}`, at);
    else deleted.delete(`${side} ${id}`);
    for (const { field, from, to } of changes) {
      const key = `${side} ${id} ${field}`;
      const list = moments.get(key) ?? [];
      const planned = expected?.[field] === undefined ? from : expected[field];
      list.push({ seq, at, actor, from, to, planned, created: what === 'create' });
      moments.set(key, list);
    }
    const named = mark?.replace(side === 'jira' ? 'crm-deal-' : 'issue-', '');
    if (named === undefined) continue;
    if (side === 'jira') pair(id, named);
    else pair(named, id);
  }
  return {
    of: (side, id, field) => moments.get(`${side} ${id} ${field}`) ?? NONE,
    partners: (side, id) => [...(pairs.get(`${side} ${id}`) ?? [])],
    deletedAt: (side, id) => deleted.get(`${side} ${id}`) ?? null,
    records: [...records.values()],
  };
}
