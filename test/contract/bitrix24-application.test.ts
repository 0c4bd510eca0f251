// Everything about records holds for a local application as it does for an incoming webhook.
import { describe } from 'vitest';
import { applicationBench } from './connector/application-bench.ts';
import { type OpenBench, openBench } from './connector/bench.ts';
import { createCases } from './connector/create-cases.ts';
import { discoveryCases } from './connector/discovery-cases.ts';
import { readCases } from './connector/read-cases.ts';
import { sweepCases } from './connector/sweep-cases.ts';
import { updateCases } from './connector/update-cases.ts';

describe.each([
  ['on a plan with everything', { plan: 'enterprise' }],
  ['on a plan without queue', { plan: 'standard' }],
])('Bitrix24 as a local application %s', (_, settings) => {
  const open: OpenBench = (options = {}) => openBench(applicationBench, settings, options);
  describe('discovery', () => discoveryCases(open));
  describe('reads', () => readCases(open));
  describe('creates and stamps', () => createCases(open));
  describe('updates', () => updateCases(open));
  describe('sweeps', () => sweepCases(open));
});
