// The example profile with the choices of a schedule.

import { profileWith } from '../../support/one-pair.ts';
import type { Setup } from '../script/script.ts';

export const PROFILE_FILE = 'profiles/procurement.yaml';
export const PROFILE = 'procurement';

export function profileText(setup: Setup, sweeps = true): string {
  const { conflict, labels, note, gone, sweepMinutes } = setup;
  const tie = conflict === 'newest' ? '\ntie: crm' : '';
  const policy = gone === 'delete' ? '\nwhen-crm-gone: delete\nwhen-jira-gone: delete\nallow-delete: true' : '';
  const every = sweeps ? `${sweepMinutes}m` : '7d';
  const own = note === 'both' ? '' : `, direction: ${note}`;
  return profileWith([
    ['conflict: hold\n', `conflict: ${conflict}${tie}${policy}\n`],
    ['sweep: { every: 5m, full: { cron: "0 3 * * *", zone: Europe/Moscow } }', `sweep: { every: ${every} }`],
    ['as: set, conflict: merge', labels === 'merge' ? 'as: set, conflict: merge' : 'as: set'],
    ['crm: "Примечание" }', `crm: "Примечание"${own} }`],
  ]);
}
