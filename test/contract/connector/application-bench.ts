// Bitrix24 as a local application: installed, its tokens known.
import { memoryVault } from '../../support/installed-app.ts';
import type { ProductBench } from './bench.ts';
import { bitrix24Bench } from './bitrix24-bench.ts';

export const applicationBench: ProductBench = {
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
