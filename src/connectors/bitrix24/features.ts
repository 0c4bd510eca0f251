// What the portal's plan lets an application have (Bitrix24 docs: feature.get). On-premise answers `<lang>_selfhosted`:
// no restriction.
import type { Clock } from '../../ports.ts';
import type { Ask } from '../connector.ts';
import { plainOf } from '../plain.ts';
import { mapOf } from './batch.ts';
import type { Client } from './client.ts';

export type Features = {
  /** Queue rows can be kept until we have stored them. */
  readonly queue: boolean;
  /** Writes can be marked as ours, so that the queue leaves them out. */
  readonly connector: boolean;
};

/** Our name in the queue and on our writes. */
export const CONNECTOR = 'jira-crm-sync';
/** Plans change, but not by the minute. */
const ASK_AGAIN_MS = 3_600_000;
const CODES = ['rest_offline_extended', 'rest_auth_connector'];

export type FeatureProbe = {
  (ask: Ask): Promise<Features>;
  /** As far as they were asked for lately. */
  known(): Features | null;
};

export function createFeatures(client: Client, clock: Clock): FeatureProbe {
  let known: { readonly features: Promise<Features>; readonly until: number } | null = null;
  let answered: { readonly features: Features; readonly until: number } | null = null;

  async function look(ask: Ask): Promise<Features> {
    const commands = CODES.map((CODE) => ({ method: 'feature.get', params: { CODE } }));
    const { outcomes } = await client.batch(commands, { lane: ask.lane, writes: false, signal: ask.signal });
    const [queue = false, connector = false] = outcomes.map((outcome) => {
      if (outcome.kind !== 'done') return false;
      const { value } = mapOf(outcome.answer.result);
      return value === 'Y' || /_selfhosted$/.test(plainOf(value));
    });
    return { queue, connector };
  }

  function probe(ask: Ask): Promise<Features> {
    if (known !== null && known.until > clock.now()) return known.features;
    const until = clock.now() + ASK_AGAIN_MS;
    const features = look({ lane: ask.lane });
    known = { features, until };
    features.then(
      (told) => {
        answered = { features: told, until };
      },
      () => {
        known = null;
      },
    );
    return features;
  }

  return Object.assign(probe, {
    known: () => (answered !== null && answered.until > clock.now() ? answered.features : null),
  });
}
