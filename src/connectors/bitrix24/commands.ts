// Where the asks of all paths meet and become batches: reads by fifty, writes by what 60 seconds allow, never together,
// because a batch that is cut leaves every write in it in doubt.
import { UnavailableError } from '../../errors.ts';
import type { WriteHooks } from '../ask.ts';
import { announce, createCoalescer, type Outcome } from '../coalesce.ts';
import type { Ask } from '../connector.ts';
import { type Command, type CommandOutcome, losesMeaning, MAX_COMMANDS, type Time } from './batch.ts';
import type { Client } from './client.ts';

/** Commands on one record, run in this order within one request. */
export type WriteUnit = WriteHooks & { readonly commands: readonly Command[] };

export type Commands = {
  read(command: Command, ask: Ask): Promise<CommandOutcome>;
  /** One outcome per command of the unit. */
  write(unit: WriteUnit, ask: Ask): Promise<readonly CommandOutcome[]>;
};

export const MOST_UNITS = 10;
/** A third of the time after which the cloud cuts a request. */
const BATCH_SECONDS = 20;

export function createCommands(client: Client): Commands {
  let unitsPerBatch = MOST_UNITS;

  const reads = createCoalescer<Command, CommandOutcome>({
    maxBatch: () => MAX_COMMANDS,
    keyOf: (command) => JSON.stringify(command),
    slot: client.slot,
    // Requests are what this vendor counts: events come one by one, but their reads need not leave so.
    gatherAbove: { live: 2, bulk: 1 },
    send: async (commands, lane) => {
      const [first] = commands;
      if (commands.length === 1 && first) {
        return [ok(await client.call(first, { lane, writes: false, slotTaken: true }))];
      }
      const { outcomes } = await client.batch(commands, { lane, writes: false, slotTaken: true });
      return outcomes.map(ok);
    },
  });

  const writes = createCoalescer<WriteUnit, readonly CommandOutcome[]>({
    maxBatch: () => unitsPerBatch,
    keyOf: () => null,
    slot: client.slot,
    gatherAbove: { live: 2, bulk: 1 },
    send: sendUnits,
  });

  async function sendUnits(
    units: readonly WriteUnit[],
    lane: Ask['lane'],
  ): Promise<readonly Outcome<readonly CommandOutcome[]>[]> {
    const announced = await announce(units.map((unit) => ({ ...unit, onSend: () => leave(unit) })));
    const answers: Outcome<readonly CommandOutcome[]>[] = announced.map((one) => (one.ok ? MISSING : one));
    const leaving = units.map((unit, at) => ({ unit, at })).filter(({ at }) => announced[at]?.ok);
    const together = leaving.filter(({ unit }) => !unit.commands.some((command) => losesMeaning(command.params)));
    const single = together.length === 1 && together[0]?.unit.commands.length === 1;
    const alone = single ? leaving : leaving.filter((one) => !together.includes(one));
    let slotTaken = true;

    if (!single && together.length > 0) {
      const batched = await sendBatch(
        together.map(({ unit }) => unit),
        lane,
      );
      for (const [index, { at }] of together.entries()) answers[at] = batched[index] ?? MISSING;
      slotTaken = false;
    }
    for (const { unit, at } of alone) {
      answers[at] = await sendAlone(unit, lane, slotTaken);
      slotTaken = false;
    }
    return answers;
  }

  async function leave(unit: WriteUnit): Promise<void> {
    // It had its turn; what the portal has refused since holds live edits as well.
    for (const { method } of unit.commands) client.refuseHeld(method, 'live');
    await unit.onSend?.();
  }

  async function sendBatch(
    units: readonly WriteUnit[],
    lane: Ask['lane'],
  ): Promise<readonly Outcome<readonly CommandOutcome[]>[]> {
    const commands = units.flatMap((unit) => unit.commands);
    const mayLeave = () => {
      for (const unit of units) unit.mayLeave?.();
    };
    try {
      const { outcomes, time } = await client.batch(commands, { lane, writes: true, slotTaken: true, mayLeave });
      adapt(time, units.length);
      let from = 0;
      return units.map((unit) => {
        const own = outcomes.slice(from, from + unit.commands.length);
        from += unit.commands.length;
        return { ok: true, value: own };
      });
    } catch (error) {
      if (error instanceof UnavailableError && error.ambiguous) unitsPerBatch = Math.max(1, unitsPerBatch >> 1);
      return units.map(() => ({ ok: false, error }));
    }
  }

  /** What a query string cannot carry leaves as plain JSON, command by command. */
  async function sendAlone(
    unit: WriteUnit,
    lane: Ask['lane'],
    slotTaken: boolean,
  ): Promise<Outcome<readonly CommandOutcome[]>> {
    const outcomes: CommandOutcome[] = [];
    try {
      for (const command of unit.commands) {
        const first = slotTaken && outcomes.length === 0;
        outcomes.push(await client.call(command, { lane, writes: true, slotTaken: first, mayLeave: unit.mayLeave }));
      }
      return { ok: true, value: outcomes };
    } catch (error) {
      return { ok: false, error };
    }
  }

  /** Robots and event handlers run inside a write, so portals differ by a factor of a hundred. */
  function adapt({ processing }: Time, units: number): void {
    if (processing === null || processing <= 0) return;
    const fits = Math.floor((BATCH_SECONDS * units) / processing);
    unitsPerBatch = Math.min(MOST_UNITS, Math.max(1, fits));
  }

  /** Counted as under way from here on, so that what waits for its batch is not forgotten. */
  function inTurn<Result>(
    commands: readonly Command[],
    { lane, signal }: Ask,
    run: () => Promise<Result>,
  ): Promise<Result> {
    const methods = commands.map(({ method }) => method);
    async function ran(): Promise<Result> {
      try {
        return await run();
      } finally {
        client.turns.end(methods);
      }
    }
    const turn = client.turns.take(methods, lane, signal);
    return turn === null ? ran() : turn.then(ran);
  }

  return {
    read: (command, { lane, signal }) => {
      const ask = signal ? { lane, signal } : { lane };
      return inTurn([command], ask, () => reads(command, ask));
    },
    write: (unit, ask) =>
      inTurn(unit.commands, ask, () => {
        const preparing = client.prepareWrites();
        return preparing === null ? writes(unit, ask) : preparing.then(() => writes(unit, ask));
      }),
  };
}

const MISSING: Outcome<never> = { ok: false, error: new Error('the unit was not sent') };

function ok(value: CommandOutcome): Outcome<CommandOutcome> {
  return { ok: true, value };
}
