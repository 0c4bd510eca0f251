import { expect, it } from 'vitest';
import { trimState } from '../../../src/daemon/trim-state.ts';
import { silentLog } from '../../../src/ports.ts';
import type { TrimBefore } from '../../../src/state/store.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const DAY = 86_400_000;
const NONE = { journal: 0, conflicts: 0, parked: 0, commands: 0 };

it('goes on until nothing is older than the configuration keeps', async () => {
  const clock = createVirtualClock(400 * DAY);
  const asked: TrimBefore[] = [];
  const rounds = [{ ...NONE, journal: 5_000 }, { ...NONE, journal: 12, commands: 1 }, NONE];
  const trim = async (before: TrimBefore) => {
    asked.push(before);
    return rounds[asked.length - 1] ?? NONE;
  };
  const said: unknown[] = [];
  const log = { ...silentLog, info: (_message: string, details?: unknown) => said.push(details) };
  const retention = { journal: 180 * DAY, conflicts: 365 * DAY, parked: 30 * DAY, commands: 7 * DAY };
  await clock.until(trimState({ store: { trim }, retention, clock, log }));
  expect(asked).toHaveLength(3);
  expect(asked[0]).toEqual({ journal: 220 * DAY, conflicts: 35 * DAY, parked: 370 * DAY, commands: 393 * DAY });
  expect(said).toEqual([{ journal: 5_012, conflicts: 0, parked: 0, commands: 1 }]);
});
