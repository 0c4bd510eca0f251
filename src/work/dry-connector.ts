// A connector that reads for real and only notes what it would write. With it the whole engine runs on a copy of the
// state, so that `plan` and `verify` say exactly what `run` would do.
import type { Connector } from '../connectors/connector.ts';
import type { Fields, Marker, Scope, SourceRecord } from '../model.ts';

export type NotedWrite = {
  readonly connection: string;
  readonly entity: string;
  readonly action: 'create' | 'update' | 'stamp' | 'delete';
  /** What people call the record; of a create, the sync key of its source. */
  readonly key: string;
  readonly patch: Fields;
  readonly before: Fields;
};

export function dryConnector(connector: Connector, note: (write: NotedWrite) => void): Connector {
  let created = 0;
  const drafts = new Map<string, SourceRecord>();

  async function stands(scope: Scope, id: string, fields: readonly string[]): Promise<SourceRecord> {
    const record = drafts.get(id) ?? (await connector.read(scope, id, fields, { lane: 'bulk' }));
    if (record === null) throw new Error(`${scope.entity} ${id} is gone`);
    return record;
  }

  return {
    ...connector,
    async read(scope, id, fields, ask) {
      return drafts.get(id) ?? connector.read(scope, id, fields, ask);
    },
    async create(scope, values, marker, _fields, ask) {
      await ask.onSend?.();
      created += 1;
      note(noted(connector, scope, 'create', marker.key, values, {}));
      const record = draft(connector, scope, `new-${created}`, values, marker);
      drafts.set(record.ref.id, record);
      return record;
    },
    async update(scope, id, patch, expected, fields, ask) {
      await ask.onSend?.();
      const record = await stands(scope, id, fields);
      note(noted(connector, scope, 'update', record.key, patch, expected));
      const changed = { ...record, fields: { ...record.fields, ...patch } };
      drafts.set(id, changed);
      return { record: changed, before: expected };
    },
    async stamp(scope, id, marker, fields, ask) {
      await ask.onSend?.();
      const record = await stands(scope, id, fields);
      note(noted(connector, scope, 'stamp', record.key, {}, {}));
      const changed = { ...record, marker };
      drafts.set(id, changed);
      return changed;
    },
    async remove(scope, id, ask) {
      await ask.onSend?.();
      const record = await stands(scope, id, []);
      note(noted(connector, scope, 'delete', record.key, {}, {}));
    },
    async close() {
      await connector.close();
    },
  };
}

function noted(
  connector: Connector,
  scope: Scope,
  action: NotedWrite['action'],
  key: string,
  patch: Fields,
  before: Fields,
): NotedWrite {
  return { connection: connector.connection, entity: scope.entity, action, key, patch, before };
}

function draft(connector: Connector, scope: Scope, id: string, values: Fields, marker: Marker): SourceRecord {
  return {
    ref: {
      side: marker.key.startsWith('crm-') ? 'jira' : 'crm',
      connection: connector.connection,
      entity: scope.entity,
      id,
    },
    key: `(new ${scope.entity} for ${marker.key})`,
    url: '',
    version: id,
    createdAt: 0,
    updatedAt: 0,
    updatedBy: null,
    fields: values,
    marker,
    inScope: true,
  };
}
