// What every connector promises, whatever product it speaks to; see the comments of src/connectors/connector.ts.
import { describe } from 'vitest';
import { type OpenBench, openBench, type ProductBench } from './connector/bench.ts';
import { createCases } from './connector/create-cases.ts';
import { deliveryCases } from './connector/delivery-cases.ts';
import { discoveryCases } from './connector/discovery-cases.ts';
import { readCases } from './connector/read-cases.ts';
import { redirectCases } from './connector/redirect-cases.ts';
import { removeCases } from './connector/remove-cases.ts';
import { sweepCases } from './connector/sweep-cases.ts';
import { troubleCases } from './connector/trouble-cases.ts';
import { updateCases } from './connector/update-cases.ts';

/** `settings`: how the product of the sandbox behaves where its vendor's documents leave it open. */
export function connectorSuite(name: string, product: ProductBench, settings: Readonly<Record<string, unknown>>): void {
  const open: OpenBench = (options = {}) => openBench(product, settings, options);
  describe(name, () => {
    describe('discovery', () => discoveryCases(open));
    describe('reads', () => readCases(open));
    describe('creates and stamps', () => createCases(open));
    describe('updates', () => updateCases(open));
    describe('deletions', () => removeCases(open));
    describe('sweeps', () => sweepCases(open));
    describe('deliveries', () => deliveryCases(open));
    describe('trouble', () => troubleCases(open));
    describe('redirects', () => redirectCases(open));
  });
}
