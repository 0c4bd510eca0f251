// What a person asks for at the command line, of the engine of a world.
import { silentLog } from '../../src/ports.ts';
import type { CommandKind } from '../../src/state/store.ts';
import { createCommands } from '../../src/work/commands.ts';
import type { World } from './world.ts';

export type Answer = { readonly state: string; readonly result: unknown };

export async function ask(world: World, kind: CommandKind, args: Readonly<Record<string, unknown>>): Promise<Answer> {
  const commands = createCommands({
    engine: world.engine,
    profiles: world.profiles.current,
    clock: world.clock,
    log: silentLog,
    signal: new AbortController().signal,
  });
  // As the daemon, which looks for commands when it has been running for a moment.
  while (world.engine.leases().some(({ held }) => !held)) await world.clock.advance(250);
  const id = await world.store.addCommand(kind, args, world.clock.now());
  await commands.tick();
  for (;;) {
    const row = await world.store.command(id);
    if (row !== null && row.state !== 'running') return { state: row.state, result: row.result };
    await world.clock.advance(250);
  }
}
