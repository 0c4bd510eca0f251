// Our imprint on an issue: a label that people and JQL can see, and an issue property that proves it. Anybody can type
// a label, so only the property counts as proof.
import { z } from 'zod';
import type { Marker } from '../../model.ts';
import type { WireIssue } from './wire.ts';

export const MARKER_PROPERTY = 'jira-crm-sync';

const MARKER_LABEL = /^crm-[a-z]+(-\d+)+$/;
const property = z.object({ key: z.string().min(1), tenant: z.string() });

/** Hidden from every profile: a user's set of labels never shows or loses it. */
export function isMarkerLabel(label: string): boolean {
  return MARKER_LABEL.test(label);
}

export function provenMarker(issue: WireIssue): Marker | null {
  const parsed = property.safeParse(issue.properties?.[MARKER_PROPERTY]);
  return parsed.success ? parsed.data : null;
}

/** The proven marker, else what a label claims; a claim names no tenant. */
export function markerOf(issue: WireIssue): Marker | null {
  const proven = provenMarker(issue);
  if (proven) return proven;
  const labels = issue.fields.labels;
  if (!Array.isArray(labels)) return null;
  const label = labels.find((item) => typeof item === 'string' && isMarkerLabel(item));
  return label === undefined ? null : { key: label, tenant: '' };
}

export function markerProperty(marker: Marker): { key: string; value: Marker } {
  return { key: MARKER_PROPERTY, value: { key: marker.key, tenant: marker.tenant } };
}
