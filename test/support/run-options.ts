// What `npm test -- …` understands besides vitest's own arguments.

export type RunOptions = {
  /** For the daily loop: without the searches (simulation, fuzz, faults, seeded bugs), the servers and real processes. */
  readonly fast: boolean;
  /** The nightly column of the goals: the same tests with more cases. */
  readonly nightly: boolean;
  /** `2/8`: which part of the nightly cases; by seed, so that every machine has its own. */
  readonly shard: string;
  readonly vitest: readonly string[];
};

const SHARD = /^[1-9]\d*\/[1-9]\d*$/;
const FAST = ['--project', 'in process', '--project', 'units'];

export function readRunOptions(args: readonly string[]): RunOptions {
  const vitest: string[] = [];
  let fast = false;
  let nightly = false;
  let shard = '1/1';
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] as string;
    if (arg === '--fast') fast = true;
    else if (arg === '--nightly') nightly = true;
    else if (arg === '--shard') {
      at += 1;
      shard = args[at] ?? '';
    } else vitest.push(arg);
  }
  if (!SHARD.test(shard) || Number(shard.split('/')[0]) > Number(shard.split('/')[1])) {
    throw new Error(`--shard ${shard}: write the number of the part and of all parts, for example --shard 2/8`);
  }
  return { fast, nightly, shard, vitest: fast ? [...FAST, ...vitest] : vitest };
}
