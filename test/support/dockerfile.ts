// The Dockerfile as instructions, for tests where no image can be built: its rules are read, and its last stage is laid
// out in a folder as a builder would.
import { readFileSync } from 'node:fs';

export type Instruction = { readonly name: string; readonly rest: string };

export type Copy = {
  readonly from: string | null;
  readonly chown: string | null;
  readonly paths: string[];
  readonly to: string;
};

export function readDockerfile() {
  const text = readFileSync('Dockerfile', 'utf8').replaceAll(/\\\n\s*/g, ' ');
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const instructions: Instruction[] = lines.map((line) => {
    const [name = '', ...rest] = line.split(' ');
    return { name, rest: rest.join(' ') };
  });
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
  const all = (name: string, of = instructions) => of.filter((one) => one.name === name).map((one) => one.rest);
  return {
    /** Of the stage that becomes the image. */
    last,
    all,
    /** The rest of the only instruction of that name in the last stage. */
    only: (name: string) => all(name, last)[0] ?? '',
    copies: (of = instructions) => all('COPY', of).map(copyOf),
  };
}

function copyOf(rest: string): Copy {
  const words = rest.split(' ');
  const flag = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? null;
  const paths = words.filter((word) => !word.startsWith('--'));
  return { from: flag('from'), chown: flag('chown'), paths: paths.slice(0, -1), to: paths.at(-1) ?? '' };
}

export function words(json: string): string[] {
  return JSON.parse(json) as string[];
}

/** The command after the options of HEALTHCHECK. */
export function healthCommand(rest: string): string[] {
  return words(rest.slice(rest.indexOf('[')));
}
