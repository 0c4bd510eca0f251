// S4: at no moment two live records of a side carry one sync key, and at the end every source has exactly one partner.
import { SIDES, type Side } from '../../../src/model.ts';
import type { Evidence, Violation } from './evidence.ts';
import type { Timelines } from './timelines.ts';

export function duplicates(evidence: Evidence, timelines: Timelines): Violation[] {
  return [...atEveryMoment(evidence), ...atTheEnd(evidence, timelines)];
}

function atEveryMoment({ happenings }: Evidence): Violation[] {
  const carriers = new Map<string, Set<string>>();
  const marks = new Map<string, string>();
  const violations: Violation[] = [];
  for (const { side, id, what, mark, at } of happenings) {
    const record = `${side} ${id}`;
    const before = marks.get(record);
    if (before !== undefined) carriers.get(before)?.delete(id);
    marks.delete(record);
    if (what === 'delete' || mark === null) continue;
    const key = `${side} ${mark}`;
    const holders = carriers.get(key) ?? new Set<string>();
    holders.add(id);
    carriers.set(key, holders);
    marks.set(record, key);
    if (holders.size > 1) {
      violations.push({ invariant: 'S4', what: `at ${at} ${key} is carried by ${[...holders].join(', ')}` });
    }
  }
  return violations;
}

function atTheEnd(evidence: Evidence, timelines: Timelines): Violation[] {
  const { seen, parked, links, halted } = evidence;
  const violations: Violation[] = [];
  if (halted !== null) return violations;
  for (const side of SIDES) {
    const other: Side = side === 'jira' ? 'crm' : 'jira';
    for (const record of seen[side].values()) {
      if (!record.inScope) continue;
      const live = timelines.partners(side, record.id).filter((id) => seen[other].has(id));
      if (live.length > 1) {
        violations.push({
          invariant: 'S4',
          what: `${side} ${record.id} has ${live.length} partners: ${live.join(', ')}`,
        });
      }
      if (live.length > 0) continue;
      if (timelines.partners(side, record.id).length > 0) continue;
      const waits = side === 'crm' && !['Согласование', 'Новая', 'В работе'].includes(String(record.fields.status));
      const isSetAside = parked.some((row) => row.side === side && row.id === record.id && row.field === null);
      if (waits || isSetAside || links.some((link) => link.ids[side] === record.id)) continue;
      violations.push({ invariant: 'S4', what: `${side} ${record.id} (${record.fields.title}) has no partner` });
    }
  }
  return violations;
}
