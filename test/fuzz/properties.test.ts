// G1 and G21: laws that hold for any values. Mappers as lenses (S19); the merge on pairs that were equal once and changed
// twice; cursors and sync keys there and back.
import { describe, expect, it } from 'vitest';
import { readCursor, writeCursor } from '../../src/connectors/bitrix24/cursor.ts';
import { cursorText as jiraCursor, parseCursor } from '../../src/connectors/jira/cursor.ts';
import { otherSide, SIDES } from '../../src/model.ts';
import { intentKey, markedId, syncKey } from '../../src/sync/sync-key.ts';
import { type Proof, prove, sharedBy } from '../support/cases.ts';
import { below, hostileText, maybe, pick } from '../support/hostile.ts';
import { RANDOM_FIELDS, type RandomField } from '../support/random-fields.ts';
import { fail, obeysLensLaws } from './mapper-laws.ts';
import { correlated, drawn, obeysMergeLaws } from './merge-laws.ts';

const proofOf = (goal: string, what: string, cases: Proof['cases']): Proof => ({
  goal,
  what,
  cases,
  file: import.meta.url,
});

describe('a mapper (S19)', () => {
  it.each(RANDOM_FIELDS)(
    'of $name carries what the other side can carry, once and for all',
    async (one) => {
      await prove(proofOf('G21', `round trips of ${one.name}`, [100_000, 1_000_000]), (chance) =>
        obeysLensLaws(one, chance),
      );
    },
    900_000,
  );
});

describe('the merge (G1)', () => {
  it('obeys its laws on correlated pairs of every kind of field', async () => {
    const valuesAt = sharedBy(8, (chance) => drawn(chance, RANDOM_FIELDS));
    await prove(proofOf('G1', 'merge laws on correlated pairs', [900_000, 10_000_000]), (chance, at) => {
      obeysMergeLaws(correlated(valuesAt(at), chance));
    });
  }, 1_800_000);
});

describe('cursors and keys (G1)', () => {
  it('go there and back, and what is no cursor is none', async () => {
    await prove(proofOf('G1', 'cursors of both products', [100_000, 1_000_000]), (chance) => {
      const since = below(chance, 4e12);
      const token = hostileText(chance).slice(0, 100);
      const jira = maybe(chance, 0.5)
        ? { kind: 'since' as const, since }
        : { kind: 'all' as const, since, token: `t${token}` };
      const read = parseCursor(jiraCursor(jira));
      if (JSON.stringify(read) !== JSON.stringify(jira)) fail('another cursor', jira, read);
      const crm = {
        since: maybe(chance, 0.1) ? null : since,
        afterId: below(chance, 1e9),
        next: maybe(chance, 0.5) ? null : since,
      };
      if (JSON.stringify(readCursor(writeCursor(crm))) !== JSON.stringify(crm)) fail('another cursor', crm);
      const odd = parseCursor(hostileText(chance));
      if (odd !== null && !Number.isSafeInteger(odd.since)) fail('a cursor of nothing', odd);
      try {
        readCursor(hostileText(chance));
        fail('took anything for a cursor');
      } catch (error) {
        if ((error as Error).name !== 'SyncError') throw error;
      }
    });
  }, 900_000);

  it('name one record of one site, and nobody else’s', async () => {
    await prove(proofOf('G1', 'sync keys', [100_000, 1_000_000]), (chance) => {
      const side = pick(chance, SIDES);
      const entity = pick(chance, side === 'jira' ? ['issue'] : ['deal', 'lead', 'contact', 'company']);
      const id = String(1 + below(chance, 1e9));
      const key = syncKey(side, entity, id);
      if (markedId({ key, tenant: 'here' }, side, entity, 'here') !== id) fail('lost its record', key);
      if (markedId({ key, tenant: 'there' }, side, entity, 'here') !== null) fail('another site’s mark', key);
      if (markedId({ key, tenant: 'here' }, otherSide(side), entity, 'here') !== null)
        fail('the other side’s mark', key);
      const odd = { key: maybe(chance, 0.5) ? `${key}${hostileText(chance)}x` : hostileText(chance), tenant: 'here' };
      const named = markedId(odd, side, entity, 'here');
      if (named !== null && !/^\d+$/.test(named)) fail('a mark that names nothing', odd);
      const target = { connection: pick(chance, ['a', 'b']), entity };
      const other = { ...target, connection: 'c' };
      if (intentKey(target, 'here', key) === intentKey(other, 'here', key)) fail('one intent for two connections', key);
      if (intentKey(target, 'here', key) === intentKey(target, 'there', key)) fail('one intent for two sites', key);
    });
  }, 900_000);
});

it('the laws notice a mapper that mangles', async () => {
  const broken: RandomField = {
    name: 'a text that loses its end each time',
    field: {
      ...(RANDOM_FIELDS[0] as RandomField).field,
      mapper: { translate: (value) => `${value}`.slice(0, -1), show: String },
    },
    valueFor: () => 'Насос',
  };
  expect(() => obeysLensLaws(broken, { next: () => 0.4, hex: () => '' })).toThrow('cut twice');
});
