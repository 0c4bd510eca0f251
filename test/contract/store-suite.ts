// What every store promises, whatever it is made of; see the comments of src/state/store.ts.
import { describe } from 'vitest';
import type { Store } from '../../src/state/store.ts';
import { absenceCases } from './store/absence-cases.ts';
import { auditCases } from './store/audit-cases.ts';
import { bellCases } from './store/bell-cases.ts';
import { claimCases } from './store/claim-cases.ts';
import { engineCases } from './store/engine-cases.ts';
import { figureCases } from './store/figure-cases.ts';
import { hintCases } from './store/hint-cases.ts';
import { integrityCases } from './store/integrity-cases.ts';
import { leaseCases } from './store/lease-cases.ts';
import { pairCases } from './store/pair-cases.ts';
import { peopleCases } from './store/people-cases.ts';
import { profileCases } from './store/profile-cases.ts';
import { retentionCases } from './store/retention-cases.ts';
import { settleCases } from './store/settle-cases.ts';
import { timerCases } from './store/timer-cases.ts';

/** Answers an empty store; the suite closes it. */
export type OpenStore = () => Promise<Store>;

export function storeSuite(name: string, open: OpenStore): void {
  describe(name, () => {
    describe('hints', () => hintCases(open));
    describe('claims', () => claimCases(open));
    describe('bells', () => bellCases(open));
    describe('settlements', () => settleCases(open));
    describe('timers', () => timerCases(open));
    describe('pairs', () => pairCases(open));
    describe('records that are gone', () => absenceCases(open));
    describe('the audit of marks', () => auditCases(open));
    describe('people', () => peopleCases(open));
    describe('figures', () => figureCases(open));
    describe('its own health', () => integrityCases(open));
    describe('limits', () => retentionCases(open));
    describe('profiles', () => profileCases(open));
    describe('engine', () => engineCases(open));
    describe('leases', () => leaseCases(open));
  });
}
