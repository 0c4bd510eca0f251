import { UnavailableError } from '../../errors.ts';
import type { Scope } from '../../model.ts';
import { hooksOf } from '../ask.ts';
import type { WriteAsk } from '../connector.ts';
import type { Client } from './client.ts';
import type { Commands } from './commands.ts';
import { isNamed } from './failures.ts';
import { entityOf } from './scope.ts';

const DELETE = 'crm.item.delete';

/** The recycle bin of the portal keeps the record for a month (Bitrix24 docs: crm.item.delete). */
export async function removeRecord(
  parts: { readonly client: Client; readonly commands: Commands },
  scope: Scope,
  id: string,
  ask: WriteAsk,
): Promise<void> {
  const params = { entityTypeId: entityOf(scope).entityTypeId, id: Number(id) };
  const unit = { commands: [{ method: DELETE, params }], ...hooksOf(ask) };
  const { lane, signal } = ask;
  const [outcome] = await parts.commands.write(unit, signal ? { lane, signal } : { lane });
  if (outcome?.kind === 'done') return;
  if (outcome?.kind === 'failed') {
    if (isNamed(outcome.failure, 'NOT_FOUND')) return;
    throw parts.client.error(outcome.failure, DELETE, true);
  }
  // Deleting twice is harmless, so that it may simply be tried again.
  throw new UnavailableError(`The batch was cut before ${DELETE} answered`, 'It is tried again by itself.', {
    ambiguous: false,
  });
}
