// The faults of the catalogue that a world can have, each with what it takes to bring it about. What operations must see
// of it stands beside it: a figure that rises, a message of the log, a line of `status`.
import { UnavailableError } from '../../src/errors.ts';
import type { Step } from './daemon-life.ts';
import { type DeskOptions, type Labels, type OpsDesk, QUICK } from './ops-desk.ts';
import { tamperWith } from './world-state.ts';
import { writesIn } from './write-log.ts';

export type Seen = {
  readonly figures: readonly (readonly [metric: string, labels?: Labels])[];
  readonly messages?: readonly string[];
  readonly status?: RegExp;
};

export type Fault = Seen & {
  readonly f: number;
  readonly what: string;
  readonly desk?: DeskOptions | ((folder: string) => DeskOptions);
  /** Up to the moment from which it must be seen within a minute. */
  readonly happen: (desk: OpsDesk) => Promise<void> | void;
};

const MINUTE = 60_000;
const CREATE = { method: 'POST', path: '/\\/issue(\\/bulk)?$/' };
const NOTE = '{ jira: "Customer note", crm: "Примечание" }';

const jira = ({ world }: OpsDesk) => world.sandbox.jira;
const bitrix24 = ({ world }: OpsDesk) => world.sandbox.bitrix24;

function editPair({ office }: OpsDesk, round = 1): void {
  office.editDeal(office.at(0).crm, { opportunity: 9_000 + round });
  office.editIssue(office.at(0).jira, { duedate: `2027-01-${10 + round}` });
}

function newDeal({ office }: OpsDesk, title = 'Filters for hall 3'): void {
  office.newDeal({ title, stage: 'Новая', opportunity: 50 });
}

function justBeforeWrite({ world }: OpsDesk, edit: () => void): void {
  world.watch((step: Step) => {
    if (step.kind !== 'request' || step.side !== 'crm') return;
    if (!writesIn('crm', step.request, 0).some((write) => write.what === 'update')) return;
    world.watch(null);
    edit();
  });
}

