// configure(): checks the whole request first, then changes the site.

import { SandboxEditError } from '../http.ts';
import { fieldNamed } from './person-edit.ts';
import { type Acts, readSettings, type Settings } from './settings.ts';
import { ALL_EVENTS, type WebhookRegistry } from './webhooks.ts';
import type { World } from './world.ts';

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

function changeFields({ world }: Site, act: Acts): void {
  if (act.renameField) fieldNamed(world, act.renameField.id).name = act.renameField.name;
  if (act.removeOption) {
    const field = fieldNamed(world, act.removeOption.field);
    const { option } = act.removeOption;
    const kept = field.options.filter(({ id, value }) => id !== option && value !== option);
    if (kept.length === field.options.length) throw new SandboxEditError(`"${field.name}" has no option "${option}"`);
    field.options = kept;
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

/** Answers the settings as they are now. */
export function configureSite(
  world: World,
  hooks: WebhookRegistry,
  credentials: { readonly webhookSecret: string },
  input: Readonly<Record<string, unknown>>,
): Settings {
  const { keep, act } = readSettings(input);
  const site = { world, hooks, secret: credentials.webhookSecret };
  const paused = world.settings.webhookMode === 'paused';
  Object.assign(world.settings, withFieldIds(world, keep));
  if (act.webhooks) setWebhooks(site, act.webhooks);
  changeFields(site, act);
  if (paused && world.settings.webhookMode !== 'paused') hooks.resume();
  return { ...world.settings };
}
