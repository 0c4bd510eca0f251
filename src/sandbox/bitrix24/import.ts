// crm.item.import and batchImport: no automation, and an administrator may set the service times.
import { type Call, entityOf, type Method } from './call.ts';
import type { EntityName } from './entities.ts';
import { errorBody, missingParameter, RestError } from './errors.ts';
import { asMap, phpArray } from './form.ts';
import { inputOf } from './items.ts';
import type { Answer } from './paging.ts';
import { isAdmin } from './rights.ts';
import { createItem } from './save.ts';

export const IMPORT_METHODS: Readonly<Record<string, Method>> = {
  'crm.item.import': { scope: 'crm', run: importItem },
  'crm.item.batchImport': { scope: 'crm', run: importItems },
};

const MAX_ITEMS = 20;

function importOne(call: Call, entity: EntityName, input: Record<string, unknown>): { item: { id: number } } {
  const asImport = isAdmin(call.portal, call.user);
  return { item: { id: createItem(call.portal, { entity, input, by: call.user.id, asImport }).id } };
}

function importItem(call: Call): Answer {
  return { result: importOne(call, entityOf(call).name, inputOf(call)) };
}

/** Answers under the keys of the request, each an item or an error. */
function importItems(call: Call): Answer {
  const entity = entityOf(call).name;
  if (call.params.data === undefined) throw missingParameter('data');
  const entries = Object.entries(asMap(call.params.data));
  if (entries.length > MAX_ITEMS) {
    throw new RestError(400, 'MAX_IMPORT_BATCH_SIZE_EXCEEDED', `Максимальное количество элементов: ${MAX_ITEMS}`);
  }
  const outcomes = entries.map(([key, input]): [string, unknown] => {
    try {
      return [key, importOne(call, entity, asMap(input))];
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      return [key, errorBody(error)];
    }
  });
  return { result: { items: phpArray(outcomes) } };
}
