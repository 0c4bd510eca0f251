// The border between the daemon and everything outside of it. It counts what crosses it, in order, and lets exactly the
// calls fail that were chosen before.
import type { Side } from '../../src/model.ts';
import type { SandboxRequest } from '../../src/sandbox/http.ts';
import { batchCommands, methodOfPath } from '../../src/sandbox/request-log.ts';
import type { Store } from '../../src/state/store.ts';
import type { MakeDispatcher } from '../../src/work/dispatcher.ts';
import { createInProcessDispatcher } from '../../src/work/in-process.ts';
import type { Border } from '../simulation/stage/stage.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';
import { diskFull } from './kinds.ts';
import { requestFault } from './request-faults.ts';
import { changesNothing, READING_VERBS } from './what-only-reads.ts';

export type Call =
  | {
      readonly kind: 'request';
      readonly side: Side;
      readonly name: string;
      readonly writes: boolean;
      /** Commands of a batch, elements of a bulk call. */
      readonly parts: readonly string[];
    }
  | { readonly kind: 'verb'; readonly name: string; readonly writes: boolean }
  | { readonly kind: 'bell'; readonly name: string }
  | { readonly kind: 'delivery'; readonly name: string; readonly side: Side };

/** The call of that name (`request Jira POST issue`) that comes as the `nth`, from 0. */
export type PlannedFault = { readonly name: string; readonly nth: number; readonly fault: string };

export type MetFault = PlannedFault & { readonly call: Call };

export type FaultBorder = {
  readonly border: Border;
  /** What stands between the engine and its store. */
  readonly through: (store: Store) => Store;
  /** Counts from now on; these calls fail. */
  begin(plan: readonly PlannedFault[]): void;
  end(): { readonly calls: readonly Call[]; readonly met: readonly MetFault[] };
};

const LATE_BELL_MS = 2_000;
const LATE_DELIVERY_MS = 90_000;
/** A bell that is lost is not waited for longer than this. */
const LOOK_AGAIN_MS = 60_000;

export function createBorder(clock: () => VirtualClock, die: () => void): FaultBorder {
  let calls: Call[] | null = null;
  let plan: readonly PlannedFault[] = [];
  let met: MetFault[] = [];
  let counts = new Map<string, number>();

  function cross(call: Call): string | null {
    if (calls === null) return null;
    calls.push(call);
    const name = nameOfCall(call);
    const nth = counts.get(name) ?? 0;
    counts.set(name, nth + 1);
    const planned = plan.find((one) => one.name === name && one.nth === nth);
    if (planned === undefined) return null;
    met.push({ ...planned, call });
    return planned.fault;
  }

  function dead(): Promise<never> {
    die();
    return new Promise(() => {});
  }

  function through(store: Store): Store {
    return new Proxy(store, {
      get(target, name: keyof Store) {
        const verb = target[name] as unknown as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          const fault = cross({ kind: 'verb', name, writes: !READING_VERBS.has(name) });
          if (fault === null) return verb.call(target, ...args);
          if (fault === 'crash before') return dead();
          if (fault === 'refused') throw diskFull();
          await verb.call(target, ...args);
          return dead();
        };
      },
    });
  }

  const makeDispatcher: MakeDispatcher = (parts) => {
    const inner = createInProcessDispatcher(parts);
    const ring = () => {
      const fault = cross({ kind: 'bell', name: 'ring' });
      if (fault === 'lost') return;
      if (fault === 'crash before') return die();
      if (fault === 'late') {
        clock()
          .sleep(LATE_BELL_MS)
          .then(inner.ring, () => {});
        return;
      }
      inner.ring();
      if (fault === 'doubled') inner.ring();
    };
    return { ...inner, ring };
  };

  async function delivery(side: Side, receive: () => Promise<number>): Promise<number> {
    const fault = cross({ kind: 'delivery', name: `of ${side === 'jira' ? 'Jira' : 'Bitrix24'}`, side });
    switch (fault) {
      case null:
        return receive();
      case 'lost':
        return 200;
      case 'refused':
        throw new Error('connect ECONNREFUSED');
      case 'late':
        await clock().sleep(LATE_DELIVERY_MS);
        return receive();
      case 'doubled':
        await receive();
        return receive();
      case 'unanswered':
        await receive();
        throw new Error('socket hang up');
      case 'crash before':
        die();
        throw new Error('socket hang up');
      default:
        await receive();
        die();
        throw new Error('socket hang up');
    }
  }

  const request: Border['request'] = async (side, asked, handle) => {
    const fault = cross(requestCall(side, asked));
    if (fault === null) return handle(asked);
    return requestFault(fault)({ side, request: asked, handle, clock: clock(), dead });
  };

  return {
    border: { makeDispatcher, lookAgainMs: LOOK_AGAIN_MS, request, delivery },
    through,
    begin(wanted) {
      calls = [];
      plan = wanted;
      met = [];
      counts = new Map();
    },
    end() {
      const seen = calls ?? [];
      calls = null;
      plan = [];
      return { calls: seen, met };
    },
  };
}

function requestCall(side: Side, request: SandboxRequest): Call {
  const parts = partsOf(side, request);
  return { kind: 'request', side, name: nameOf(side, request), writes: !changesNothing(side, request, parts), parts };
}

/** Without ids, so that the same call has the same name in every run. */
function nameOf(side: Side, request: SandboxRequest): string {
  if (side === 'jira') {
    const path = request.path.replace(/^\/rest\/api\/3\//, '').replace(/\b(BUY-)?\d+\b/g, '#');
    return `Jira ${request.method} ${path}`;
  }
  return `Bitrix24 ${request.path.startsWith('/rest/') ? methodOfPath(request.path) : request.path}`;
}

function partsOf(side: Side, request: SandboxRequest): readonly string[] {
  if (side === 'crm') return batchCommands(request).map((command) => (command.split('?')[0] ?? '').toLowerCase());
  if (!/\/issue\/(bulk|bulkfetch)$/.test(request.path)) return [];
  const body = JSON.parse(Buffer.from(request.body).toString('utf8')) as Record<string, unknown>;
  const list = body.issueUpdates ?? body.issueIdsOrKeys;
  return Array.isArray(list) ? list.map(() => 'issue') : [];
}

export function nameOfCall({ kind, name }: Call): string {
  return `${kind} ${name}`;
}

export function tellCall(call: Call): string {
  const parts = call.kind === 'request' && call.parts.length > 0 ? ` (${partsTold(call.parts)})` : '';
  return `${nameOfCall(call)}${parts}`;
}

function partsTold(parts: readonly string[]): string {
  return parts.length <= 4 ? parts.join(', ') : `${parts.length} of ${parts[0]} and others`;
}
