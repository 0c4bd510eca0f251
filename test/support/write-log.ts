// What was written to the two products, read from the requests themselves: which record, which fields, what came of it.
import type { Side } from '../../src/model.ts';
import type { SandboxRequest } from '../../src/sandbox/http.ts';

export type Write = {
  readonly side: Side;
  readonly what: 'create' | 'update' | 'transition';
  /** Null for a create. */
  readonly id: string | null;
  /** Field ids in the request, sorted. */
  readonly fields: readonly string[];
  readonly at: number;
};

const READING_POSTS = new Set(['bulkfetch']);

type Bare = Omit<Write, 'side' | 'at'>;

/** Of each request: it is asked for again at every step of its way. */
const known = new WeakMap<SandboxRequest, readonly Bare[]>();

export function writesIn(side: Side, request: SandboxRequest, at: number): readonly Write[] {
  const bare = known.get(request) ?? (side === 'jira' ? jiraWrites(request) : bitrixWrites(request));
  known.set(request, bare);
  return bare.map((write) => ({ ...write, fields: [...write.fields].sort(), side, at }));
}

function jiraWrites(request: SandboxRequest): readonly Bare[] {
  const { method } = request;
  if (method === 'GET') return [];
  const path = request.path.replace(/^\/rest\/api\/3\//, '');
  const body = jsonOf(request);
  if (path === 'issue') return [{ what: 'create', id: null, fields: Object.keys(mapOf(body.fields)) }];
  if (path === 'issue/bulk') {
    const items = Array.isArray(body.issueUpdates) ? body.issueUpdates : [];
    return items.map((item) => ({ what: 'create', id: null, fields: Object.keys(mapOf(mapOf(item).fields)) }));
  }
  const [, id = '', below] = /^issue\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (id === '' || (READING_POSTS.has(id) && method === 'POST')) return [];
  if (below === 'transitions') return [{ what: 'transition', id, fields: ['status'] }];
  if (below === undefined && method === 'PUT') {
    const fields = [...Object.keys(mapOf(body.fields)), ...Object.keys(mapOf(body.update))];
    return [{ what: 'update', id, fields }];
  }
  return [{ what: 'update', id, fields: [`${method} ${below ?? ''}`] }];
}

function bitrixWrites(request: SandboxRequest): readonly Bare[] {
  // Tokens are asked for by a form.
  if (!request.path.startsWith('/rest/')) return [];
  const method = (request.path.split('/').filter(Boolean).at(-1) ?? '').replace(/\.json$/, '');
  const body = jsonOf(request);
  if (method !== 'batch') {
    return writeOf(method, String(body.id ?? ''), Object.keys(mapOf(body.fields)));
  }
  return Object.values(mapOf(body.cmd)).flatMap((command) => {
    const [name = '', query = ''] = String(command).split('?');
    if (!WRITING.test(name)) return [];
    const params = new URLSearchParams(query);
    const fields = [...params.keys()].flatMap((key) => /^fields\[([^\]]+)\]/.exec(key)?.[1] ?? []);
    return writeOf(name, params.get('id') ?? '', [...new Set(fields)]);
  });
}

const WRITING = /\.(update|delete|add|set)$/;

function writeOf(method: string, id: string, fields: readonly string[]): readonly Bare[] {
  if (method === 'crm.item.add') return [{ what: 'create', id: null, fields }];
  if (WRITING.test(method)) return [{ what: 'update', id, fields }];
  return [];
}

function jsonOf(request: SandboxRequest): Readonly<Record<string, unknown>> {
  if (request.body.length === 0) return {};
  return mapOf(JSON.parse(Buffer.from(request.body).toString('utf8')));
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
