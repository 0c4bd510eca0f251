import { describe, expect, it } from 'vitest';
import { MappingError } from '../../../src/errors.ts';
import type { Mapper } from '../../../src/mapping/mapper.ts';
import type { Value } from '../../../src/model.ts';
import type { ProfileField } from '../../../src/profiles/profile.ts';
import { createPatch, type Decision, type FieldInput, mergeField } from '../../../src/sync/merge.ts';
import {
  brokenField,
  countriesField,
  fieldFor,
  newerBy,
  noteField,
  SAME_TIME,
  schema,
  statusField,
  tagsField,
  titleField,
} from '../../support/merge-fields.ts';

const MINUTE = 60_000;

function input(jira: Value | undefined, crm: Value | undefined, base: [Value, Value] | null, decision?: Decision) {
  return {
    jira,
    crm,
    base: base === null ? null : { jira: base[0], crm: base[1] },
    decision: decision ?? null,
  } satisfies FieldInput;
}

function run(field: ProfileField, asked: FieldInput, evidence = SAME_TIME) {
  return mergeField(field, asked, evidence);
}

const settled = { kind: 'settled' };
const agreed = (jira: Value, crm: Value) => ({ kind: 'agreed', base: { jira, crm } });
const toCrm = (value: Value, from: Value) => ({
  kind: 'write',
  writes: [{ side: 'crm', value, from }],
  conflict: null,
});
const toJira = (value: Value, from: Value) => ({
  kind: 'write',
  writes: [{ side: 'jira', value, from }],
  conflict: null,
});

describe('a field with a base', () => {
  it.each<[string, ProfileField, FieldInput, unknown]>([
    ['rests when nothing moved', noteField(), input('a', 'a', ['a', 'a']), settled],
    [
      'rests when what differs is a settled lossy translation',
      titleField(),
      input('abcdefghij', 'abcdefghijkl', ['abcdefghij', 'abcdefghijkl']),
      settled,
    ],
    ['agrees when both changed to the same', noteField(), input('b', 'b', ['a', 'a']), agreed('b', 'b')],
    [
      'agrees when one side shows what the other reads as there',
      titleField(),
      input('abcdefghij', 'abcdefghijZZ', ['x', 'x']),
      agreed('abcdefghij', 'abcdefghijZZ'),
    ],
    [
      'agrees when several values of one side mean one of the other',
      statusField(),
      input('10011', 'C9:0', ['10010', 'C9:0']),
      agreed('10011', 'C9:0'),
    ],
    ["writes Jira's change to the CRM", noteField(), input('b', 'a', ['a', 'a']), toCrm('b', 'a')],
    ["writes the CRM's change to Jira", noteField(), input('a', 'b', ['a', 'a']), toJira('b', 'a')],
    [
      'cuts what the other side cannot carry',
      titleField(),
      input('x', 'one\ntwo three', ['x', 'x']),
      toJira('one two th', 'x'),
    ],
    ['carries a cleared field over', noteField(), input(null, 'a', ['a', 'a']), toCrm(null, 'a')],
    ['fills a field that was empty', noteField(), input(null, 'a', [null, null]), toJira('a', null)],
    ['keeps a field agreed as empty at rest', noteField(), input(null, null, [null, null]), settled],
    [
      'does not treat a changed lossy field as changed on the side that stayed',
      titleField(),
      input('abcdefghij', 'short', ['abcdefghij', 'abcdefghijkl']),
      toJira('short', 'abcdefghij'),
    ],
  ])('%s', (_, field, asked, expected) => {
    expect(run(field, asked)).toEqual(expected);
  });

  it('fails towards the side that should have been written when a value has no translation', () => {
    const outcome = run(statusField(), input('10010', 'C9:3', ['10010', 'C9:0']));
    expect(outcome).toMatchObject({ kind: 'failed', side: 'jira' });
    expect(outcome.kind === 'failed' && outcome.error).toBeInstanceOf(MappingError);
    expect(run(statusField(), input('10013', 'C9:0', ['10010', 'C9:0']))).toMatchObject({
      kind: 'failed',
      side: 'crm',
    });
  });

  it('lets an error that is not about a value through', () => {
    expect(() => run(brokenField(), input('b', 'a', ['a', 'a']))).toThrow('a bug');
    // Only translations of one member at a time fail here.
    const { translate } = tagsField().mapper;
    const mapper: Mapper = {
      translate(value, from) {
        if (Array.isArray(value) && value.length === 1) throw new TypeError('a bug');
        return translate(value, from);
      },
      show: () => '',
    };
    const moved = input(
      ['a', 'b'],
      ['a', 'b', 'c'],
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
    );
    expect(() => run(tagsField({ mapper }), moved)).toThrow('a bug');
  });
});

