// crm.timeline.comment.*: get and list fail with an empty code, the writing methods with named ones.
import { type Call, isHidden, looksEmpty, type Method } from './call.ts';
import { printInstant } from './dates.ts';
import { entityNamed } from './entities.ts';
import { accessDenied, invalidArgument, missingParameter, RestError } from './errors.ts';
import { compareValues } from './filter.ts';
import { asMap, isMap, phpArray } from './form.ts';
import { type Answer, answer, pageOf, readStart } from './paging.ts';
import { type Comment, type CommentFile, nextId, type Portal, portalNow } from './portal.ts';

export const COMMENT_METHODS: Readonly<Record<string, Method>> = {
  'crm.timeline.comment.add': { scope: 'crm', run: addComment },
  'crm.timeline.comment.update': { scope: 'crm', run: updateComment },
  'crm.timeline.comment.delete': { scope: 'crm', run: deleteComment },
  'crm.timeline.comment.get': { scope: 'crm', run: getComment },
  'crm.timeline.comment.list': { scope: 'crm', run: listComments },
  'crm.timeline.bindings.list': { scope: 'crm', run: listBindings },
};

function ownerOf(call: Call, fields: Record<string, unknown>) {
  const entity = entityNamed(String(fields.ENTITY_TYPE ?? ''));
  const id = Number(fields.ENTITY_ID);
  if (!entity || !call.portal.items[entity.name].has(id) || looksEmpty(call.portal, entity.name)) {
    throw new RestError(400, 'OWNER_NOT_FOUND', 'Владелец элемента не найден');
  }
  if (isHidden(call.portal, entity.name, id)) throw accessDenied();
  return { entity: entity.name, id };
}

function fieldsOf(call: Call): Record<string, unknown> {
  if (!isMap(call.params.fields)) throw missingParameter('fields');
  return call.params.fields;
}

