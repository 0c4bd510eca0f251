// Carries out the actions of a schedule at their times, and tells the story.
import type { Side } from '../../../src/model.ts';
import type { Action, SaidFields, Setup } from '../script/script.ts';
import { firstIds } from '../stage/first-company.ts';
import type { Stage } from '../stage/stage.ts';
import type { Daemon } from './daemon.ts';
import type { Desk } from './desk.ts';

export type Line = { readonly at: number; readonly text: string };

export type Actor = {
  perform(actions: readonly Action[]): Promise<void>;
  /** All faults are over, and the daemon runs. */
  heal(): Promise<void>;
  readonly story: readonly Line[];
};

const SECOND = 1_000;

export function createActor(options: {
  readonly stage: Stage;
  readonly daemon: Daemon;
  readonly desk: Desk;
  readonly setup: Setup;
  /** Before the state is lost. */
  readonly onLoss: () => Promise<void>;
}): Actor {
  const { stage, daemon, desk, setup } = options;
  const { clock } = stage;
  const records = firstIds(setup);
  const story: Line[] = [];
  const heals = new Set<() => void>();
  /** What becomes due besides the actions: the ends of faults, restarts. */
  let later: { at: number; run: () => Promise<void> | void }[] = [];
  let racing: { side: Side; run: () => void } | null = null;
  let robots = 0;
  let serial = 0;

  function tell(text: string): void {
    story.push({ at: clock.now(), text });
  }

  function soon(ms: number, run: () => Promise<void> | void): void {
    later.push({ at: clock.now() + ms, run });
  }

  daemon.watch((step) => {
    if (racing === null || step.kind !== 'request' || !step.writes || step.side !== racing.side) return;
    const { run } = racing;
    racing = null;
    run();
  });

  stage.onHappening(({ actor, side, id, changes }) => {
    if (actor !== 'daemon' || robots === 0 || !changes.some(({ field }) => field === 'note')) return;
    robots -= 1;
    serial += 1;
    const note = `Robot r${serial}`;
    clock.sleep(SECOND).then(
      () => {
        stage.edit(side, id, { note }, 'robot');
        tell(`the robot of ${side} puts "${note}" into ${id}`);
      },
      () => {},
    );
  });

  /** The record of that name on a side: where it began, or the partner that was found or made for it. */
  function idOf(name: string, side: Side): string | null {
    const known = records.get(name);
    const own = known?.[side];
    if (own !== undefined) return own;
    const other = known?.[side === 'jira' ? 'crm' : 'jira'];
    return other === undefined ? null : partnerOf(stage, side, other);
  }

  function edit(side: Side, record: string, fields: SaidFields, how: string): void {
    const id = idOf(record, side);
    if (id === null) {
      tell(`${record} has no record in ${side} to be edited`);
      return;
    }
    const done = stage.edit(side, id, fields, 'person');
    tell(`${how} ${side} ${id} (${record}): ${JSON.stringify(fields)}${done ? '' : ' - refused'}`);
  }

  function disturb(text: string, forMs: number, begin: () => () => void): void {
    tell(text);
    const heal = begin();
    heals.add(heal);
    soon(forMs, () => {
      if (!heals.delete(heal)) return;
      heal();
      tell(`over: ${text}`);
    });
  }

  async function restart(): Promise<void> {
    tell('the daemon is started again');
    await daemon.start();
  }

  function die(downMs: number, loseState: boolean): void {
    tell(`the daemon dies${loseState ? ', and its state is lost' : ''}`);
    soon(downMs, async () => {
      if (loseState) {
        await options.onLoss();
        daemon.loseState();
      }
      await restart();
    });
  }

  type Deeds = { readonly [K in Action['do']]: (action: Extract<Action, { do: K }>) => void };

  const deeds: Deeds = {
    edit: ({ side, record, fields }) => edit(side, record, fields, 'edit'),
    race({ side, record, fields }) {
      racing = { side, run: () => edit(side, record, fields, 'just before a write:') };
    },
    create({ side, record, fields }) {
      const id = stage.create(side, fields);
      if (id !== null) records.set(record, { [side]: id });
      tell(`create ${side} ${id} (${record}): ${JSON.stringify(fields)}`);
    },
    delete({ side, record }) {
      const id = idOf(record, side);
      if (id !== null) stage.remove(side, id);
      tell(`delete ${side} ${id} (${record})`);
    },
    leave: ({ record }) => move(record, false),
    return: ({ record }) => move(record, true),
    robot({ times }) {
      robots = times;
      tell(`a robot waits for notes, ${times} times`);
    },
    'kill-told': ({ downMs }) =>
      stage.onAcknowledged(() => {
        stage.onAcknowledged(null);
        daemon.kill();
        die(downMs, false);
      }),
    kill: ({ steps, downMs, loseState }) => daemon.doom(steps, () => die(downMs, loseState)),
    fault: (fault) =>
      disturb(`${fault.side}: ${fault.op} requests ${fault.kind}, ${fault.times} times`, fault.forMs, () =>
        stage.fault(fault),
      ),
    outage: ({ side, forMs }) => disturb(`${side} is down`, forMs, () => stage.outage(side)),
    revoke: ({ side, forMs }) => disturb(`the credential of ${side} is refused`, forMs, () => stage.revoke(side)),
    lag: ({ ms, forMs }) => disturb(`the index lags ${ms} ms`, forMs, () => stage.lag(ms)),
    webhooks: ({ side, mode, forMs }) =>
      disturb(`webhooks of ${side}: ${mode}`, forMs, () => stage.webhooks(side, mode)),
    clock({ skewMs }) {
      tell(`the daemon's clock jumps to ${skewMs} ms`);
      stage.skew(skewMs);
    },
    decide() {
      soon(0, desk.decide);
      tell('people decide the open conflicts');
    },
    retry() {
      soon(0, desk.retry);
      tell('people have what is parked tried again');
    },
    resync() {
      desk.resync(false).catch((error) => tell(`the pass over everything ends: ${error.message}`));
      tell('people have everything passed over');
    },
    pause({ forMs }) {
      soon(0, desk.pause);
      soon(forMs, () => desk.resume(false));
      tell('people pause the profile');
    },
    'edit-profile': () => {
      daemon.editProfile();
      tell('people edit a remark in the profile');
    },
    coerce: ({ side, field, forMs }) =>
      disturb(`${side} keeps ${field} otherwise`, forMs, () => stage.coerce(side, field)),
    'no-field': ({ side, field, forMs }) =>
      disturb(`${side} has no ${field} any more`, forMs, () => stage.noField(side, field)),
    'no-option': ({ side, option, forMs }) =>
      disturb(`${side} has no ${option} any more`, forMs, () => stage.noOption(side, option)),
  };

  function move(record: string, inScope: boolean): void {
    const id = idOf(record, 'crm');
    if (id !== null) stage.move(id, inScope);
    tell(`crm ${id} (${record}) ${inScope ? 'comes back to' : 'leaves'} the pipeline`);
  }

  function act(action: Action): void {
    const deed = deeds[action.do] as (action: Action) => void;
    deed(action);
  }

  async function runTo(time: number): Promise<void> {
    for (;;) {
      const next = later.reduce<(typeof later)[number] | null>(
        (first, one) => (first === null || one.at < first.at ? one : first),
        null,
      );
      if (next === null || next.at > time) break;
      later = later.filter((one) => one !== next);
      await clock.runFor(Math.max(0, next.at - clock.now()));
      await next.run();
    }
    await clock.runFor(Math.max(0, time - clock.now()));
  }

  return {
    story,
    async perform(actions) {
      const start = clock.now();
      for (const action of actions) {
        await runTo(start + action.at);
        act(action);
      }
      await runTo(start + setup.hours * 3_600_000);
    },
    async heal() {
      racing = null;
      robots = 0;
      daemon.spare();
      stage.onAcknowledged(null);
      for (const heal of heals) heal();
      heals.clear();
      later = [];
      stage.skew(0);
      await desk.resume(false);
      tell('all faults are over');
      if (daemon.life === null) await restart();
      // Options and fields that came back are read anew: as an administrator would have it done.
      else await daemon.reload();
    },
  };
}

/** By the marks that the records carry, and the number that an issue shows of its deal. */
export function partnerOf(stage: Stage, side: Side, otherId: string): string | null {
  const seen = stage.seen(side);
  const others = stage.seen(side === 'jira' ? 'crm' : 'jira');
  const mark = side === 'jira' ? `crm-deal-${otherId}` : `issue-${otherId}`;
  for (const record of seen.values()) if (record.mark === mark) return record.id;
  const named = others.get(otherId)?.mark?.replace(side === 'jira' ? 'issue-' : 'crm-deal-', '') ?? null;
  return named !== null && seen.has(named) ? named : null;
}
