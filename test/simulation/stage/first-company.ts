// The records that a schedule begins with: pairs that tell the same, and some of each side alone.
import type { SampleCompany } from '../../../src/sandbox/sample-company.ts';
import { company } from '../../support/office.ts';
import type { Setup } from '../script/script.ts';

export function firstCompany({ pairs, requests, deals }: Pick<Setup, 'pairs' | 'requests' | 'deals'>): SampleCompany {
  const titles = (word: string, count: number) => Array.from({ length: count }, (_, at) => `${word} ${at + 1}`);
  const both = titles('Pair', pairs);
  return company(
    [...both, ...titles('Request', requests)].map((summary) => ({ summary, labels: [] })),
    [...both, ...titles('Deal', deals)].map((title) => ({ title, tags: [] })),
  );
}

const FIRST_ISSUE = 10_401;
const FIRST_DEAL = 7_001;

/** Where the records of a name begin: both sides of a pair, one of the others. */
export function firstIds(
  setup: Pick<Setup, 'pairs' | 'requests' | 'deals'>,
): Map<string, { jira?: string; crm?: string }> {
  const ids = new Map<string, { jira?: string; crm?: string }>();
  for (let at = 0; at < setup.pairs; at += 1) {
    ids.set(`pair ${at + 1}`, { jira: String(FIRST_ISSUE + at), crm: String(FIRST_DEAL + at) });
  }
  for (let at = 0; at < setup.requests; at += 1) {
    ids.set(`request ${at + 1}`, { jira: String(FIRST_ISSUE + setup.pairs + at) });
  }
  for (let at = 0; at < setup.deals; at += 1) {
    ids.set(`deal ${at + 1}`, { crm: String(FIRST_DEAL + setup.pairs + at) });
  }
  return ids;
}
