// `import http from 'node:http'` makes Node read every export of the module, and some of them load undici and http2 when they
// are read: 16 MB and 30 ms for what nobody asked for. Taken by getBuiltinModule the module is the same and loads nothing.
import type { Plugin } from 'rolldown';

const NAME = /^(?:node:)?(https?)$/;
/** What may be taken by name; none of it loads anything. */
const NAMES = {
  http: [
    'Agent',
    'ClientRequest',
    'IncomingMessage',
    'METHODS',
    'STATUS_CODES',
    'Server',
    'createServer',
    'get',
    'request',
  ],
  https: ['Agent', 'Server', 'createServer', 'get', 'request'],
} as const;

export function plainHttp(): Plugin {
  return {
    name: 'plain-http',
    resolveId: {
      filter: { id: NAME },
      // A `require` takes the module as it is.
      handler: (source, _importer, { kind }) =>
        kind === 'import-statement' ? `\0plain:${NAME.exec(source)?.[1]}` : null,
    },
    load: {
      filter: { id: /^\0plain:/ },
      handler(id) {
        const name = id.endsWith('https') ? 'https' : 'http';
        const names = `export const { ${NAMES[name].join(', ')} } = module;`;
        return `const module = process.getBuiltinModule('node:${name}');\nexport default module;\n${names}\n`;
      },
    },
  };
}
