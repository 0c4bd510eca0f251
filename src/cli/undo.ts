// `undo`: takes back what the daemon wrote, where the value is still ours; shows first what that would be.
import type { Undone, UndoneField } from '../sync/undo.ts';
import type { UndoArgs, UndoResult } from '../work/undo.ts';
import { withEngine } from './ask-engine.ts';
import { requireProfile } from './find-record.ts';
import { clean, EXIT, print, printJson, styled, UsageError } from './output.ts';
import { sinceOf } from './resync.ts';
import { type ConfigFlags, readSetup } from './setup.ts';
import { shown } from './show-report.ts';

type Flags = ConfigFlags & {
  readonly run?: string;
  readonly since?: string;
  readonly until?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
};

export async function undo(profile: string, flags: Flags): Promise<void> {
  const setup = readSetup(flags);
  const args = argsOf(profile, flags, setup.ports.clock.now());
  const result = await withEngine(
    setup,
    async (store, ask) => {
      await requireProfile(store, profile);
      return (await ask({ kind: 'undo', args })) as UndoResult;
    },
    true,
  );
  if (flags.json) printJson(result);
  else for (const line of undoLines(result, args.carryOut)) print(line);
  const all = result.pairs.flatMap(({ fields }) => fields);
  process.exitCode = args.carryOut && all.some(({ what }) => what === 'left') ? EXIT.differs : EXIT.fine;
}

function argsOf(profile: string, { run, since, until, apply }: Flags, now: number): UndoArgs & Record<string, unknown> {
  if ((run === undefined) === (since === undefined)) {
    throw new UsageError('Say what is to be undone: one run, or a time', 'Give --run <id> or --since <when>.');
  }
  if (run !== undefined && until !== undefined) throw new UsageError('--until goes with --since', 'Leave one out.');
  return {
    profile,
    ...(run === undefined ? {} : { run }),
    ...(since === undefined ? {} : { since: sinceOf(since, now) }),
    ...(until === undefined ? {} : { until: sinceOf(until, now) }),
    carryOut: apply === true,
  };
}

const WORDS: Readonly<Record<UndoneField['what'], string>> = {
  can: 'would be set back',
  undone: 'set back, and parked until you let it go on',
  changed: 'stays',
  left: 'stays',
};

export function undoLines({ pairs, leftAlone }: UndoResult, carriedOut: boolean): string[] {
  const lines = pairs.flatMap(pairLines);
  for (const [what, count] of Object.entries(leftAlone)) lines.push(`Left alone: ${count} x ${what}.`);
  const fields = pairs.flatMap((pair) => pair.fields);
  const number = (what: UndoneField['what']) => fields.filter((field) => field.what === what).length;
  const rest = `${number('changed')} changed since and stay, ${number('left')} cannot be set back`;
  if (carriedOut) lines.push(`${values(number('undone'))} set back, ${rest}.`);
  else lines.push(`${values(number('can'))} would be set back, ${rest}. Nothing was written; add --apply to do it.`);
  return lines;
}

function values(count: number): string {
  return count === 1 ? '1 value' : `${count} values`;
}

function pairLines({ keys, fields }: Undone): string[] {
  const head = styled('bold', `${keys.jira} <> ${keys.crm}`);
  return [
    head,
    ...fields.map(({ field, side, before, after, what, why }) => {
      const reason = why === '' ? '' : `: ${clean(why)}`;
      return `    ${side} ${field}: ${shown(after)} -> ${shown(before)}, ${WORDS[what]}${reason}`;
    }),
  ];
}
