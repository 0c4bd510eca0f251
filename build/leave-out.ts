// Parts of packages that this program never comes to, but that cost every start: what they load is loaded because they are
// there. Each entry says what it replaces; a package that has changed its form stops the build.
import type { Plugin } from 'rolldown';

type Replacement = {
  /** The end of the file's path. */
  readonly file: string;
  /** What must stand in it, so that an update does not go unnoticed. */
  readonly holds: string;
  readonly by: string;
};

const REPLACEMENTS: readonly Replacement[] = [
  // Touching the global FormData, Request or Response makes Node load undici: 3 MB and 30 ms. We send no forms with files,
  // and requests go through the adapter for node:http.
  {
    file: '/axios/lib/utils.js',
    holds: "const FormDataCtor = typeof G.FormData !== 'undefined' ? G.FormData : undefined;",
    by: 'const FormDataCtor = undefined;',
  },
  {
    file: '/axios/lib/platform/node/classes/FormData.js',
    holds: "import FormData from 'form-data';\n\nexport default FormData;",
    by: 'export default null;',
  },
  {
    file: '/axios/lib/adapters/adapters.js',
    holds: "import * as fetchAdapter from './fetch.js';",
    by: 'const fetchAdapter = { getFetch: () => null };',
  },
  // Requests are HTTP/1.1; the module alone is 2 MB.
  { file: '/axios/lib/adapters/http.js', holds: "import http2 from 'http2';", by: 'const http2 = null;' },
  { file: '/axios/lib/helpers/Http2Sessions.js', holds: "import http2 from 'http2';", by: 'const http2 = null;' },
  { file: '/fastify/lib/server.js', holds: "const http2 = require('node:http2')", by: 'const http2 = null' },
  // Only for exemplars, which are off.
  {
    file: '/prom-client/lib/metrics/processCpuTotal.js',
    holds: "const OtelApi = require('@opentelemetry/api');",
    by: 'const OtelApi = null;',
  },
];

export function leaveOut(): Plugin {
  const seen = new Set<Replacement>();
  return {
    name: 'leave-out',
    transform: {
      filter: { id: /\/node_modules\/(axios|fastify|prom-client)\// },
      handler(code, id) {
        const found = REPLACEMENTS.filter(({ file }) => id.endsWith(file));
        if (found.length === 0) return null;
        let changed = code;
        for (const replacement of found) {
          if (!changed.includes(replacement.holds)) throw new Error(`${id} has changed: adapt build/leave-out.ts`);
          changed = changed.replace(replacement.holds, () => replacement.by);
          seen.add(replacement);
        }
        return { code: changed, map: null };
      },
    },
    buildEnd() {
      const missed = REPLACEMENTS.find((one) => !seen.has(one));
      if (missed !== undefined) throw new Error(`${missed.file} is not in the bundle: adapt build/leave-out.ts`);
    },
  };
}