describe('a side that does not show the field', () => {
  it('is unknown, never empty', () => {
    expect(run(noteField(), input(undefined, 'a', ['a', 'a']))).toEqual({ kind: 'unknown', side: 'jira' });
    expect(run(noteField(), input('a', undefined, null))).toEqual({ kind: 'unknown', side: 'crm' });
  });
});

describe('a conflict', () => {
  const base = { jira: 'a', crm: 'a' };
  const values = { jira: 'b', crm: 'c' };
  const both = input('b', 'c', ['a', 'a']);
  const jiraWins = { ...toCrm('b', 'c'), conflict: { base, values, outcome: 'jira' } };
  const crmWins = { ...toJira('c', 'b'), conflict: { base, values, outcome: 'crm' } };

  it('is held by default: nothing is written', () => {
    expect(run(noteField(), both)).toEqual({ kind: 'held', conflict: { base, values, outcome: 'held' } });
  });

  it('goes to the side the policy names, and is kept with both values', () => {
    expect(run(noteField({ conflict: { kind: 'jira' } }), both)).toEqual(jiraWins);
    expect(run(noteField({ conflict: { kind: 'crm' } }), both)).toEqual(crmWins);
  });

  it('goes to the newer change, and to the tie side within two minutes', () => {
    const newest = (tie: 'jira' | 'crm') => noteField({ conflict: { kind: 'newest', tie } });
    expect(run(newest('crm'), both, newerBy(2 * MINUTE + 1, 'jira'))).toEqual(jiraWins);
    expect(run(newest('jira'), both, newerBy(2 * MINUTE + 1, 'crm'))).toEqual(crmWins);
    expect(run(newest('crm'), both, newerBy(2 * MINUTE, 'jira'))).toEqual(crmWins);
    expect(run(newest('jira'), both, newerBy(2 * MINUTE, 'crm'))).toEqual(jiraWins);
  });

  it('is held where merge meets something that is no set', () => {
    expect(run(noteField({ conflict: { kind: 'merge' } }), both).kind).toBe('held');
    expect(run(tagsField(), input(['a'], 'text', [['b'], 'x'])).kind).toBe('held');
  });

  it('fails when the winner has no translation', () => {
    const field = statusField({ conflict: { kind: 'crm' } });
    expect(run(field, input('10012', 'C9:3', ['10010', 'C9:0']))).toMatchObject({ kind: 'failed', side: 'jira' });
  });

  it('does not arise when a value without translation stands on both sides as it settled', () => {
    expect(run(statusField(), input('10013', 'C9:3', ['10013', 'C9:3']))).toEqual(settled);
  });
});

