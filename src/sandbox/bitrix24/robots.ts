// Automation rules of the portal: after a save that changed their field they save again, as the first person. What a
// REST call answers was read before they ran.
import type { EntityName } from './entities.ts';
import type { Schema } from './field.ts';
import { actAs, byHand, type Portal } from './portal.ts';
import { updateItem } from './save.ts';
import { refersTo, schemaOf } from './schema.ts';
import type { Robot } from './settings.ts';

export function runRobots(portal: Portal, entity: EntityName, id: number, changed: readonly string[]): void {
  const schema = schemaOf(portal, entity);
  for (const robot of portal.settings.robots) {
    if (robot.entity !== entity) continue;
    const trigger = schema.fields.find((field) => refersTo(robot.on, field));
    if (!trigger || !changed.includes(trigger.key)) continue;
    portal.later(robot.afterMs, () => act(portal, entity, schema, robot, id));
  }
}

function act(portal: Portal, entity: EntityName, schema: Schema, robot: Robot, id: number): void {
  const item = portal.items[entity].get(id);
  if (!item) return;
  const input: Record<string, unknown> = {};
  const named = (ref: string) => schema.fields.find((field) => refersTo(ref, field));
  for (const [ref, value] of Object.entries(robot.set)) {
    const field = named(ref);
    if (field) input[field.name] = value;
  }
  const target = robot.rewrite && named(robot.rewrite.field);
  if (robot.rewrite && target) {
    input[target.name] = `${robot.rewrite.prefix}${item[target.key] ?? ''}${robot.rewrite.suffix}`;
  }
  const save = { entity, input, by: portal.users[0]?.id ?? 1, byRobot: true };
  actAs(portal, byHand(portal, null), () => updateItem(portal, item, save));
}
