import { UnavailableError } from '../../errors.ts';
import type { Scope, SourceRecord } from '../../model.ts';
import type { Ask } from '../connector.ts';
import type { CommandOutcome } from './batch.ts';
import { itemsIn } from './changes.ts';
import { type DescribeParts, loadFields } from './describe.ts';
import { isAbsent, isNamed } from './failures.ts';
import type { Item } from './fields.ts';
import { selectOf, toRecord } from './records.ts';
import type { EntityFields } from './schema.ts';
import { entityOf } from './scope.ts';
import { getCommand, itemIn } from './writes.ts';

export type Reads = {
  /** Fields of the scope's entity, as last described; asked for once where nobody described it yet. */
  schemaOf(scope: Scope, ask: Ask): Promise<EntityFields>;
  remember(fields: EntityFields): void;
  readRaw(scope: Scope, id: string, ask: Ask): Promise<Item | null>;
  read(scope: Scope, id: string, fields: readonly string[], ask: Ask): Promise<SourceRecord | null>;
  /** The portal tells what may not be seen from what is not there. */
  hides(scope: Scope, id: string, ask: Ask): Promise<boolean>;
  findByKey(scope: Scope, key: string, fields: readonly string[], ask: Ask): Promise<readonly SourceRecord[]>;
};

export function createReads(parts: DescribeParts): Reads {
  const { client, commands } = parts;
  const known = new Map<string, Promise<EntityFields>>();

  function schemaOf(scope: Scope, { lane }: Ask): Promise<EntityFields> {
    const cached = known.get(scope.entity);
    if (cached) return cached;
    // Without the first asker's signal: others wait for the same answer.
    const asked = loadFields(parts, entityOf(scope), { lane });
    known.set(scope.entity, asked);
    asked.catch(() => known.delete(scope.entity));
    return asked;
  }

  async function readRaw(scope: Scope, id: string, ask: Ask): Promise<Item | null> {
    if (!/^[1-9]\d*$/.test(id)) return null;
    const command = getCommand(scope, id);
    const outcome = await commands.read(command, ask);
    if (outcome.kind === 'failed' && isAbsent(outcome.failure)) return null;
    refuseUndone(outcome, command.method);
    return itemIn(outcome);
  }

  async function hides(scope: Scope, id: string, ask: Ask): Promise<boolean> {
    if (!/^[1-9]\d*$/.test(id)) return false;
    const command = getCommand(scope, id);
    const outcome = await commands.read(command, ask);
    if (outcome.kind === 'failed' && isAbsent(outcome.failure)) return isNamed(outcome.failure, 'ACCESS_DENIED');
    refuseUndone(outcome, command.method);
    return false;
  }

  function refuseUndone(outcome: CommandOutcome, method: string): void {
    if (outcome.kind === 'failed') throw client.error(outcome.failure, method, false);
    if (outcome.kind === 'done') return;
    throw new UnavailableError(`Bitrix24 did not run ${method}`, 'It is tried again by itself.', { ambiguous: false });
  }

  async function read(scope: Scope, id: string, fields: readonly string[], ask: Ask): Promise<SourceRecord | null> {
    const schema = await schemaOf(scope, ask);
    const item = await readRaw(scope, id, ask);
    if (item === null) return null;
    return toRecord(item, { scope, fields, schema, origin: client.origin() }, 'crm.item.get');
  }

  /** The originator holds Jira's identity, which this side does not know: the prefix is the proof. */
  async function findByKey(
    scope: Scope,
    key: string,
    fields: readonly string[],
    ask: Ask,
  ): Promise<readonly SourceRecord[]> {
    const schema = await schemaOf(scope, ask);
    const method = 'crm.item.list';
    const params = {
      entityTypeId: entityOf(scope).entityTypeId,
      select: selectOf(scope, fields),
      filter: { '=originId': key },
      order: { id: 'ASC' },
      start: -1,
    };
    const outcome = await commands.read({ method, params }, ask);
    refuseUndone(outcome, method);
    const items = outcome.kind === 'done' ? itemsIn(outcome.answer.result) : [];
    const view = { scope, fields, schema, origin: client.origin() };
    return items.map((item) => toRecord(item, view, method)).filter((record) => record.marker?.key === key);
  }

  return {
    schemaOf,
    remember: (fields) => known.set(fields.entity.name, Promise.resolve(fields)),
    readRaw,
    read,
    hides,
    findByKey,
  };
}
