import { Cron } from 'croner';
import { isMap, isScalar } from 'yaml';
import type { Side } from '../model.ts';
import { quoted, suggest } from '../nearest.ts';
import type { CreateDraft, MatchLine, Normaliser, ProfileDraft } from './draft.ts';
import { readExpression } from './expression-text.ts';
import type { ConflictPolicy } from './profile.ts';
import { CREATE, CREATE_WHEN, FULL, MATCH, STAMP, STAMP_FIELD, SWEEP } from './profile-keys.ts';
import { type Block, type Entry, isEmpty, type Located, type Reader } from './reader.ts';

const SIDES_BY_NAME = ['jira', 'crm'] as const;
const DEFAULT_EVERY_MS = 5 * 60_000;
const MIN_EVERY_MS = 10_000;
const MAX_EVERY_MS = 7 * 86_400_000;

/** `conflict` with its `tie`, of the profile or of one line; null when neither says anything usable. */
export function parseConflict(reader: Reader, block: Block): Located<ConflictPolicy> | null {
  const kind = reader.choice(block.entries.get('conflict'), ['hold', 'jira', 'crm', 'newest', 'merge']);
  const tieEntry = block.entries.get('tie');
  const tie = reader.choice(tieEntry, SIDES_BY_NAME);
  if (kind === null) {
    if (tieEntry !== undefined && !block.entries.has('conflict')) {
      reader.problems.add(
        tieEntry.key.at,
        '`tie` says who wins under `conflict: newest`, which is not here.',
        'Add `conflict: newest`, or remove `tie`.',
      );
    }
    return null;
  }
  if (kind.value !== 'newest') {
    if (tieEntry !== undefined)
      reader.problems.add(tieEntry.key.at, `\`tie\` has no meaning with \`conflict: ${kind.value}\`.`, 'Remove `tie`.');
    return { value: { kind: kind.value }, at: kind.at };
  }
  if (tieEntry === undefined) {
    reader.problems.add(
      kind.at,
      '`conflict: newest` needs `tie`.',
      'Add `tie: jira` or `tie: crm`: it wins when both changes are less than two minutes apart.',
    );
  }
  return tie === null ? null : { value: { kind: 'newest', tie: tie.value }, at: kind.at };
}

export function parseMatch(reader: Reader, entry: Entry | undefined): readonly MatchLine[] {
  if (entry === undefined || isEmpty(entry.node)) return [];
  const lines: MatchLine[] = [];
  for (const item of reader.list(entry.node, '`match`', 'match: [link]') ?? []) {
    if (isScalar(item)) {
      if (item.value !== 'link')
        reader.problems.add(
          item.range?.[0] ?? 0,
          `${quoted(String(item.value))} is not a way to match.`,
          'Write `link`, or `{ jira: <field>, crm: <field> }`.',
        );
      continue;
    }
    const block = reader.block(item, MATCH);
    const jira = reader.text(block?.entries.get('jira'));
    const crm = reader.text(block?.entries.get('crm'));
    const normalise = parseNormalise(reader, block?.entries.get('normalise'));
    if (jira !== null && crm !== null) lines.push({ names: { jira, crm }, normalise });
  }
  return lines;
}

function parseNormalise(reader: Reader, entry: Entry | undefined): readonly Normaliser[] {
  if (entry === undefined || isEmpty(entry.node)) return [];
  const items = reader.list(entry.node, '`normalise`', 'normalise: [trim, lowercase]') ?? [];
  const found = items.map(
    (node) => reader.choice({ key: entry.key, node }, ['trim', 'lowercase', 'digits'] as const)?.value,
  );
  return found.filter((one) => one !== undefined);
}

export function parseStamp(reader: Reader, entry: Entry | undefined): ProfileDraft['stamp'] {
  const block = entry === undefined || isEmpty(entry.node) ? null : reader.block(entry.node, STAMP);
  const read = (side: Side, own: string): Located<string> | null => {
    const found = block?.entries.get(side);
    if (found === undefined || isEmpty(found.node)) return null;
    if (isMap(found.node)) return reader.text(reader.block(found.node, STAMP_FIELD)?.entries.get('field'));
    const text = reader.text(found);
    if (text !== null && text.value !== own) {
      reader.problems.add(
        text.at,
        `${quoted(text.value)} is not a stamp of the \`${side}\` side.`,
        `Write \`${own}\`, or \`{ field: ${JSON.stringify(text.value)} }\` for a field of that name.`,
      );
    }
    return null;
  };
  return { jira: read('jira', 'label'), crm: read('crm', 'origin') };
}

export function parseCreate(reader: Reader, entry: Entry | undefined, text: string): ProfileDraft['create'] {
  const block = entry === undefined || isEmpty(entry.node) ? null : reader.block(entry.node, CREATE);
  const read = (side: Side): CreateDraft | null => {
    const found = block?.entries.get(side);
    if (found === undefined || isEmpty(found.node)) return null;
    if (isMap(found.node)) {
      const inner = reader.block(found.node, CREATE_WHEN);
      return { at: found.key.at, when: readExpression(reader, inner?.entries.get('when'), text) };
    }
    const choice = reader.choice(found, ['true', 'false'] as const);
    return choice?.value === 'true' ? { at: found.key.at, when: null } : null;
  };
  return { jira: read('jira'), crm: read('crm') };
}

export function parseSweep(reader: Reader, entry: Entry | undefined): ProfileDraft['sweep'] {
  const block = entry === undefined || isEmpty(entry.node) ? null : reader.block(entry.node, SWEEP);
  const every = reader.duration(block?.entries.get('every'));
  if (every !== null && (every.value < MIN_EVERY_MS || every.value > MAX_EVERY_MS)) {
    reader.problems.add(every.at, '`every` must be between 10s and 7d.', 'Write for example `5m`.');
  }
  const fullEntry = block?.entries.get('full');
  const full = fullEntry === undefined || isEmpty(fullEntry.node) ? null : reader.block(fullEntry.node, FULL);
  return { everyMs: every?.value ?? DEFAULT_EVERY_MS, full: full === null ? null : parseFull(reader, full) };
}

function parseFull(reader: Reader, block: Block): { cron: string; zone: string } | null {
  const cron = reader.text(block.entries.get('cron'));
  const zone = reader.text(block.entries.get('zone'));
  if (zone !== null && !isZone(zone.value)) {
    const zones = Intl.supportedValuesOf('timeZone');
    reader.problems.add(
      zone.at,
      `${quoted(zone.value)} is not a time zone.`,
      suggest(zone.value, zones, 'Write an IANA name, for example `Europe/Moscow`.'),
    );
  }
  if (cron === null) return null;
  try {
    if (cron.value.trim().split(/\s+/).length !== 5) throw new Error('it must have five fields');
    // Paused and without a function: only the pattern is looked at, nothing is scheduled.
    new Cron(cron.value, { paused: true });
  } catch (error) {
    const why = (error as Error).message.replace(/^CronPattern: /, '').replace(/\.$/, '');
    reader.problems.add(
      cron.at,
      `${quoted(cron.value)} is not a cron pattern: ${why}.`,
      'Write minute, hour, day, month and weekday, for example `"0 3 * * *"`.',
    );
    return null;
  }
  return { cron: cron.value, zone: zone?.value ?? 'UTC' };
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
