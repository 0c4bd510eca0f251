// First half of loading a profile: what the file alone can tell. The caller then asks the connectors to describe both
// sides and hands the draft to compileProfile, so that one run shows every problem of the file.
import type { Problem } from '../errors.ts';
import { quoted } from '../nearest.ts';
import type { ProfileDraft } from './draft.ts';
import { readExpression } from './expression-text.ts';
import { parseFields } from './parse-fields.ts';
import { parseGone } from './parse-gone.ts';
import { parseConflict, parseCreate, parseMatch, parseStamp, parseSweep } from './parse-policies.ts';
import { parseSide } from './parse-side.ts';
import { PROFILE } from './profile-keys.ts';
import { createReader, isEmpty } from './reader.ts';
import { readYaml } from './yaml-source.ts';

/**
 * `draft` is null when the file is not readable enough to ask the connectors about it. It may be there although there
 * are problems: compileProfile then answers these together with its own.
 */
export function parseProfile(text: string, file: string): { draft: ProfileDraft | null; problems: readonly Problem[] } {
  const source = readYaml(text, file);
  const { problems } = source;
  if (source.root === null) return { draft: null, problems: problems.all() };
  const reader = createReader(source);
  const block = reader.block(source.root, PROFILE);
  if (block === null) return { draft: null, problems: problems.all() };

  const get = (key: string) => block.entries.get(key);
  const name = reader.text(get('name'));
  const was = reader.text(get('was'));
  for (const one of [name, was]) {
    if (one !== null && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(one.value)) {
      problems.add(
        one.at,
        `${quoted(one.value)} is not a profile name.`,
        'Use small letters a–z, digits and `-`, at most 63.',
      );
    }
  }
  const jira = parseSide(reader, get('jira'), 'jira');
  const crm = parseSide(reader, get('crm'), 'crm');
  const match = parseMatch(reader, get('match'));
  const stamp = parseStamp(reader, get('stamp'));
  const syncWhen = readExpression(reader, get('sync-when'), text);
  const create = parseCreate(reader, get('create'), text);
  const gone = parseGone(reader, block);
  const conflict = parseConflict(reader, block);
  if (conflict?.value.kind === 'merge') {
    problems.add(
      conflict.at,
      '`conflict: merge` works for sets only, so not for a whole profile.',
      'Write `conflict: merge` on the lines of the sets.',
    );
  }
  const initial = reader.choice(get('initial'), ['fill-empty', 'jira', 'crm']);
  const sweep = parseSweep(reader, get('sweep'));
  const fields = get('fields');
  const lines =
    fields === undefined || isEmpty(fields.node)
      ? { fields: [], computed: [] }
      : parseFields(reader, fields.node, text);
  if (create.jira !== null && jira !== null && jira.spec.type === undefined) {
    problems.add(
      create.jira.at,
      'Issues are to be created, but `jira` names no issue type.',
      'Add `type: <issue type>` to the `jira` block, or write `create: { jira: false }`.',
    );
  }

  if (jira === null || crm === null) return { draft: null, problems: problems.all() };
  const draft: ProfileDraft = {
    file,
    text,
    name: name?.value ?? '',
    was: was?.value ?? null,
    sides: { jira, crm },
    match,
    stamp,
    syncWhen,
    create,
    gone,
    conflict: conflict?.value ?? { kind: 'hold' },
    initial: initial?.value ?? 'fill-empty',
    sweep,
    fields: lines.fields,
    computed: lines.computed,
    problems,
  };
  return { draft, problems: problems.all() };
}