describe('a set', () => {
  it('takes adds and removes of both sides', () => {
    const outcome = run(
      tagsField(),
      input(
        ['a', 'b', 'new'],
        ['b', 'c', 'own'],
        [
          ['a', 'b', 'c'],
          ['a', 'b', 'c'],
        ],
      ),
    );
    expect(outcome).toMatchObject({
      kind: 'write',
      writes: [
        { side: 'jira', value: ['b', 'new', 'own'], from: ['a', 'b', 'new'] },
        { side: 'crm', value: ['b', 'new', 'own'], from: ['b', 'c', 'own'] },
      ],
      conflict: { outcome: 'merged' },
    });
  });

  it('writes only the side that lacks something', () => {
    const outcome = run(tagsField(), input(['a', 'x'], ['a', 'x', 'y'], [['a'], ['a']]));
    expect(outcome).toMatchObject({ kind: 'write', writes: [{ side: 'jira', value: ['a', 'x', 'y'] }] });
  });

  it('is the union when there is no base', () => {
    expect(run(tagsField(), input(['a'], ['b'], null))).toMatchObject({
      writes: [
        { side: 'jira', value: ['a', 'b'] },
        { side: 'crm', value: ['a', 'b'] },
      ],
      conflict: { base: null, outcome: 'merged' },
    });
  });

  it("keeps each side's own spelling of a member", () => {
    const base: [Value, Value] = [['big-deal'], ['big deal']];
    expect(run(tagsField(), input(['big-deal', 'new'], ['big deal'], base))).toEqual(
      toCrm(['big deal', 'new'], ['big deal']),
    );
    expect(run(tagsField(), input(['big-deal', 'new'], ['big deal', 'hot one'], base))).toMatchObject({
      writes: [
        { side: 'jira', value: ['big-deal', 'hot-one', 'new'] },
        { side: 'crm', value: ['big deal', 'hot one', 'new'] },
      ],
    });
    expect(run(tagsField(), input(null, ['big deal'], base))).toEqual(toCrm(null, ['big deal']));
  });

  it('agrees when each side shows the same members in its own spelling', () => {
    const outcome = run(
      tagsField(),
      input(
        ['a-b', 'x'],
        ['a b', 'x'],
        [
          ['x', 'y'],
          ['x', 'y'],
        ],
      ),
    );
    expect(outcome).toEqual(agreed(['a-b', 'x'], ['a b', 'x']));
  });

  it('is one value like any other under every other policy', () => {
    const asked = input(['a', 'x'], ['a', 'y'], [['a'], ['a']]);
    expect(run(tagsField({ conflict: { kind: 'hold' } }), asked).kind).toBe('held');
    expect(run(tagsField({ conflict: { kind: 'jira' } }), asked)).toMatchObject({
      writes: [{ side: 'crm', value: ['a', 'x'] }],
    });
  });

  it('takes a member that both added in two spellings as one', () => {
    expect(run(tagsField(), input(['a-b', 'x'], ['a b', 'y'], [null, null]))).toMatchObject({
      writes: [
        { side: 'jira', value: ['a-b', 'x', 'y'] },
        { side: 'crm', value: ['a b', 'x', 'y'] },
      ],
    });
  });

  it('keeps a member that one side added anew while the other removed its old spelling', () => {
    expect(run(tagsField(), input(null, ['a-b'], [['a-b'], ['a b']]))).toMatchObject({
      writes: [{ side: 'jira', value: ['a-b'] }],
    });
  });

  it('removes a member that was known there by a shared name', () => {
    const table = [
      { jira: '1', crm: '81' },
      { jira: '9', crm: '81' },
      { jira: '2', crm: '82' },
    ];
    const { jira, crm } = countriesField().schemas;
    const field = fieldFor({ kind: 'set', type: 'set', jira, crm, table });
    expect(run(field, input(['2'], ['81'], [['9'], ['81']]))).toEqual(toCrm(['82'], ['81']));
    expect(run(field, input(['1', '2'], ['81'], [['9'], ['81']]))).toEqual(toCrm(['81', '82'], ['81']));
  });

  it('agrees when what was removed never stood on the other side', () => {
    const base: [Value, Value] = [['1', '2', '9'], ['81']];
    expect(run(countriesField(), input(['1', '9'], ['81'], base))).toEqual(agreed(['1', '9'], ['81']));
  });

  it('carries a removal from one side only', () => {
    expect(
      run(
        tagsField(),
        input(
          ['a'],
          ['a', 'b'],
          [
            ['a', 'b'],
            ['a', 'b'],
          ],
        ),
      ),
    ).toEqual(toCrm(['a'], ['a', 'b']));
    expect(
      run(
        tagsField(),
        input(['a', 'b'], null, [
          ['a', 'b'],
          ['a', 'b'],
        ]),
      ),
    ).toEqual(toJira(null, ['a', 'b']));
  });

  it('fails towards the side a member cannot be carried to, and ignores members nobody touched', () => {
    const field = countriesField();
    expect(run(field, input(['1', '9'], ['81'], [['1'], ['81']]))).toMatchObject({ kind: 'failed', side: 'crm' });
    expect(run(field, input(['1'], ['81', '99'], [['1'], ['81']]))).toMatchObject({ kind: 'failed', side: 'jira' });
    expect(run(field, input(['1', '2'], ['82', '99'], [['2'], ['81', '82']]))).toMatchObject({ kind: 'failed' });
    // 9 and 99 stood there before: whatever they are, they stay.
    expect(
      run(
        field,
        input(
          ['1', '2', '9'],
          ['81', '99'],
          [
            ['1', '9'],
            ['81', '99'],
          ],
        ),
      ),
    ).toEqual(toCrm(['81', '82', '99'], ['81', '99']));
  });
});

