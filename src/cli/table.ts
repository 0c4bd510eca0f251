// Tables for people; apart from output.ts, because few commands need the package.
import Table from 'cli-table3';
import { clean, styled } from './output.ts';

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const plain = new Table({
    head: head.map((cell) => styled('bold', cell)),
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    wordWrap: true,
  });
  for (const row of rows) plain.push(row.map(clean));
  return plain.toString();
}

const BORDERLESS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
