// Which stages an item has been in. The method's errors carry the number 0 for a code.
import type { Call, Method } from './call.ts';
import { printInstant } from './dates.ts';
import type { EntityName } from './entities.ts';
import { RestError } from './errors.ts';
import { compareValues, compileFilter } from './filter.ts';
import { asMap } from './form.ts';
import { type Answer, answer, pageOf, readStart } from './paging.ts';
import { type Item, nextId, type Portal } from './portal.ts';

export const STAGE_HISTORY_METHODS: Readonly<Record<string, Method>> = {
  'crm.stagehistory.list': { scope: 'crm', run: listHistory },
};

const CREATED = 1;
const MIDDLE = 2;
const FINAL = 3;
const OTHER_PIPELINE = 5;

/** Notes the stage of an item that was made (no `before`) or moved. */
export function noteStage(portal: Portal, entity: EntityName, before: Item | null, item: Item, at: number): void {
  if (item.stageId === undefined || (before && before.stageId === item.stageId)) return;
  const moved = before !== null && before.categoryId !== item.categoryId;
  const type = item.stageSemanticId === 'P' ? MIDDLE : FINAL;
  portal.stageHistory.push({
    id: nextId(portal, 'stage-history'),
    entity,
    ownerId: item.id,
    type: before === null ? CREATED : moved ? OTHER_PIPELINE : type,
    at,
    stageId: String(item.stageId),
    semantics: String(item.stageSemanticId),
    categoryId: Number(item.categoryId ?? 0),
  });
}

const NUMBERS = new Set(['ID', 'OWNER_ID', 'TYPE_ID', 'CATEGORY_ID']);
const TEXTS = new Set(['STAGE_ID', 'STATUS_ID', 'STAGE_SEMANTIC_ID', 'STATUS_SEMANTIC_ID']);

function listHistory(call: Call): Answer {
  const { portal, params } = call;
  const typeId = Number(params.entityTypeId);
  if (typeId !== 1 && typeId !== 2) throw new RestError(400, 0, 'Entity is not supported');
  const entity = typeId === 1 ? 'lead' : 'deal';
  const lookup = (name: string) => {
    if (name === 'CREATED_TIME') return { key: 'at', type: 'datetime', dynamic: false };
    if (!NUMBERS.has(name) && !TEXTS.has(name)) return undefined;
    return { key: name, type: NUMBERS.has(name) ? 'integer' : 'string', dynamic: false };
  };
  const test = compileFilter(params.filter, lookup, portal.settings.portalOffset);
  const rows = portal.stageHistory
    .filter((entry) => entry.entity === entity)
    .map((entry) => ({
      at: entry.at,
      ID: entry.id,
      TYPE_ID: entry.type,
      OWNER_ID: entry.ownerId,
      // Leads speak of statuses, deals of stages.
      ...(entity === 'lead'
        ? { STATUS_SEMANTIC_ID: entry.semantics, STATUS_ID: entry.stageId }
        : { CATEGORY_ID: entry.categoryId, STAGE_SEMANTIC_ID: entry.semantics, STAGE_ID: entry.stageId }),
    }))
    .filter(test);
  const direction = String(Object.entries(asMap(params.order))[0]?.[1] ?? 'ASC').toUpperCase();
  rows.sort((left, right) => (direction === 'DESC' ? -1 : 1) * compareValues(left.ID, right.ID));
  const page = pageOf(portal, rows, readStart(params, 'A'));
  const items = page.rows.map(({ at, ...row }) => ({
    ...row,
    CREATED_TIME: printInstant(at, portal.settings.portalOffset),
  }));
  return answer(page, { items });
}
