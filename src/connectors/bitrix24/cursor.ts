// Where a sweep stands, as text that any later process understands: `v1:since:afterId:next`, times in epoch ms.
import { SyncError } from '../../errors.ts';

export type Cursor = {
  /** Changed at or after; null: everything. */
  readonly since: number | null;
  /** Records up to this id are done in the sweep that is under way; 0 between sweeps. */
  readonly afterId: number;
  /** What `since` becomes when this sweep ends; null between sweeps. */
  readonly next: number | null;
};

const FORM = /^v1:(\d*):(\d+):(\d*)$/;

export function readCursor(text: string | null): Cursor {
  if (text === null) return { since: null, afterId: 0, next: null };
  const [, since, afterId, next] = FORM.exec(text) ?? [];
  if (since === undefined || afterId === undefined || next === undefined) {
    throw new SyncError(`"${text.slice(0, 60)}" is no cursor of Bitrix24`, 'Run a full resync of the profile.');
  }
  return { since: numeric(since), afterId: Number(afterId), next: numeric(next) };
}

export function writeCursor({ since, afterId, next }: Cursor): string {
  return `v1:${since ?? ''}:${afterId}:${next ?? ''}`;
}

function numeric(text: string): number | null {
  return text === '' ? null : Number(text);
}
