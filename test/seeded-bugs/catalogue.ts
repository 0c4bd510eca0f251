// All deliberate bugs. README.md says how to add one.
import type { Bug } from './bug.ts';
import { CONNECTOR_BUGS } from './catalogue/connectors.ts';
import { CREATE_BUGS } from './catalogue/creates.ts';
import { GONE_BUGS } from './catalogue/gone.ts';
import { LEASE_BUGS } from './catalogue/leases.ts';
import { MERGE_BUGS } from './catalogue/merge.ts';
import { WORK_BUGS } from './catalogue/work.ts';
import { WRITE_BUGS } from './catalogue/writes.ts';

export const BUGS: readonly Bug[] = [
  ...MERGE_BUGS,
  ...WRITE_BUGS,
  ...CREATE_BUGS,
  ...WORK_BUGS,
  ...GONE_BUGS,
  ...LEASE_BUGS,
  ...CONNECTOR_BUGS,
];
