// Our imprint on an issue: a label that people and JQL can see, and an issue property that proves it. Anybody can type
// a label, so only the property counts as proof.
import { z } from 'zod';
import type { Marker } from '../../model.ts';
import type { WireIssue } from './wire.ts';

export const MARKER_PROPERTY = 'jira-crm-sync';

const MARKER_LABEL = /^crm-[a-z]+(-\d+)+$/;
/** `issue`: whose mark it is, where that was known as it was written: a person who clones an issue copies the property. */
const property = z.object({ key: z.string().min(1), tenant: z.string(), issue: z.string().optional() });

type Mark = z.infer<typeof property>;

/** Hidden from every profile: a user's set of labels never shows or loses it. */
export function isMarkerLabel(label: string): boolean {
  return MARKER_LABEL.test(label);
}

export function provenMarker(issue: WireIssue): Marker | null {
  const mark = propertyOf(issue);
  return mark === null || isCopy(issue, mark) ? null : { key: mark.key, tenant: mark.tenant };
}

/** The proven marker, else what a label claims; a claim names no tenant. */
export function markerOf(issue: WireIssue): Marker | null {
  const mark = propertyOf(issue);
  if (mark !== null) return provenMarker(issue);
  const labels = issue.fields.labels;
  if (!Array.isArray(labels)) return null;
  const label = labels.find((item) => typeof item === 'string' && isMarkerLabel(item));
  return label === undefined ? null : { key: label, tenant: '' };
}

/** `issue` is not known yet while it is created. */
export function markerProperty({ key, tenant }: Marker, issue?: string): { key: string; value: Mark } {
  return { key: MARKER_PROPERTY, value: issue === undefined ? { key, tenant } : { key, tenant, issue } };
}

function propertyOf(issue: WireIssue): Mark | null {
  const parsed = property.safeParse(issue.properties?.[MARKER_PROPERTY]);
  return parsed.success ? parsed.data : null;
}

function isCopy(issue: WireIssue, mark: Mark): boolean {
  return mark.issue !== undefined && mark.issue !== issue.id;
}
