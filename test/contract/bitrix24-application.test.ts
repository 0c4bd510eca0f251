// Everything about records holds for a local application as it does for an incoming webhook.
import { describe } from 'vitest';
import { memoryVault } from '../support/installed-app.ts';
import { type OpenBench, openBench, type ProductBench } from './connector/bench.ts';
import { bitrix24Bench } from './connector/bitrix24-bench.ts';
import { createCases } from './connector/create-cases.ts';
import { discoveryCases } from './connector/discovery-cases.ts';
import { readCases } from './connector/read-cases.ts';
import { sweepCases } from './connector/sweep-cases.ts';
import { updateCases } from './connector/update-cases.ts';

const applicationBench: ProductBench = {
  ...bitrix24Bench,
  options: (sandbox, more) => {
    const { clientId, clientSecret, memberId, applicationToken } = sandbox.bitrix24.product.credentials;
    return {
      type: 'bitrix24',
      url: sandbox.bitrix24.url,
      auth: { 'client-id': clientId, 'client-secret': clientSecret, server: sandbox.bitrix24.url },
      'application-token': applicationToken,
      'member-id': memberId,
      ...more,
    };
  },
  sentOf: (request) =>
    request.path.startsWith('/oauth/') ? { call: 'renewal', reads: [], writes: [] } : bitrix24Bench.sentOf(request),
  async prepare(sandbox, deliveries) {
    sandbox.bitrix24.product.configure({ app: { installUrl: 'https://sync.example/webhooks/bitrix24' } });
    const form = new URLSearchParams((await deliveries())[0]?.body);
    const vault = memoryVault();
    const tokens = { access: form.get('auth[access_token]'), refresh: form.get('auth[refresh_token]') };
    const kept = { tokens, spare: null, server: sandbox.bitrix24.url, memberId: null, userId: null };
    await vault.save('bitrix24', JSON.stringify({ ...kept, applicationToken: null }));
    return vault;
  },
};

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