describe('a field without a base', () => {
  it.each<[string, ProfileField, FieldInput, unknown]>([
    ['agrees when both show the same', noteField(), input('a', 'a', null), agreed('a', 'a')],
    [
      'agrees through a lossy translation',
      titleField(),
      input('1234567890', '1234567890 12', null),
      agreed('1234567890', '1234567890 12'),
    ],
    ['agrees when both are empty', noteField(), input(null, null, null), agreed(null, null)],
    ['fills an empty Jira field', noteField(), input(null, 'a', null), toJira('a', null)],
    ['fills an empty CRM field', noteField(), input('a', null, null), toCrm('a', null)],
    [
      'takes what both show as base for an update-only field',
      noteField({ on: 'update' }),
      input('a', 'b', null),
      agreed('a', 'b'),
    ],
    ['lets initial: jira fill the CRM', noteField({ initial: 'jira' }), input('a', null, null), toCrm('a', null)],
    ['lets initial: crm fill Jira', noteField({ initial: 'crm' }), input(null, 'a', null), toJira('a', null)],
  ])('%s', (_, field, asked, expected) => {
    expect(run(field, asked)).toEqual(expected);
  });

  it('is a conflict when both are filled and differ', () => {
    const asked = input('a', 'b', null);
    const conflict = { base: null, values: { jira: 'a', crm: 'b' } };
    expect(run(noteField(), asked)).toEqual({ kind: 'held', conflict: { ...conflict, outcome: 'held' } });
    expect(run(noteField({ conflict: { kind: 'crm' } }), asked)).toEqual({
      ...toJira('b', 'a'),
      conflict: { ...conflict, outcome: 'crm' },
    });
  });

  it('is a conflict when one of two that both were filled is emptied', () => {
    const asked = { ...input(null, 'b', null), filled: true };
    const conflict = { base: null, values: { jira: null, crm: 'b' }, outcome: 'held' };
    expect(run(noteField(), asked)).toEqual({ kind: 'held', conflict });
    expect(run(noteField(), { ...asked, crm: null })).toEqual(agreed(null, null));
  });

  it('follows a source that is emptied where both were filled, and not one that never was', () => {
    const asked = { ...input('a', null, null), filled: true };
    const conflict = { base: null, values: { jira: 'a', crm: null }, outcome: 'crm' };
    expect(run(noteField({ direction: 'to-jira' }), asked)).toEqual({ ...toJira(null, 'a'), conflict });
    expect(run(noteField({ direction: 'to-jira' }), { ...asked, filled: false })).toEqual(agreed('a', null));
    expect(run(noteField({ direction: 'to-crm' }), asked)).toEqual({
      ...{ ...toCrm('a', null), conflict: null },
    });
  });

  it('keeps the value that initial overwrites in a conflict', () => {
    expect(run(noteField({ initial: 'jira' }), input('a', 'b', null))).toEqual({
      ...toCrm('a', 'b'),
      conflict: { base: null, values: { jira: 'a', crm: 'b' }, outcome: 'jira' },
    });
    expect(run(noteField({ initial: 'crm' }), input('a', null, null))).toMatchObject({
      writes: [{ side: 'jira', value: null }],
      conflict: { outcome: 'crm' },
    });
  });
});

