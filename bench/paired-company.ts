// So many purchase requests and deals that tell the same, as a settled pass over both sides leaves them.
import { createHash } from 'node:crypto';
import type { SampleCompany } from '../src/sandbox/sample-company.ts';
import { makeCompany } from '../src/sandbox/sample-data.ts';

export const FIRST_ISSUE = 10_401;
export const FIRST_DEAL = 7_001;

const PEOPLE = ['petrov', 'weber', 'smirnov'] as const;
const DISTRIBUTORS = ['Hydrotech', 'Nordwind Supply', 'Rotor Trade', 'Уралнасос'] as const;

function pick<T>(list: readonly T[], at: number): T {
  return list[at % list.length] as T;
}

/** Not a round number: records of a company are not all alike. */
function wordsOf(at: number): string {
  return createHash('sha1')
    .update(`lot ${at}`)
    .digest('hex')
    .slice(0, 6 + (at % 20));
}

export function pairedCompany(pairs: number, createdFrom: number): SampleCompany {
  const numbers = Array.from({ length: pairs }, (_, at) => at);
  return {
    ...makeCompany({ seed: 1, issues: 0, deals: 0, now: createdFrom }),
    requests: numbers.map((at) => ({
      summary: `Lot ${at} of the spring order, ${wordsOf(at)}`,
      description: '',
      budget: 1_000 + at,
      dueDate: '2026-12-15',
      distributor: pick(DISTRIBUTORS, at),
      labels: ['seals'],
      assignee: pick(PEOPLE, at),
      reporter: 'weber',
      priority: 'Medium' as const,
      status: 'To Do' as const,
      createdAt: createdFrom + at,
    })),
    deals: numbers.map((at) => ({
      title: `Lot ${at} of the spring order, ${wordsOf(at)}`,
      amount: 1_000 + at,
      currency: 'RUB' as const,
      closeDate: '2026-12-15',
      distributor: pick(DISTRIBUTORS, at),
      tags: ['seals'],
      responsible: pick(PEOPLE, at),
      stage: 'Новая' as const,
      comments: '',
      urgent: false,
      createdAt: createdFrom + at,
    })),
  };
}
