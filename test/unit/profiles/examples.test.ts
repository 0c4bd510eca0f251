import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Description, FieldSchema } from '../../../src/model.ts';
import { profileJsonSchema } from '../../../src/profiles/json-schema.ts';
import { referenceRow } from '../../../src/profiles/key-table.ts';
import { PROFILE_SECTIONS } from '../../../src/profiles/profile-keys.ts';
import { mustLoad } from '../../support/profile-fixture.ts';
import { CRM_FIELDS, JIRA_FIELDS, sampleDescriptions } from '../../support/sample-descriptions.ts';

const FOLDER = 'config/examples';

/** Leads have no stage of deals, but a source. */
const LEAD_FIELDS: readonly FieldSchema[] = [
  ...CRM_FIELDS.filter((field) => ['id', 'url', 'title', 'assignedById', 'comments'].includes(field.id)),
  {
    ...(CRM_FIELDS.find((field) => field.id === 'title') as FieldSchema),
    id: 'sourceDescription',
    label: 'Дополнительно об источнике',
  },
];

const DESCRIPTIONS: Record<string, Record<'jira' | 'crm', Description>> = {
  'procurement.yaml': sampleDescriptions(),
  'operations-leads.yaml': sampleDescriptions({ crm: { fields: LEAD_FIELDS } }),
};

describe.each(readdirSync(FOLDER))('config/examples/%s', (name) => {
  const text = readFileSync(`${FOLDER}/${name}`, 'utf8');

  test('compiles against the sample company', () => {
    const profile = mustLoad(text, DESCRIPTIONS[name]);
    expect(`${profile.name}.yaml`).toBe(name);
    expect(profile.fields.length).toBeGreaterThan(0);
  });

  test('fits the JSON Schema that editors use', () => {
    const schema = z.fromJSONSchema(profileJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
    expect(schema.safeParse(parse(text)).error?.issues ?? []).toEqual([]);
  });
});

describe('the example that the demo runs', () => {
  const profile = mustLoad(readFileSync(`${FOLDER}/procurement.yaml`, 'utf8'));
  const deal = Object.fromEntries(CRM_FIELDS.map((field) => [field.id, null]));
  const issue = Object.fromEntries(JIRA_FIELDS.map((field) => [field.id, null]));
  const at = (jira: typeof issue | null, stageId: string | null) => ({
    jira,
    crm: stageId === null ? null : { ...deal, stageId },
    old: { jira: null, crm: null },
    now: 0,
  });

  test('holds a draft back, and nothing else', () => {
    expect(profile.syncWhen?.evaluate(at(null, 'C9:NEW'))).toBe(false);
    expect(profile.syncWhen?.evaluate(at(null, 'C9:PREPARATION'))).toBe(true);
    expect(profile.syncWhen?.evaluate(at(issue, null))).toBe(true);
  });

  test('creates a deal for every issue, an issue for every deal above draft', () => {
    expect(profile.create.crm).toEqual({ when: null });
    expect(profile.create.jira?.when?.evaluate(at(null, 'C9:PREPARATION'))).toBe(true);
    expect(profile.create.jira?.when?.evaluate(at(null, 'C9:NEW'))).toBe(false);
  });

  test('has a translation for every status, and for every stage above draft', () => {
    const status = profile.fields.find((field) => field.ids.jira === 'status');
    for (const { id } of status?.schemas.jira.options ?? [])
      expect(status?.mapper.translate(id, 'jira')).toMatch(/^C9:/);
    for (const { id, label } of status?.schemas.crm.options ?? []) {
      if (label !== 'Черновик') expect(status?.mapper.translate(id, 'crm')).toMatch(/^100/);
    }
  });
});

describe('docs/profiles.md', () => {
  const reference = readFileSync('docs/profiles.md', 'utf8');

  test.each(PROFILE_SECTIONS.map((section) => [section.name, section] as const))(
    'describes every key of `%s` as the reader knows it',
    (_name, section) => {
      for (const spec of section.keys) expect(reference).toContain(referenceRow(spec));
    },
  );

  test('names every key of a later version', () => {
    for (const section of PROFILE_SECTIONS) {
      for (const key of Object.keys(section.later ?? {})) expect(reference).toContain(`\`${key}\``);
    }
  });

  test('shows examples that are valid', () => {
    const blocks = [...reference.matchAll(/```yaml\n(name: [\s\S]*?)```/g)].map((match) => match[1] ?? '');
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) expect(mustLoad(block).fields.length).toBeGreaterThan(0);
  });
});
