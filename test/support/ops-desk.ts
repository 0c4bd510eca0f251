// What somebody in operations has before him: the figures, the log, and what `status` prints. Nothing else of the world.
import { vi } from 'vitest';
import { printStatus } from '../../src/cli/status.ts';
import { snapshotOf } from '../../src/daemon/notes.ts';
import type { Details, Log } from '../../src/ports.ts';
import { readStatus } from '../../src/work/status.ts';
import { createPairs, type Pairs } from './many-pairs.ts';
import { keepProfiles, type ProfileKeeper } from './profile-keeper.ts';
import { PROCUREMENT, type World, type WorldOptions } from './world.ts';

export type Labels = Readonly<Record<string, string>>;

export type OpsDesk = {
  readonly office: Pairs;
  readonly world: World;
  readonly keeper: ProfileKeeper;
  readonly options: DeskOptions;
  /** Sum of the samples that carry these labels; 0 when there is none. */
  figure(metric: string, labels?: Labels): Promise<number>;
  /** Messages since the last call of `forget`, from level info on. */
  messages(): readonly string[];
  forget(): void;
  status(): Promise<string>;
};

export type DeskOptions = WorldOptions & { readonly pairs?: number };

/** Passes come every 20 s, so that what only a pass can see is seen soon. */
export const QUICK = PROCUREMENT.replace('every: 5m', 'every: 20s');

export async function openDesk({ pairs = 1, ...options }: DeskOptions = {}): Promise<OpsDesk> {
  const said: string[] = [];
  const note = (message: string, _details?: Details) => void said.push(message);
  const log: Log = { debug() {}, info: note, warn: note, error: note, child: () => log };
  const office = await createPairs(pairs, { profile: QUICK, log, ...options });
  const { world } = office;
  const keeper = keepProfiles(world, options.profile ?? QUICK);
  await keeper.look();
  await world.run(1_000);
  world.writes();
  said.length = 0;

  async function figure(metric: string, labels: Labels = {}): Promise<number> {
    world.metrics.collectWith(() => snapshotOf(world.store, world.connectors, world.engine, world.clock));
    let sum = 0;
    for (const line of (await world.metrics.text()).split('\n')) {
      const [, name, inner = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name !== metric) continue;
      if (Object.entries(labels).every(([label, wanted]) => inner.includes(`${label}="${wanted}"`)))
        sum += Number(value);
    }
    return sum;
  }

  return {
    office,
    world,
    keeper,
    options,
    figure,
    messages: () => said,
    forget: () => {
      said.length = 0;
    },
    async status() {
      const written: string[] = [];
      const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
        written.push(String(chunk));
        return true;
      });
      try {
        printStatus({ running: true, ...(await readStatus(world.store)) }, world.clock.now());
      } finally {
        spy.mockRestore();
      }
      return written.join('');
    },
  };
}
