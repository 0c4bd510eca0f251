// Flows that begin with a person who makes, edits or deletes a record.
import type { Side } from '../../src/model.ts';
import type { SaidFields } from '../simulation/script/script.ts';
import { beginPass, type FaultWorld } from './fault-world.ts';
import type { Flow } from './flow.ts';

const PAIRS = 3;
const FIRST = { jira: 10_401, crm: 7_001 };
/** The record of a pair on a side. */
export const idIn = (side: Side, pair: number) => String(FIRST[side] + (pair % PAIRS));

const DISTRIBUTORS = ['Hydrotech', 'Nordwind Supply', 'Rotor Trade'];
const PEOPLE = ['petrov', 'weber', 'smirnov'];

/** Every field that has a value of its own, so that each has one author. */
export function allFields(round: number): SaidFields {
  return {
    title: `Pump ${round}`,
    amount: 1_000 + round,
    due: `2027-01-${String(1 + (round % 28)).padStart(2, '0')}`,
    note: `note ${round}`,
    labels: `l${round}`,
    distributor: DISTRIBUTORS[round % DISTRIBUTORS.length] as string,
    assignee: PEOPLE[round % PEOPLE.length] as string,
    urgent: round % 2 === 0,
  };
}

export const plain = (round: number): SaidFields => ({ title: `Valve ${round}`, amount: 500 + round });

async function statusIs(world: FaultWorld, id: string, stage: string): Promise<void> {
  if (world.stage.seen('crm').get(id)?.fields.status === stage) return;
  world.stage.edit('crm', id, { status: stage }, 'person');
  await world.settle();
}

/** Into the first stage of the pipeline, and out of that. */
function comesBack({ stage }: FaultWorld, id: string): void {
  stage.move(id, true);
  stage.edit('crm', id, { status: 'Новая' }, 'person');
}

/** A record on `side` that has been given its partner. */
export async function pairMade(world: FaultWorld, side: Side, round: number): Promise<string> {
  const id = world.stage.create(side, { ...plain(round), ...(side === 'crm' ? { status: 'Новая' } : {}) });
  await world.settle();
  return id ?? '';
}

/** What a play prepared for its act. */
const made = new WeakMap<FaultWorld, string>();
export const keep = (world: FaultWorld, id: string) => void made.set(world, id);
export const kept = (world: FaultWorld) => made.get(world) ?? '';

function removal(side: Side, gone: 'delete' | 'unlink'): Flow {
  const of = side === 'jira' ? 'issue' : 'deal';
  return {
    name: `${of}-is-deleted${gone === 'delete' ? '-and-so-is-its-partner' : ''}`,
    setup: { gone },
    prepare: async (world, round) => keep(world, await pairMade(world, side, round)),
    act: (world) => world.stage.remove(side, kept(world)),
  };
}

export const RECORD_FLOWS: readonly Flow[] = [
  { name: 'create-deal', act: ({ stage }, round) => void stage.create('jira', allFields(round)) },
  {
    name: 'create-issue',
    act: ({ stage }, round) => void stage.create('crm', { ...allFields(round), status: 'Новая' }),
  },
  {
    name: 'create-deals',
    everyRun: 3,
    act({ stage }, round) {
      for (let at = 0; at < 3; at += 1) stage.create('jira', { ...plain(round), title: `Set ${round}-${at}` });
    },
  },
  {
    name: 'create-issues',
    everyRun: 3,
    act({ stage }, round) {
      for (let at = 0; at < 3; at += 1) {
        stage.create('crm', { ...plain(round), title: `Set ${round}-${at}`, status: 'Новая' });
      }
    },
  },
  {
    name: 'update-deal',
    act: ({ stage }, round) => void stage.edit('jira', idIn('jira', 0), allFields(round), 'person'),
  },
  {
    name: 'update-issue',
    act: ({ stage }, round) => void stage.edit('crm', idIn('crm', 0), allFields(round), 'person'),
  },
  {
    name: 'update-both',
    act({ stage }, round) {
      stage.edit('jira', idIn('jira', 0), { title: `Pump ${round}`, amount: 2_000 + round }, 'person');
      stage.edit('crm', idIn('crm', 0), { note: `note ${round}`, labels: `l${round}` }, 'person');
    },
  },
  {
    name: 'update-deals',
    act({ stage }, round) {
      for (let at = 0; at < PAIRS; at += 1)
        stage.edit('jira', idIn('jira', at), { title: `Set ${round}-${at}` }, 'person');
    },
  },
  {
    name: 'update-issues',
    act({ stage }, round) {
      for (let at = 0; at < PAIRS; at += 1)
        stage.edit('crm', idIn('crm', at), { title: `Set ${round}-${at}` }, 'person');
    },
  },
  {
    name: 'status-of-deal',
    prepare: (world) => statusIs(world, idIn('crm', 0), 'Новая'),
    act: ({ stage }) => void stage.edit('jira', idIn('jira', 0), { status: 'In Progress' }, 'person'),
  },
  {
    name: 'status-of-issue',
    prepare: (world) => statusIs(world, idIn('crm', 0), 'Новая'),
    act: ({ stage }) => void stage.edit('crm', idIn('crm', 0), { status: 'В работе' }, 'person'),
  },
  removal('jira', 'delete'),
  removal('crm', 'delete'),
  removal('jira', 'unlink'),
  removal('crm', 'unlink'),
  {
    name: 'deal-leaves-the-scope',
    nightly: true,
    prepare: (world) => statusIs(world, idIn('crm', 0), 'Новая'),
    act(world) {
      world.stage.move(idIn('crm', 0), false);
      beginPass(world);
    },
    after: (world) => comesBack(world, idIn('crm', 0)),
  },
  {
    name: 'deal-comes-back',
    everyRun: 10,
    nightly: true,
    async prepare(world, round) {
      await statusIs(world, idIn('crm', 0), 'Новая');
      world.stage.move(idIn('crm', 0), false);
      beginPass(world);
      await world.settle();
      world.stage.edit('jira', idIn('jira', 0), { title: `Pump ${round}` }, 'person');
    },
    act: (world) => comesBack(world, idIn('crm', 0)),
  },
  {
    name: 'deal-waits-no-longer',
    everyRun: 10,
    async prepare({ stage, settle }, round) {
      stage.edit('crm', idIn('crm', 0), { status: 'Черновик' }, 'person');
      await settle();
      stage.edit('jira', idIn('jira', 0), { title: `Pump ${round}` }, 'person');
    },
    act: ({ stage }) => void stage.edit('crm', idIn('crm', 0), { status: 'Новая' }, 'person'),
  },
  {
    name: 'draft-becomes-a-deal',
    everyRun: 10,
    prepare(world, round) {
      keep(world, world.stage.create('crm', { ...plain(round), status: 'Черновик' }) ?? '');
    },
    act: (world) => void world.stage.edit('crm', kept(world), { status: 'Новая' }, 'person'),
  },
  {
    name: 'both-are-made-by-hand',
    everyRun: 15,
    unmarked: true,
    act({ stage }, round) {
      stage.create('jira', { title: `Twice ${round}`, amount: 700 });
      stage.create('crm', { title: `Twice ${round}`, amount: 700, status: 'Новая' });
    },
  },
];
