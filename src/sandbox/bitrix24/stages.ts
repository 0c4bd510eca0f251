// Which stage an item may have: one of its pipeline. A move to another pipeline without a stage starts at its first.
import type { EntityName } from './entities.ts';
import { RestError } from './errors.ts';
import { type Item, type Portal, stageDictionary, stagesOf } from './portal.ts';

export function settleStage(portal: Portal, entity: EntityName, before: Item | null, draft: Item): void {
  if (stageDictionary(entity, 0) === null) return;
  if (entity === 'deal' && !portal.categories.some((category) => category.id === Number(draft.categoryId ?? 0))) {
    throw refused('Воронка');
  }
  if (entity === 'deal') draft.categoryId = Number(draft.categoryId ?? 0);
  const stages = stagesOf(portal, entity, draft.categoryId);
  const first = stages[0]?.statusId ?? null;
  const movedPipeline = before !== null && before.categoryId !== draft.categoryId;
  const stageWritten = before === null ? draft.stageId !== undefined : before.stageId !== draft.stageId;
  // An emptied stage stays where it was.
  if (!draft.stageId) draft.stageId = before?.stageId;
  if (!draft.stageId || (movedPipeline && !stageWritten)) draft.stageId = first;
  if (stages.some((stage) => stage.statusId === draft.stageId)) return;
  if (before !== null && !stageWritten) return;
  throw refused('Стадия');
}

function refused(title: string): RestError {
  return new RestError(400, 'CRM_FIELD_ERROR_VALUE_NOT_VALID', `Неверное значение поля "${title}"`);
}