/** Kept as sent, trimmed; an empty one is refused, on update too. */
function readText(portal: Portal, raw: unknown): string {
  const text = String(raw ?? '').trim();
  if (text === '') throw invalidArgument('Не задан текст комментария');
  if (portal.settings.variants['timeline-text'] === 'A') return text;
  return text.replace(/<[^>]*>/g, '').replace(/\[\/?[a-z]+/g, (tag) => tag.toUpperCase());
}

function readFiles(portal: Portal, raw: unknown): CommentFile[] {
  return Object.values(asMap(raw)).map((pair) => {
    const [name, content] = Object.values(asMap(pair)).map(String);
    const size = Math.floor(((content ?? '').length * 3) / 4);
    return { id: nextId(portal, 'file'), name: name ?? '', size };
  });
}

function addComment(call: Call): Answer {
  const { portal } = call;
  const fields = fieldsOf(call);
  const owner = ownerOf(call, fields);
  const author = portal.settings.variants['timeline-author'] === 'B' ? Number(fields.AUTHOR_ID) : 0;
  const comment: Comment = {
    id: nextId(portal, 'comment'),
    entity: owner.entity,
    ownerId: owner.id,
    created: portalNow(portal),
    authorId: author || call.user.id,
    text: readText(portal, fields.COMMENT),
    files: readFiles(portal, fields.FILES),
  };
  portal.comments.set(comment.id, comment);
  const item = portal.items[owner.entity].get(owner.id);
  if (item) Object.assign(item, { lastActivityTime: comment.created, lastActivityBy: comment.authorId });
  portal.raise('ONCRMTIMELINECOMMENTADD', comment.id);
  return { result: comment.id };
}

function commentOf(call: Call): Comment {
  if (call.params.id === undefined) throw missingParameter('id');
  const comment = call.portal.comments.get(Number(call.params.id));
  if (!comment) throw new RestError(400, 'NOT_FOUND', 'Элемент не найден');
  return comment;
}

function updateComment(call: Call): Answer {
  const { portal } = call;
  const comment = commentOf(call);
  const fields = fieldsOf(call);
  comment.text = readText(portal, fields.COMMENT);
  if ('FILES' in fields) comment.files = readFiles(portal, fields.FILES);
  else if (portal.settings.variants['timeline-update-without-files'] === 'A') comment.files = [];
  portal.raise('ONCRMTIMELINECOMMENTUPDATE', comment.id);
  return { result: comment.id };
}

function deleteComment(call: Call): Answer {
  const comment = commentOf(call);
  call.portal.comments.delete(comment.id);
  call.portal.raise('ONCRMTIMELINECOMMENTDELETE', comment.id);
  return { result: null };
}

function getComment(call: Call): Answer {
  const id = Number(call.params.id);
  if (!id) throw new RestError(400, '', 'ID is not defined or invalid.');
  const comment = call.portal.comments.get(id);
  if (!comment) throw new RestError(400, '', 'Not found.');
  if (isHidden(call.portal, comment.entity, comment.ownerId)) throw new RestError(400, '', 'Access denied.');
  return { result: printComment(call.portal, comment) };
}

function listComments(call: Call): Answer {
  const { portal, params } = call;
  const filter = asMap(params.filter);
  const entity = entityNamed(String(filter.ENTITY_TYPE ?? ''));
  const ownerId = Number(filter.ENTITY_ID);
  if (!entity || !ownerId || isHidden(portal, entity.name, ownerId)) throw new RestError(400, '', 'Access denied.');
  const mine = [...portal.comments.values()].filter(
    (comment) => comment.entity === entity.name && comment.ownerId === ownerId,
  );
  const [column, direction] = Object.entries(asMap(params.order))[0] ?? ['ID', 'ASC'];
  const keyOf = (comment: Comment) =>
    column === 'CREATED' ? comment.created : column === 'AUTHOR_ID' ? comment.authorId : comment.id;
  const sign = String(direction).toUpperCase() === 'DESC' ? -1 : 1;
  mine.sort((left, right) => sign * (compareValues(keyOf(left), keyOf(right)) || left.id - right.id));
  const keyset = portal.settings.variants['list-start-minus-one-tasks'] === 'A';
  const page = pageOf(portal, mine, readStart(params, 'B', keyset));
  const select = Object.values(asMap(params.select)).map(String);
  const rows = page.rows.map((comment) => picked(printComment(portal, comment), select));
  return answer(page, rows);
}

function picked(row: Record<string, unknown>, select: readonly string[]): Record<string, unknown> {
  if (select.length === 0 || select.includes('*')) return row;
  return Object.fromEntries(Object.entries(row).filter(([name]) => select.includes(name)));
}

export function printComment(portal: Portal, comment: Comment): Record<string, unknown> {
  return {
    ID: String(comment.id),
    ENTITY_ID: String(comment.ownerId),
    ENTITY_TYPE: comment.entity,
    CREATED: printInstant(comment.created, portal.settings.portalOffset),
    COMMENT: comment.text,
    AUTHOR_ID: String(comment.authorId),
    FILES: phpArray(comment.files.map((file) => [String(file.id), printFile(portal, comment, file)])),
  };
}

function printFile(portal: Portal, comment: Comment, file: CommentFile): Record<string, unknown> {
  const author = portal.users.find((user) => user.id === comment.authorId);
  const path = `/disk/downloadFile/${file.id}/?filename=${encodeURIComponent(file.name)}`;
  return {
    id: file.id,
    date: printInstant(comment.created, portal.settings.portalOffset),
    type: 'file',
    name: file.name,
    size: file.size,
    authorId: comment.authorId,
    authorName: `${author?.name ?? ''} ${author?.lastName ?? ''}`.trim(),
    urlShow: `${portal.url().replace(/\/+$/, '')}/disk/showFile/${file.id}/`,
    urlDownload: `${portal.url().replace(/\/+$/, '')}${path}`,
  };
}

function listBindings(call: Call): Answer {
  const ownerId = Number(asMap(call.params.filter).OWNER_ID);
  const comment = call.portal.comments.get(ownerId);
  if (!comment) return { result: [], total: 0 };
  const row = { OWNER_ID: comment.id, ENTITY_ID: comment.ownerId, ENTITY_TYPE: comment.entity };
  return { result: [row], total: 1 };
}
