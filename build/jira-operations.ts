// The sources take jira.js's operations from its own modules at run time, by a path that a bundler cannot follow. In the
// bundle the same names come from the package's public entry, of which nothing else is kept.
import type { Plugin } from 'rolldown';

const MODULE = /\/src\/connectors\/jira\/jira-js\.ts$/;
const TAKEN = /^export const \{([^}]+)\} = \w+;$/gm;

export function jiraOperations(): Plugin {
  return {
    name: 'jira-operations',
    transform: {
      filter: { id: MODULE },
      handler: (code) => ({ code: fromPublicEntry(code), moduleType: 'js', map: { mappings: '' } }),
    },
  };
}

export function fromPublicEntry(code: string): string {
  const names: string[] = [];
  for (const [, list = ''] of code.matchAll(TAKEN)) {
    for (const name of list.split(',')) if (name.trim() !== '') names.push(name.trim().replace(/\s*:\s*/, ' as '));
  }
  const exported = code.match(/^export (?!type\b)/gm)?.length ?? 0;
  if (names.length === 0 || exported !== [...code.matchAll(TAKEN)].length) {
    throw new Error('src/connectors/jira/jira-js.ts has changed its form: adapt build/jira-operations.ts');
  }
  return `export { ${names.join(', ')} } from 'jira.js/cloud';\n`;
}