describe('a one-way field', () => {
  const oneWay = (more: Partial<ProfileField> = {}) => noteField({ direction: 'to-crm', ...more });
  const back = (more: Partial<ProfileField> = {}) => noteField({ direction: 'to-jira', ...more });

  it('follows its source whatever the target shows', () => {
    expect(run(oneWay(), input('b', 'a', ['a', 'a']))).toEqual(toCrm('b', 'a'));
    expect(run(oneWay(), input('b', 'own', ['a', 'a']))).toEqual(toCrm('b', 'own'));
    expect(run(back(), input('own', 'b', ['a', 'a']))).toEqual(toJira('b', 'own'));
  });

  it("ignores its target's changes", () => {
    expect(run(oneWay(), input('a', 'own', ['a', 'a']))).toEqual(settled);
    expect(run(back(), input('own', 'a', ['a', 'a']))).toEqual(settled);
  });

  it('agrees only when the target shows the source', () => {
    const field = titleField({ direction: 'to-crm' });
    expect(run(field, input('abcdefghij', 'abcdefghijkl', ['x', 'abcdefghijkl']))).toEqual(
      toCrm('abcdefghij', 'abcdefghijkl'),
    );
    expect(run(oneWay(), input('b', 'b', ['a', 'a']))).toEqual(agreed('b', 'b'));
    const status = statusField({ direction: 'to-jira' });
    expect(run(status, input('10011', 'C9:0', ['10011', 'C9:2']))).toEqual(toJira('10010', '10011'));
  });

  it('without a base gives the target its source, and keeps what it overwrites', () => {
    expect(run(oneWay(), input('a', null, null))).toEqual(toCrm('a', null));
    expect(run(oneWay(), input('a', 'own', null))).toMatchObject({
      writes: [{ side: 'crm', value: 'a' }],
      conflict: { outcome: 'jira' },
    });
    expect(run(back({ initial: 'crm' }), input('own', 'a', null))).toMatchObject({
      writes: [{ side: 'jira', value: 'a' }],
      conflict: { outcome: 'crm' },
    });
  });

  it('without a base leaves the target when its source is empty or initial names the target', () => {
    expect(run(oneWay(), input(null, 'own', null))).toEqual(agreed(null, 'own'));
    expect(run(back(), input('own', null, null))).toEqual(agreed('own', null));
    expect(run(oneWay({ initial: 'crm' }), input('a', 'own', null))).toEqual(agreed('a', 'own'));
  });

  it('ignores the source until it changes when it is for updates only', () => {
    const field = oneWay({ on: 'update' });
    expect(run(field, input('a', 'own', null))).toEqual(agreed('a', 'own'));
    expect(run(field, input('a', 'own', ['a', 'own']))).toEqual(settled);
    expect(run(field, input('b', 'own', ['a', 'own']))).toEqual(toCrm('b', 'own'));
  });
});

describe('a create-only field', () => {
  it('rests once the pair is linked, whatever it shows', () => {
    expect(run(noteField({ on: 'create' }), input('b', 'c', ['a', 'a']))).toEqual(settled);
    expect(run(noteField({ on: 'create' }), input(undefined, 'c', null))).toEqual(settled);
  });
});

