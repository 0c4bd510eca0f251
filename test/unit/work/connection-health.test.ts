import { beforeEach, expect, it } from 'vitest';
import type { Connector } from '../../../src/connectors/connector.ts';
import { AuthError, RejectedError, UnavailableError } from '../../../src/errors.ts';
import { seededRandom, silentLog } from '../../../src/ports.ts';
import {
  type ConnectionHealth,
  createConnectionHealth,
  type HealthState,
} from '../../../src/work/connection-health.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const away = () => new UnavailableError('Jira does not answer', 'Wait', { ambiguous: false });
const REFUSED = new AuthError('the API token is dead', 'Make a new one');

let clock: VirtualClock;
let health: ConnectionHealth;
let states: HealthState['state'][];
let probes: number;
let probed: Error | null;

beforeEach(() => {
  clock = createVirtualClock();
  states = [];
  probes = 0;
  probed = away();
  const connector = {
    connection: 'jira',
    identify: async () => {
      probes += 1;
      if (probed !== null) throw probed;
      return {};
    },
  } as unknown as Connector;
  const onChange = ({ state }: HealthState) => {
    states.push(state);
  };
  health = createConnectionHealth({ connector, clock, random: seededRandom(1), log: silentLog, onChange });
});

const fails = (error: Error) => health.through(() => Promise.reject(error)).catch((thrown: Error) => thrown);
const works = () => health.through(async () => 'answer');

async function pause(): Promise<void> {
  for (let times = 0; times < 3; times += 1) await fails(away());
  expect(health.state().state).toBe('paused');
}

/** Until the probe is answered. */
async function heal(): Promise<void> {
  probed = null;
  await clock.advance(60_000);
  expect(await health.ready()).toBe(true);
}

it('pauses after three unanswered calls in a row, not for single ones and not for refusals', async () => {
  for (let times = 0; times < 5; times += 1) {
    await fails(away());
    await fails(away());
    await works();
    await fails(new RejectedError('too long', 'Shorten it', 'jira', 'summary'));
  }
  expect(states).toEqual([]);
  await pause();
});

it('counts a request that many had shared once', async () => {
  const error = away();
  await Promise.all([fails(error), fails(error), fails(error), fails(error)]);
  expect(health.state().state).toBe('up');
  await fails(away());
  await fails(away());
  expect(health.state().state).toBe('paused');
});

it('pauses at once when the credential is refused, and looks again after five minutes', async () => {
  await fails(REFUSED);
  probed = REFUSED;
  for (let minutes = 0; minutes < 30; minutes += 1) {
    await clock.advance(60_000);
    await health.ready();
  }
  expect(probes).toBe(6);
});

it('sends nothing but the probe while it is paused, once a minute at most', async () => {
  await pause();
  let sent = 0;
  for (let seconds = 0; seconds < 3_600; seconds += 5) {
    await clock.advance(5_000);
    const together = await Promise.all([health.ready(), health.ready()]);
    expect(together).toEqual([false, false]);
    const call = health.through(async () => {
      sent += 1;
    });
    await expect(call).rejects.toMatchObject({ name: 'UnavailableError', ambiguous: false, cure: 'Wait' });
  }
  expect(sent).toBe(0);
  expect(probes).toBeGreaterThanOrEqual(50);
  expect(probes).toBeLessThanOrEqual(70);
});

it('lets one call go ahead of the others when it is back, and all of them once that was answered', async () => {
  await pause();
  await heal();
  const running: string[] = [];
  let answer = () => {};
  const first = health.through(() => {
    running.push('first');
    return new Promise<void>((resolve) => {
      answer = resolve;
    });
  });
  const others = ['second', 'third'].map((name) => health.through(async () => running.push(name)));
  await clock.settle();
  expect(running).toEqual(['first']);
  answer();
  await Promise.all([first, ...others]);
  expect(running).toEqual(['first', 'second', 'third']);
});

it('pauses again when that one call is not answered, and refuses those that waited for it', async () => {
  await pause();
  await heal();
  let sent = 0;
  const send = async () => {
    sent += 1;
    await clock.sleep(1_000);
    throw away();
  };
  const calls = Array.from({ length: 50 }, () => health.through(send).catch((error: Error) => error));
  await clock.advance(1_000);
  await Promise.all(calls);
  expect(sent).toBe(1);
  expect(states.filter((state, at) => state !== states[at - 1])).toEqual(['paused', 'up', 'paused']);
});

it('lets the next call try when the first one was called off', async () => {
  await pause();
  await heal();
  const aborted = new Error('the daemon stops');
  const calls = [fails(aborted), works(), works()];
  expect(await Promise.all(calls)).toEqual([aborted, 'answer', 'answer']);
});

it('is not healed by an answer to what was sent before the pause', async () => {
  const late = health.through(async () => {
    await clock.sleep(2_000);
  });
  await pause();
  await clock.advance(2_000);
  await late;
  expect(health.state().state).toBe('paused');
});

it('refuses pages while it is paused, and pauses when they are not answered', async () => {
  async function* breakingOff(): AsyncGenerator<number> {
    yield 1;
    throw away();
  }
  const read = async () => {
    for await (const _ of health.pages(breakingOff)) {
      // Only the way they end matters.
    }
  };
  for (let times = 0; times < 2; times += 1) await expect(read()).rejects.toBeInstanceOf(UnavailableError);
  await pause();
  await expect(read()).rejects.toThrow('The connection jira is paused: Jira does not answer');
});
