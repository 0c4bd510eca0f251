// Profiles for tests: a minimal valid one to change a line of, and the way from text to problems.
import type { Problem } from '../../src/errors.ts';
import type { Description, Side } from '../../src/model.ts';
import { compileProfile } from '../../src/profiles/compile-profile.ts';
import { parseProfile } from '../../src/profiles/parse-profile.ts';
import type { Profile } from '../../src/profiles/profile.ts';
import { sampleDescriptions, samplePeople } from './sample-descriptions.ts';

export const HEAD = `name: procurement
jira: { connection: jira, entity: issue, project: BUY, type: Purchase request }
crm: { connection: bitrix24, entity: deal, where: { category: Закупки } }
`;

/** `lines` are lines of \`fields\`, `more` whole lines before it. */
export function profileText(lines: readonly string[] = ['{ jira: summary, crm: title }'], more = ''): string {
  return `${HEAD}${more}${more === '' ? '' : '\n'}fields:\n${lines.map((line) => `  - ${line}\n`).join('')}`;
}

export function load(
  text: string,
  descriptions: Record<Side, Description> = sampleDescriptions(),
): { profile: Profile | null; problems: readonly Problem[] } {
  const { draft, problems } = parseProfile(text, 'p.yaml');
  return draft === null ? { profile: null, problems } : compileProfile(draft, descriptions, samplePeople());
}

/** The profile, or a failure that names what was wrong with it. */
export function mustLoad(text: string, descriptions?: Record<Side, Description>): Profile {
  const { profile, problems } = load(text, descriptions);
  if (profile === null) throw new Error(shown(problems).join('\n'));
  return profile;
}

/** `line:column message → cure`. */
export function shown(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ line, column, message, cure }) => `${line}:${column} ${message} → ${cure}`);
}