describe('a decision', () => {
  const base: [Value, Value] = ['a', 'a'];
  const decided = (writes: unknown[], values: { jira: Value; crm: Value }) => ({
    kind: 'write',
    writes,
    conflict: { base: { jira: 'a', crm: 'a' }, values, outcome: 'decided' },
  });

  it('writes the chosen side to the other', () => {
    const values = { jira: 'b', crm: 'c' };
    expect(run(noteField(), input('b', 'c', base, { side: 'jira' }))).toEqual(
      decided([{ side: 'crm', value: 'b', from: 'c' }], values),
    );
    expect(run(noteField(), input('b', 'c', base, { side: 'crm' }))).toEqual(
      decided([{ side: 'jira', value: 'c', from: 'b' }], values),
    );
  });

  it('writes a value of its own to both sides, each in its own form', () => {
    const outcome = run(titleField(), input('b', 'c', base, { value: 'both of them' }));
    expect(outcome).toEqual(
      decided(
        [
          { side: 'jira', value: 'both of th', from: 'b' },
          { side: 'crm', value: 'both of them', from: 'c' },
        ],
        { jira: 'b', crm: 'c' },
      ),
    );
  });

  it('writes only the side that does not show the value yet', () => {
    expect(run(noteField(), input('b', 'c', base, { value: 'c' }))).toMatchObject({
      writes: [{ side: 'jira', value: 'c' }],
    });
  });

  it('closes without a write when both sides agree meanwhile', () => {
    expect(run(noteField(), input('b', 'b', base, { side: 'crm' }))).toEqual(agreed('b', 'b'));
    expect(run(noteField(), input('a', 'a', base, { side: 'crm' }))).toEqual(agreed('a', 'a'));
  });

  it('stays within the direction of the field', () => {
    const field = noteField({ direction: 'to-crm' });
    expect(run(field, input('b', 'c', base, { side: 'crm' }))).toEqual(agreed('b', 'c'));
    expect(run(field, input('b', 'c', base, { side: 'jira' }))).toMatchObject({
      writes: [{ side: 'crm', value: 'b' }],
    });
    expect(run(field, input('b', 'c', base, { value: 'd' }))).toMatchObject({ writes: [{ side: 'crm', value: 'd' }] });
    const back = noteField({ direction: 'to-jira' });
    expect(run(back, input('b', 'c', base, { value: 'd' }))).toMatchObject({ writes: [{ side: 'jira', value: 'd' }] });
  });

  it('fails when the chosen value has no translation', () => {
    const asked = input('10012', 'C9:3', ['10010', 'C9:0'], { side: 'crm' });
    expect(run(statusField(), asked)).toMatchObject({ kind: 'failed', side: 'jira' });
    expect(run(statusField(), { ...asked, decision: { value: 'C9:3' } })).toMatchObject({
      kind: 'failed',
      side: 'jira',
    });
  });
});

describe('the patch of a create', () => {
  const fields = [
    titleField(),
    noteField({ on: 'create' }),
    noteField({ name: 'Later', on: 'update', ids: { jira: 'later', crm: 'later' } }),
    noteField({ name: 'Only CRM', direction: 'to-crm', ids: { jira: 'only', crm: 'only' } }),
  ];

  it('holds every field that may be written there, empty ones as empty', () => {
    const source = { title: 'a title too long', note: 'n', later: 'l', only: 'o' };
    expect(createPatch({ fields }, 'jira', source)).toEqual({
      patch: { summary: 'a title to', remark: 'n' },
      failed: {},
      deferred: [],
    });
    expect(createPatch({ fields }, 'crm', { summary: 's', only: 'o', remark: null }).patch).toEqual({
      title: 's',
      only: 'o',
      note: null,
    });
  });

  it('leaves out what the source does not show', () => {
    expect(createPatch({ fields }, 'crm', { summary: 's' })).toEqual({
      patch: { title: 's' },
      failed: {},
      deferred: [],
    });
  });

  it('names what has no translation, and what must wait until the record exists', () => {
    const status = statusField();
    const waiting = statusField({
      schemas: { jira: schema('Status', 'status', { writableOnCreate: false }), crm: status.schemas.crm },
    });
    expect(createPatch({ fields: [status] }, 'jira', { stage: 'C9:3' })).toMatchObject({
      patch: {},
      failed: { Stage: expect.any(MappingError) },
    });
    expect(createPatch({ fields: [waiting] }, 'jira', { stage: 'C9:2' })).toMatchObject({
      patch: {},
      deferred: ['Stage'],
    });
    const never = { ...waiting, on: 'create' as const };
    const refused = createPatch({ fields: [never] }, 'jira', { stage: 'C9:2' });
    expect(refused.deferred).toEqual([]);
    expect(refused.failed.Stage?.cure).toContain('on: always');
  });

  it('sends what is empty as empty, so that the vendor fills in nothing of its own, and lets bugs through', () => {
    const silent = noteField({ mapper: { translate: () => null, show: () => '' } });
    expect(createPatch({ fields: [silent] }, 'crm', { remark: 'x' }).patch).toEqual({ note: null });
    expect(() => createPatch({ fields: [brokenField()] }, 'crm', { remark: 'x' })).toThrow('a bug');
  });
});
