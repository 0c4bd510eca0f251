// The registry: every flow of the product that there is. test/faults/registry.test.ts fails for what none of them reaches.
import type { Flow } from './flow.ts';
import { DAEMON_FLOWS } from './flows-daemon.ts';
import { PEOPLE_FLOWS } from './flows-people.ts';
import { RECORD_FLOWS } from './flows-records.ts';

export const FLOWS: readonly Flow[] = [...RECORD_FLOWS, ...PEOPLE_FLOWS, ...DAEMON_FLOWS];
