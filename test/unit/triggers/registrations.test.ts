// Registrations in the products, looked at every hour; what vanished comes back and is told.
import { expect, it } from 'vitest';
import type { SubscribeAsk, Subscription } from '../../../src/connectors/event-source.ts';
import { UnavailableError } from '../../../src/errors.ts';
import type { ScopeSpec } from '../../../src/model.ts';
import { type Details, type Log, silentLog } from '../../../src/ports.ts';
import { createRegistrationKeeper, handlerAddress } from '../../../src/triggers/registrations.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const MINUTE = 60_000;

function keeping() {
  const clock = createVirtualClock();
  const asks: SubscribeAsk[] = [];
  const told: [string, Details | undefined][] = [];
  const looks: string[] = [];
  const log: Log = { ...silentLog, warn: (message, details) => told.push([message, details]) };
  const world = {
    ours: true,
    specs: [{ entity: 'issue', project: 'BUY' }] as readonly ScopeSpec[],
    answer: async (): Promise<Subscription> => ({
      steps: [{ done: 'kept', what: 'webhook' }],
      missing: [],
      remarks: [],
    }),
  };
  const keeper = createRegistrationKeeper({
    registrations: [
      {
        name: 'jira',
        handler: handlerAddress('https://sync.example/', 'jira'),
        subscribe: (ask) => {
          asks.push(ask);
          return world.answer();
        },
      },
    ],
    specs: () => world.specs,
    isOurs: async () => world.ours,
    clock,
    log,
    metrics: { registration: (name, result) => looks.push(`${name} ${result}`) },
  });
  async function minutes(count: number): Promise<void> {
    for (let minute = 0; minute < count; minute += 1) {
      clock.jump(MINUTE);
      await keeper.tick();
    }
  }
  return { keeper, world, asks, told, looks, minutes };
}

it('looks once an hour, and never takes over what points elsewhere', async () => {
  const { asks, told, minutes } = keeping();
  await minutes(181);
  expect(asks).toHaveLength(4);
  for (const ask of asks) {
    expect(ask).toMatchObject({ handler: 'https://sync.example/webhooks/jira', takeOver: false, lane: 'bulk' });
  }
  expect(told).toEqual([]);
});

it('leaves alone what nobody ran connect for', async () => {
  const { world, asks, minutes } = keeping();
  world.ours = false;
  await minutes(120);
  expect(asks).toEqual([]);
});

it('looks again at once when the profiles name other records, or the product dropped everything', async () => {
  const { keeper, world, asks, minutes } = keeping();
  await minutes(2);
  expect(asks).toHaveLength(1);
  world.specs = [{ entity: 'issue', project: 'OPS' }];
  await minutes(1);
  expect(asks.at(-1)?.specs).toEqual(world.specs);
  keeper.lookAgain('jira');
  await minutes(1);
  expect(asks).toHaveLength(3);
});

it('tells what it put right, and what it could not look at', async () => {
  const { world, told, looks, minutes } = keeping();
  world.answer = async () => ({
    steps: [
      { done: 'made', what: 'webhook jira-crm-sync' },
      { done: 'kept', what: 'another' },
    ],
    missing: [],
    remarks: [],
  });
  await minutes(1);
  const steps = ['made: webhook jira-crm-sync'];
  expect(told).toEqual([['registration of webhooks put right', { connection: 'jira', steps }]]);
  const error = new UnavailableError('no answer', 'wait', { ambiguous: false });
  world.answer = async () => {
    throw error;
  };
  await minutes(60);
  expect(told.at(-1)).toEqual(['registration of webhooks not checked', { connection: 'jira', error }]);
  expect(looks).toEqual(['jira repaired', 'jira failed']);
});
