// S3: whatever the daemon wrote had been said on the other side of the pair before, or on this one.
import { otherSide, type Side } from '../../../src/model.ts';
import type { FieldName, Said, Script } from '../script/script.ts';
import { agreeFrom } from './agree.ts';
import type { Evidence, Violation } from './evidence.ts';
import type { Moment, Timelines } from './timelines.ts';

export function provenance({ happenings, script }: Evidence, timelines: Timelines): Violation[] {
  const cuts = script.actions.some((action) => action.do === 'coerce');
  const violations: Violation[] = [];
  for (const { seq, side, id, actor, what, changes } of happenings) {
    if (actor !== 'daemon' || what === 'delete') continue;
    const partners = timelines.partners(side, id);
    for (const { field, to } of changes) {
      if (what === 'create' && isDefault(field, to)) continue;
      const other = otherSide(side);
      const told = partners.flatMap((partner) => timelines.of(other, partner, field)).filter((one) => one.seq < seq);
      const own = timelines.of(side, id, field).filter((one) => one.seq < seq);
      const known = isSaid(
        field,
        to,
        [...told, ...own].map((one) => one.to),
      );
      if (known || told.some((one) => agreeFrom(side, field, to, one.to)) || own.some((one) => one.to === to)) continue;
      if (cuts && typeof to === 'string' && told.some((one) => String(one.to).startsWith(to.trim()))) continue;
      // A value that the product kept instead of ours, or that it dropped.
      if (to === null && (cuts || isDropped(script, side, field, told))) continue;
      violations.push({
        invariant: 'S3',
        what: `${side} ${id} ${field} was given ${JSON.stringify(to)}, said by nobody`,
      });
    }
  }
  return violations;
}

function isSaid(field: FieldName, to: Said, values: readonly Said[]): boolean {
  if (field !== 'labels') return false;
  const members = new Set(values.flatMap((value) => (value ?? []) as readonly string[]));
  return (to as readonly string[]).every((member) => members.has(member));
}

/** An option that was taken away from it the CRM drops without a word; the other product refuses it. */
function isDropped({ actions }: Script, side: Side, field: FieldName, told: readonly Moment[]): boolean {
  if (side !== 'crm' || field !== 'distributor') return false;
  const gone = actions.flatMap((action) => (action.do === 'no-option' && action.side === side ? [action.option] : []));
  return told.some(({ to }) => gone.includes(String(to)));
}

function isDefault(field: FieldName, value: Said): boolean {
  return (
    value === null ||
    field === 'status' ||
    field === 'assignee' ||
    field === 'urgent' ||
    value === 0 ||
    (Array.isArray(value) && value.length === 0) ||
    // Bitrix24 gives a deal a date to end at.
    field === 'due'
  );
}
