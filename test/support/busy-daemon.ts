// A busy office that the built daemon works for: where a test makes the daemon, its disk or its state suffer.
import { inject } from 'vitest';
import { type BusyOffice, openBusyOffice } from './busy-office.ts';
import { chanceOf } from './cases.ts';
import { freePort } from './free-port.ts';
import { createPlayground, type Playground } from './real-processes.ts';

export type BusyDaemon = {
  /** Where it is started from. */
  readonly built: { readonly main: string };
  readonly playground: Playground;
  readonly office: BusyOffice;
  /** Of the webhooks. */
  readonly port: number;
  close(): void;
};

export async function openBusyDaemon(work: { readonly issues: number; readonly sweep: string }): Promise<BusyDaemon> {
  const playground = createPlayground();
  try {
    const port = await freePort();
    const office = await openBusyOffice({ playground, chance: chanceOf(0), ...work, port });
    return { built: { main: inject('builtMain') }, playground, office, port, close: playground.close };
  } catch (error) {
    playground.close();
    throw error;
  }
}
