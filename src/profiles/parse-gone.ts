// What a profile says about pairs of which one record is gone.
import { isMap } from 'yaml';
import type { Side } from '../model.ts';
import type { GoneDraft } from './draft.ts';
import { GONE_MARK } from './profile-keys.ts';
import { type Block, type Entry, isEmpty, type Reader } from './reader.ts';

export function parseGone(reader: Reader, block: Block): Readonly<Record<Side, GoneDraft>> {
  const allowed = reader.choice(block.entries.get('allow-delete'), ['true', 'false'] as const);
  const read = (side: Side): GoneDraft => {
    const entry = block.entries.get(`when-${side}-gone`);
    const draft = entry === undefined || isEmpty(entry.node) ? null : readPolicy(reader, entry);
    if (draft?.kind === 'delete' && allowed?.value !== 'true') {
      reader.problems.add(
        draft.at,
        '`delete` would delete records, and the profile does not allow it.',
        'Add `allow-delete: true`, or write `unlink`.',
      );
    }
    return draft ?? { kind: 'unlink', at: 0 };
  };
  const drafts = { jira: read('jira'), crm: read('crm') };
  if (allowed?.value === 'true' && drafts.jira.kind !== 'delete' && drafts.crm.kind !== 'delete') {
    const cure = 'Write `when-jira-gone: delete` or `when-crm-gone: delete`, or remove `allow-delete`.';
    reader.problems.add(allowed.at, '`allow-delete` has no meaning without `delete`.', cure);
  }
  return drafts;
}

function readPolicy(reader: Reader, entry: Entry): GoneDraft | null {
  if (!isMap(entry.node)) {
    const choice = reader.choice(entry, ['unlink', 'delete'] as const);
    return choice === null ? null : { kind: choice.value, at: choice.at };
  }
  const mark = reader.block(entry.node, GONE_MARK)?.entries.get('mark');
  if (mark === undefined || isEmpty(mark.node)) return null;
  const pairs = reader.pairs(mark.node, '`mark`', 'mark: { stage: "Проиграна" }');
  const [only, more] = pairs ?? [];
  if (only === undefined) return null;
  if (more !== undefined) {
    reader.problems.add(more.key.at, '`mark` sets one field only.', 'Keep one `field: value`.');
    return null;
  }
  const value = reader.label(only.node, `The value of \`${only.key.value}\``);
  return value === null ? null : { kind: 'mark', at: mark.key.at, field: only.key, value };
}
