// configure(): checks the whole request first, then changes the site.

import { SandboxEditError } from '../http.ts';
import { cloneIssue } from './clone-issue.ts';
import { moveIssue } from './move-issue.ts';
import { fieldNamed } from './person-edit.ts';
import { type Acts, readSettings, type Settings } from './settings.ts';
import { ALL_EVENTS, type WebhookRegistry } from './webhooks.ts';
import { storeData, type World } from './world.ts';

type Site = { readonly world: World; readonly hooks: WebhookRegistry; readonly secret: string };

function setWebhooks({ hooks, secret }: Site, wanted: NonNullable<Acts['webhooks']>): void {
  hooks.clear();
  for (const hook of Array.isArray(wanted) ? wanted : [wanted]) {
    hooks.add({
      name: hook.name ?? 'Sandbox webhook',
      url: hook.url,
      secret: hook.secret ?? secret,
      events: hook.events ?? ALL_EVENTS,
      filter: '',
      excludeBody: false,
      enabled: true,
    });
  }
}

/** Issues lose the option with the field: no history, no webhook, `updated` stays. */
function forgetOption(world: World, fieldId: string, optionId: string): void {
  for (const issue of world.issues.values()) {
    const value = issue.data.values.get(fieldId);
    const held = [value ?? []].flat();
    if (!held.includes(optionId)) continue;
    const values = new Map(issue.data.values);
    const left = held.filter((id) => id !== optionId) as string[];
    if (left.length > 0) values.set(fieldId, left);
    else values.delete(fieldId);
    storeData(issue, { ...issue.data, values });
  }
}

function changeFields({ world }: Site, act: Acts): void {
  if (act.renameField) fieldNamed(world, act.renameField.id).name = act.renameField.name;
  if (act.removeOption) {
    const field = fieldNamed(world, act.removeOption.field);
    const { option } = act.removeOption;
    const gone = field.options.find(({ id, value }) => id === option || value === option);
    if (!gone) throw new SandboxEditError(`"${field.name}" has no option "${option}"`);
    field.options = field.options.filter((candidate) => candidate !== gone);
    forgetOption(world, field.id, gone.id);
  }
  if (act.addOption) {
    const field = fieldNamed(world, act.addOption.field);
    const id = String(world.next('option', 10_301));
    field.options = [...field.options, { id, value: act.addOption.option }];
  }
}

/** Settings name fields by label or id; they are kept by id. */
function withFieldIds(world: World, keep: Partial<Settings>): Partial<Settings> {
  const ids = (names: readonly string[]) => names.map((name) => fieldNamed(world, name).id);
  const result = { ...keep };
  if (keep.readOnlyFields) result.readOnlyFields = ids(keep.readOnlyFields);
  if (keep.disabledFields) result.disabledFields = ids(keep.disabledFields);
  if (keep.requiredFields) result.requiredFields = ids(keep.requiredFields);
  if (keep.coerce) {
    result.coerce = keep.coerce.map((rule) => ({ ...rule, field: fieldNamed(world, rule.field).id }));
  }
  return result;
}

/** Answers the settings as they are now, and the clone that was made. */
export function configureSite(
  world: World,
  hooks: WebhookRegistry,
  credentials: { readonly webhookSecret: string },
  input: Readonly<Record<string, unknown>>,
): Settings & { readonly cloned?: { readonly id: string; readonly key: string } } {
  const { keep, act } = readSettings(input);
  const site = { world, hooks, secret: credentials.webhookSecret };
  const paused = world.settings.webhookMode === 'paused';
  Object.assign(world.settings, withFieldIds(world, keep));
  if (act.webhooks) setWebhooks(site, act.webhooks);
  changeFields(site, act);
  if (act.moveIssue) moveIssue(world, hooks.tell, act.moveIssue.issue, act.moveIssue.project);
  if (paused && world.settings.webhookMode !== 'paused') hooks.resume();
  if (!act.cloneIssue) return { ...world.settings };
  return { ...world.settings, cloned: cloneIssue(world, hooks.tell, act.cloneIssue.issue) };
}
