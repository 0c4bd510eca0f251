// Faults of a schedule as rules in front of the sandbox products, several at once, each healed by itself.
import type { Side } from '../../../src/model.ts';
import type { FaultRule } from '../../../src/sandbox/fault-rule.ts';
import type { InProcessSandbox } from '../../../src/sandbox/index.ts';
import type { FaultKind, FaultOp } from '../script/script.ts';
import type { Fault } from './stage.ts';

type Rule = Omit<FaultRule, 'match'>;

const MATCHES: Readonly<Record<Side, Readonly<Record<FaultOp, FaultRule['match']>>>> = {
  jira: {
    any: {},
    create: { method: 'POST', path: '/\\/issue(\\/bulk)?$/' },
    update: { method: 'PUT', path: '/rest/api/3/issue/' },
    read: { path: 'bulkfetch' },
    list: { path: 'search/jql' },
  },
  crm: {
    any: {},
    create: { command: 'crm.item.add' },
    update: { command: 'crm.item.update' },
    read: { command: 'crm.item.get' },
    list: { command: 'crm.item.list' },
  },
};

function ruleOf(kind: FaultKind, side: Side): Rule {
  switch (kind) {
    case 'unsent':
      return { kind: 'drop-before' };
    case 'unanswered':
      return { kind: 'drop-after' };
    // Longer than our own patience: the product does it when nobody waits any more.
    case 'late':
      return { kind: 'delay', ms: 50_000 };
    case 'error':
      return { kind: 'status', status: 500, body: 'Internal Server Error' };
    case 'garbled':
      return { kind: 'html' };
    case 'cut':
      return { kind: 'truncate' };
    case 'hangs':
      return { kind: 'hang', ms: 300_000 };
    case 'denied':
      return { kind: 'status', status: 403, body: { error: 'ACCESS_DENIED', errorMessages: ['Forbidden'] } };
    case 'limited':
      return side === 'jira'
        ? { kind: 'status', status: 429, headers: { 'Retry-After': '20' }, body: { errorMessages: ['Too many'] } }
        : { kind: 'status', status: 503, body: { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many' } };
  }
}

export function createFullFaults({ jira, bitrix24 }: InProcessSandbox) {
  const sides = { jira: jira.faults, crm: bitrix24.faults };
  const live: Record<Side, { rule: FaultRule }[]> = { jira: [], crm: [] };

  /** What was hit already counts: replacing the rules begins their counters anew. */
  function refresh(side: Side, next: { rule: FaultRule }[]): void {
    const before = sides[side].list();
    for (const [at, one] of live[side].entries()) {
      const hit = before[at]?.hit ?? 0;
      if (one.rule.times !== undefined) one.rule = { ...one.rule, times: Math.max(0, one.rule.times - hit) };
    }
    live[side] = next.filter((one) => one.rule.times !== 0);
    sides[side].replace(live[side].map((one) => one.rule));
  }

  function add(side: Side, rule: FaultRule): () => void {
    const own = { rule };
    refresh(side, [...live[side], own]);
    return () =>
      refresh(
        side,
        live[side].filter((one) => one !== own),
      );
  }

  return {
    add: ({ side, op, kind, times }: Fault) => add(side, { ...ruleOf(kind, side), match: MATCHES[side][op], times }),
    outage: (side: Side) => add(side, { kind: 'status', status: 503, match: {}, body: 'Service Unavailable' }),
  };
}
