// The parts of the documentation that follow from the code: tables as the Markdown files hold them.
import type { Command } from 'commander';
import { ERROR_CLASSES } from '../../src/errors.ts';
import { MAY_IMPORT, PACKAGES } from './architecture-rules.ts';

const WORK = { again: 'tried again', parked: 'parked', 'not begun': 'not begun' } as const;

export function errorsPage(): string {
  const rows = ERROR_CLASSES.map(({ name, thrownBy, means, work, counts, how }) => {
    const attempt = work === 'again' ? (counts ? ', the attempt counts' : ', the attempt does not count') : '';
    return `| \`${name}\` | ${thrownBy} | ${means} | ${WORK[work]}${attempt} | ${how} |`;
  });
  return [
    '# Errors and what becomes of the work',
    '',
    'Nothing above a connector looks at a status code or at the text of an answer: it looks at the class of the error.',
    'Every message comes with its cure, in the log as `cure`, in `status`, `parked list` and `/readyz` beside the reason.',
    'This page follows `ERROR_CLASSES` in `src/errors.ts`; a test compares them.',
    '',
    '| class | thrown by | what it means | the work is | how |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    'After eight attempts that count, some ten minutes, a record is parked: as `gave-up`, or as `BadResponseError` where the',
    'last answer could not be read. While a connection is paused no attempt counts. An error of no known class is a bug: the',
    'record is parked as `bug`, and the log has the whole of it.',
    '',
  ].join('\n');
}

/** First two cells of the rows in the table of commands. */
export function commandRows(program: Command): string[] {
  return leaves(program, '').map(({ usage, description }) => `| \`${usage}\` | ${description} |`);
}

function leaves(command: Command, prefix: string): { usage: string; description: string }[] {
  return command.commands.flatMap((one) => {
    const name = `${prefix}${one.name()}`;
    if (one.commands.length > 0) return leaves(one, `${name} `);
    const args = one.registeredArguments.map((arg) => (arg.required ? ` <${arg.name()}>` : ` [${arg.name()}]`));
    return [{ usage: `${name}${args.join('')}`, description: one.description() }];
  });
}

export function importRows(): string[] {
  return Object.entries(MAY_IMPORT).map(([folder, allowed]) => {
    const types = allowed.filter((rule) => rule.startsWith('types:')).map((rule) => rule.replace('types:', ''));
    const parts = [...allowed.filter((rule) => !rule.startsWith('types:')), ...types.map((rule) => `types of ${rule}`)];
    return `| ${folder} | ${parts.join(', ') || 'nothing'} |`;
  });
}

export function packageRows(): string[] {
  return Object.entries(PACKAGES).map(([name, places]) => `| \`${name}\` | ${places.join(', ')} |`);
}
