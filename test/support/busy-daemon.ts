// A busy office that the built daemon works for: where a test makes the daemon, its disk or its state suffer.
import { type Built, buildDaemon } from './built-daemon.ts';
import { type BusyOffice, openBusyOffice } from './busy-office.ts';
import { chanceOf } from './cases.ts';
import { createPlayground, type Playground } from './real-processes.ts';
import { freePort } from './servers.ts';

export type BusyDaemon = {
  readonly built: Built;
  readonly playground: Playground;
  readonly office: BusyOffice;
  /** Of the webhooks. */
  readonly port: number;
  close(): void;
};

export async function openBusyDaemon(work: { readonly issues: number; readonly sweep: string }): Promise<BusyDaemon> {
  const built = await buildDaemon();
  const playground = createPlayground({ main: built.main });
  const close = () => {
    playground.close();
    built.remove();
  };
  try {
    const port = await freePort();
    const office = await openBusyOffice({ playground, chance: chanceOf(0), ...work, port });
    return { built, playground, office, port, close };
  } catch (error) {
    close();
    throw error;
  }
}