export const FAULTS: readonly Fault[] = [
  {
    f: 1,
    what: 'a delivery comes five times',
    happen(desk) {
      desk.world.disturb({ copies: 5, withinMs: 5_000, seed: 3 });
      desk.office.editIssue(desk.office.at(0).jira, { duedate: '2027-01-20' });
    },
    figures: [['webhook_duplicate_total', { connection: 'jira' }]],
  },
  {
    f: 3,
    what: 'every delivery is lost',
    happen(desk) {
      desk.office.webhooks('lost');
      editPair(desk);
    },
    figures: [
      ['sweep_found_total', { side: 'jira' }],
      ['sweep_found_total', { side: 'crm' }],
      ['hint_gap_seconds', { connection: 'jira' }],
      ['hint_gap_seconds', { connection: 'bitrix24' }],
    ],
  },
  {
    f: 4,
    what: 'the registration of the webhook is gone when it is looked at',
    desk: { application: true },
    async happen(desk) {
      const { world } = desk;
      await world.idle(2 * MINUTE);
      bitrix24(desk).product.configure({ webhooks: [], app: null });
      await world.idle(61 * MINUTE);
      await world.clock.until(world.events.tick());
    },
    figures: [['registration_checks_total', { connection: 'bitrix24', result: 'failed' }]],
    messages: ['registration of webhooks not checked'],
  },
  {
    f: 5,
    what: 'our own writes come back as events',
    happen: editPair,
    figures: [['echo_total', { profile: 'procurement' }]],
  },
  {
    f: 6,
    what: 'a robot rewrites a field that we write',
    desk: { profile: QUICK.replace(NOTE, '{ jira: "Customer note", crm: "Примечание", conflict: jira }') },
    async happen(desk) {
      bitrix24(desk).product.configure({
        robots: [{ on: 'Примечание', rewrite: { field: 'Примечание', prefix: '>' }, afterMs: 500 }],
      });
      for (let round = 0; round < 12; round += 1) {
        desk.office.editIssue(desk.office.at(0).jira, { 'Customer note': `call ${round % 2}` });
        await desk.world.run(20_000);
      }
    },
    figures: [['parked_records', { kind: 'flip-flop' }]],
    status: /1 flip-flop/,
  },
  {
    f: 7,
    what: 'another tool writes the same field back and forth',
    async happen(desk) {
      for (let round = 0; round < 8; round += 1) {
        desk.office.editIssue(desk.office.at(0).jira, { 'Customer note': 'what Jira has' });
        await desk.world.run(10_000);
        desk.office.editDeal(desk.office.at(0).crm, { Примечание: 'what the tool has' });
        await desk.world.run(10_000);
      }
    },
    figures: [['parked_records', { kind: 'flip-flop' }]],
    status: /1 flip-flop/,
  },
  {
    f: 8,
    what: 'the daemon dies while a create is under way',
    desk: (folder) => ({ stateFile: `${folder}/state.db` }),
    async happen(desk) {
      const { world } = desk;
      world.watch((step) => {
        if (step.kind === 'stored' && step.verb === 'moveIntent') world.kill();
      });
      newDeal(desk);
      await world.clock.runFor(5_000);
      world.watch(null);
      await world.restart();
    },
    figures: [['intents', { state: 'doubtful' }]],
    status: /1 doubtful-create/,
  },
  {
    f: 9,
    what: 'the answer to a create is lost, and it had happened',
    happen(desk) {
      jira(desk).faults.replace([{ match: CREATE, kind: 'drop-after', times: 1 }]);
      newDeal(desk);
    },
    figures: [
      ['ambiguous_total', { outcome: 'unknown' }],
      ['ambiguous_total', { outcome: 'found' }],
    ],
  },
  {
    f: 10,
    what: 'the answer to a create is lost, and it had not happened',
    async happen(desk) {
      jira(desk).faults.replace([{ match: CREATE, kind: 'drop-before', times: 1 }]);
      newDeal(desk);
      // Until it cannot happen any more: Jira's own limit, and ours.
      await desk.world.run(8 * MINUTE);
    },
    figures: [
      ['ambiguous_total', { outcome: 'unknown' }],
      ['ambiguous_total', { outcome: 'absent' }],
    ],
    messages: ['a create without an answer is proven not to have happened'],
  },
  {
    f: 11,
    what: 'the search of Jira lags',
    happen(desk) {
      jira(desk).product.configure({ indexLagMs: 15 * MINUTE });
      desk.office.editIssue(desk.office.at(0).jira, { duedate: '2027-01-20' });
    },
    figures: [['index_lag_seconds', { connection: 'jira' }]],
  },
  {
    f: 12,
    what: 'one command of a batch fails, the others do not',
    happen(desk) {
      const denied = { method: 'crm.item.update', status: 400, error: 'ACCESS_DENIED', description: 'Доступ запрещён' };
      bitrix24(desk).product.configure({ failures: [denied] });
      desk.office.editIssue(desk.office.at(0).jira, { duedate: '2027-01-20' });
    },
    figures: [['parked_records', { kind: 'RejectedError' }]],
    status: /1 RejectedError/,
  },
  {
    f: 13,
    what: 'Jira and Bitrix24 refuse by their limits',
    async happen(desk) {
      const headers = { 'Retry-After': '40' };
      jira(desk).faults.replace([{ match: {}, kind: 'status', status: 429, headers, times: 1 }]);
      desk.office.editIssue(desk.office.at(0).jira, { duedate: '2027-01-20' });
      await desk.world.run(2_000);
      const limit = { status: 503, error: 'QUERY_LIMIT_EXCEEDED', description: 'Too many requests' };
      bitrix24(desk).product.configure({ failures: [{ method: '*', ...limit }] });
      editPair(desk);
    },
    figures: [
      ['api_limited_total', { connection: 'jira' }],
      ['api_limited_total', { connection: 'bitrix24' }],
      ['limiter_held_seconds', { connection: 'bitrix24' }],
      ['remote_error_total', { connection: 'jira', kind: 'limited' }],
    ],
    messages: ['Jira asked to slow down'],
  },
  {
    f: 14,
    what: 'a page of a gateway, and half an answer',
    happen(desk) {
      jira(desk).faults.replace([{ match: {}, kind: 'html', status: 502 }]);
      bitrix24(desk).faults.replace([{ match: {}, kind: 'truncate' }]);
      editPair(desk);
    },
    figures: [
      ['remote_error_total', { connection: 'jira', kind: 'server' }],
      ['remote_error_total', { connection: 'bitrix24', kind: 'unreadable' }],
    ],
  },
  {
    f: 15,
    what: 'the connection breaks, hangs, or leads elsewhere',
    async happen(desk) {
      jira(desk).faults.replace([
        { match: {}, kind: 'drop-before', times: 2 },
        { match: {}, kind: 'status', status: 302, headers: { Location: 'https://elsewhere.example/' } },
      ]);
      bitrix24(desk).faults.replace([{ match: {}, kind: 'hang' }]);
      editPair(desk);
      await desk.world.run(30_000);
    },
    figures: [
      ['remote_error_total', { connection: 'jira', kind: 'connection' }],
      ['remote_error_total', { connection: 'jira', kind: 'redirect' }],
      ['remote_error_total', { connection: 'bitrix24', kind: 'timeout' }],
    ],
  },
  {
    f: 16,
    what: 'the access token runs out',
    desk: { application: true },
    async happen(desk) {
      await desk.world.idle(62 * MINUTE);
      desk.office.editIssue(desk.office.at(0).jira, { duedate: '2027-01-20' });
    },
    figures: [['token_refresh_total', { connection: 'bitrix24', outcome: 'renewed' }]],
  },
  {
    f: 17,
    what: 'the credential is revoked',
    happen(desk) {
      jira(desk).product.configure({ revokeToken: true });
      editPair(desk);
    },
    figures: [['connection_state', { connection: 'jira', state: 'refused' }]],
    messages: ['connection paused'],
    status: /Connection jira: paused/,
  },
  {
    f: 18,
    what: 'our account may not see the deals any more',
    desk: { pairs: 6 },
    happen(desk) {
      bitrix24(desk).product.configure({ denyEntity: { deal: 'empty' } });
      for (const { jira: id } of desk.office.pairs) desk.office.editIssue(id, { duedate: '2027-01-20' });
    },
    figures: [['profile_blind', { profile: 'procurement' }]],
    messages: ['records cannot be read any more'],
    status: /procurement waits/,
  },
  {
    f: 19,
    what: 'a field is renamed',
    async happen(desk) {
      jira(desk).product.configure({ renameField: { id: 'Distributor', name: 'Distributors' } });
      desk.world.clock.jump(10 * MINUTE);
      await desk.keeper.look();
    },
    figures: [['profile_reload_failed'], ['profile_problems']],
    messages: ['profile refused, the last good version runs'],
    status: /profile files are refused[\s\S]*Distributor/,
  },
  {
    f: 20,
    what: 'an option is removed',
    happen(desk) {
      jira(desk).product.configure({ removeOption: { field: 'Distributor', option: 'Rotor Trade' } });
      desk.office.editDeal(desk.office.at(0).crm, { 'Дистрибьютор по сделке': 'Rotor Trade' });
    },
    figures: [['parked_records', { kind: 'RejectedError' }], ['links_unsettled']],
    status: /1 RejectedError/,
  },
  {
    f: 21,
    what: 'a product cuts a text and answers success',
    happen(desk) {
      bitrix24(desk).product.configure({ coerce: [{ field: 'Примечание', cut: 10 }] });
      desk.office.editIssue(desk.office.at(0).jira, { 'Customer note': 'please call before noon' });
    },
    figures: [
      ['coercion_total', { profile: 'procurement', field: 'Примечание' }],
      ['parked_records', { kind: 'coercion' }],
    ],
    status: /1 coercion/,
  },
  {
    f: 22,
    what: 'a record is deleted',
    desk: { pairs: 4 },
    async happen(desk) {
      desk.office.remove('crm', desk.office.at(1).crm);
      await desk.world.run(30_000);
    },
    figures: [
      ['given_up_total', { action: 'unlink' }],
      ['links', { state: 'gone' }],
    ],
    messages: ['pair given up'],
  },
  {
    f: 23,
    what: 'an issue is cloned, and a deal merged into another one',
    desk: { pairs: 4 },
    async happen(desk) {
      const { office } = desk;
      const made = office.newDeal({ title: 'Filters for hall 3', stage: 'Новая', opportunity: 50 });
      await desk.world.run(10_000);
      const original = office.issues().find((issue) => issue.dealNumber === made);
      jira(desk).product.configure({ cloneIssue: { issue: original?.key ?? '' } });
      const winner = office.newDeal({ title: 'Lot 0, entered twice', stage: 'Черновик', opportunity: 5 });
      await desk.world.run(MINUTE);
      const losers = [Number(office.at(1).crm)];
      bitrix24(desk).product.configure({ merge: { entity: 'deal', winner: Number(winner), losers } });
      await desk.world.run(30_000);
    },
    figures: [['marker_clone_total'], ['merged_total', { outcome: 'followed' }]],
    messages: ['copied mark ignored', 'pair goes on with another record'],
  },
  {
    f: 24,
    what: 'two people change one field to different values',
    happen(desk) {
      const [pair] = desk.office.pairs;
      desk.office.editIssue(pair?.jira ?? '', { summary: 'Seals for Jira' });
      desk.office.editDeal(pair?.crm ?? '', { title: 'Seals for the CRM' });
    },
    figures: [['conflicts_open', { profile: 'procurement' }]],
    status: /conflicts list/,
  },
  {
    f: 25,
    what: 'somebody writes between our read and our write',
    happen(desk) {
      const { office } = desk;
      justBeforeWrite(desk, () => office.editDeal(office.at(0).crm, { closedate: '2027-02-02' }));
      office.editIssue(office.at(0).jira, { duedate: '2027-01-20' });
    },
    figures: [['overwrite_total', { side: 'crm' }]],
  },
  {
    f: 26,
    what: 'the clocks of the products are ahead of ours',
    happen(desk) {
      desk.world.skew(90_000);
      editPair(desk);
    },
    figures: [
      ['clock_skew_seconds', { connection: 'jira' }],
      ['clock_skew_seconds', { connection: 'bitrix24' }],
    ],
  },
  {
    f: 28,
    what: 'a pair is settled by somebody else while we work on it',
    desk: (folder) => ({ stateFile: `${folder}/state.db` }),
    happen(desk) {
      const { stateFile = '' } = desk.options;
      desk.world.watch((step) => {
        if (step.kind !== 'request' || step.side !== 'crm') return;
        desk.world.watch(null);
        void tamperWith(stateFile, [['UPDATE link SET revision = revision + 1']]);
      });
      editPair(desk);
    },
    figures: [['commit_lost_race_total', { profile: 'procurement' }]],
  },
  {
    f: 30,
    what: 'the disk of the state is full',
    happen(desk) {
      const error = new UnavailableError('The state cannot be used: disk full', 'Free space.', { ambiguous: false });
      desk.world.refuse(['acceptDelivery'], error);
      editPair(desk);
    },
    figures: [['webhook_received_total', { verdict: 'failed' }]],
    messages: ['webhook could not be stored'],
  },
  {
    f: 31,
    what: 'the state is lost',
    desk: (folder) => ({ stateFile: `${folder}/state.db`, pairs: 3 }),
    async happen(desk) {
      desk.world.loseState();
      await desk.world.restart();
      await desk.world.settle();
      await desk.keeper.note();
    },
    figures: [['state_rebuilt', { profile: 'procurement' }]],
    messages: ['an earlier state was lost, pairs are found again by their marks'],
  },
  {
    f: 32,
    what: 'a profile is edited while it runs, well and then badly',
    async happen(desk) {
      desk.keeper.save(QUICK.replace('every: 20s', 'every: 25s'));
      await desk.keeper.look();
      desk.keeper.save(QUICK.replace('jira: summary', 'jira: sumary'));
      await desk.keeper.look();
    },
    figures: [['profile_reload_failed'], ['profile_reload_total']],
    messages: ['profile loaded', 'profile refused, the last good version runs'],
    status: /sumary/,
  },
  {
    f: 34,
    what: 'a description of 30,000 characters',
    happen: (desk) => desk.office.editIssue(desk.office.at(0).jira, { description: 'Уралнасос '.repeat(3_000) }),
    figures: [['webhook_bytes_sum', { connection: 'jira' }]],
  },
  {
    f: 35,
    what: 'a text longer than the other side takes',
    happen: (desk) => desk.office.editDeal(desk.office.at(0).crm, { title: 'Насос '.repeat(60) }),
    figures: [['truncated_total', { profile: 'procurement' }]],
  },
  {
    f: 39,
    what: 'an amount in another currency',
    happen: (desk) => desk.office.editDeal(desk.office.at(0).crm, { opportunity: 500, currencyId: 'USD' }),
    figures: [['parked_records', { kind: 'MappingError' }]],
    status: /1 MappingError/,
  },
  {
    f: 41,
    what: 'a person whom nobody knows on the other side',
    desk: { people: { map: [], fallback: {} } },
    happen: (desk) => desk.office.editDeal(desk.office.at(0).crm, { assignedById: 'Irina Ivanova' }),
    figures: [['parked_records', { kind: 'MappingError' }]],
    status: /1 MappingError/,
  },
  {
    f: 44,
    what: 'one record whose writes are always refused',
    desk: { pairs: 3 },
    happen(desk) {
      jira(desk).product.configure({ deny: ['edit'] });
      desk.office.editDeal(desk.office.at(0).crm, { opportunity: 9_000 });
    },
    figures: [['parked_records', { kind: 'RejectedError' }]],
    status: /parked list/,
  },
  {
    f: 45,
    what: 'a product is away while people edit',
    desk: { pairs: 20 },
    async happen(desk) {
      jira(desk).faults.replace([{ match: {}, kind: 'drop-before' }]);
      for (const { crm } of desk.office.pairs) desk.office.editDeal(crm, { opportunity: 7_000 });
      await desk.world.run(30_000);
    },
    figures: [
      ['connection_state', { connection: 'jira', state: 'unanswered' }],
      ['dirty_rows', { lane: 'live' }],
      ['oldest_dirty_seconds', { lane: 'live' }],
    ],
    messages: ['connection paused'],
    status: /20 records wait: .*did not answer/,
  },
  {
    f: 46,
    what: 'a hundred edits of one deal in a moment',
    happen(desk) {
      for (let at = 0; at < 100; at += 1) desk.office.editDeal(desk.office.at(0).crm, { opportunity: 1_000 + at });
    },
    figures: [
      ['hints_total', { cause: 'event' }],
      ['webhook_received_total', { connection: 'bitrix24', verdict: 'accepted' }],
    ],
  },
  {
    f: 47,
    what: 'a page of the search is empty and has a next one',
    happen(desk) {
      const body = { issues: [], nextPageToken: 'again', isLast: false };
      jira(desk).faults.replace([{ match: { path: 'search/jql' }, kind: 'status', status: 200, body }]);
    },
    figures: [['page_anomaly_total', { connection: 'jira', kind: 'empty-page' }]],
  },
];
