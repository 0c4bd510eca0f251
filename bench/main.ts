// `npm run bench`: the figures of docs/performance.md on this machine. Never part of the tests: counts are tests, times
// depend on where they are taken.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Measurement } from './bench.ts';
import { hasBuild } from './daemon-process.ts';
import { type Figure, verdictOf } from './figures.ts';
import { measureIdle } from './measure-idle.ts';
import { measureIntake } from './measure-intake.ts';
import { measureLatency } from './measure-latency.ts';
import { measureLimits } from './measure-limits.ts';
import { measureGrowth, measureResync } from './measure-resync.ts';
import { jsonOf, tableOf } from './report.ts';

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  P4: measureLimits,
  P5: measureResync,
  P6: measureGrowth,
  P7: measureLatency,
  P9: measureIdle,
  G10: measureIntake,
};

const USAGE = `npm run bench -- [--only P5,P7] [--runs 3] [--scale] [--long] [--json] [--out <file>] [--sources] [--profile <folder>]

  --only       some of ${Object.keys(MEASUREMENTS).join(', ')}
  --scale      P6 up to a million pairs: takes half an hour and 12 GB
  --long       runs as long as the budgets ask for
  --runs       how often a quick figure is taken; the median counts
  --json       figures as JSON instead of a table
  --out        a file for the JSON besides
  --sources    the sources in src instead of the built daemon in dist
  --profile    a folder for a CPU profile of every daemon that is measured; it costs some time

Ends with 1 where a budget is missed.`;

function readArguments() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      scale: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      out: { type: 'string' },
      sources: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

async function main(): Promise<number> {
  const asked = readArguments();
  if (asked.help) {
    console.log(USAGE);
    return 0;
  }
  const names = asked.only?.toUpperCase().split(',') ?? Object.keys(MEASUREMENTS);
  const unknown = names.filter((name) => MEASUREMENTS[name] === undefined);
  if (unknown.length > 0) {
    console.error(`There is no measurement ${unknown.join(', ')}.\n\n${USAGE}`);
    return 64;
  }
  const built = !asked.sources && hasBuild();
  if (!built && !asked.sources) console.error('There is no build: the sources are measured. npm run build makes one.');
  const options = {
    program: {
      built,
      nodeFlags: asked.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(asked.profile)}`],
    },
    scale: asked.scale,
    long: asked.long,
    runs: Math.max(1, Number(asked.runs) || 3),
    say: (text: string) => console.error(`  ${text}`),
  };
  const begunAt = performance.now();
  const figures: Figure[] = [];
  for (const name of names) {
    console.error(`${name}`);
    figures.push(...((await MEASUREMENTS[name]?.(options)) ?? []));
  }
  const seconds = (performance.now() - begunAt) / 1000;
  const run = { daemon: built ? 'the built daemon' : 'the sources', figures, seconds };
  if (asked.out !== undefined) writeFileSync(asked.out, `${jsonOf(run)}\n`);
  console.log(asked.json ? jsonOf(run) : tableOf(run));
  return figures.some((figure) => verdictOf(figure) === 'missed') ? 1 : 0;
}

process.exitCode = await main();
