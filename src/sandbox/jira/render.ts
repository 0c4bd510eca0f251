// From stored data to Jira's JSON. v3 for the REST answers, v2 (wiki text, v2 links) for webhook bodies.

import { type AdfDocument, wikiOf } from './adf.ts';
import {
  byId,
  CATEGORIES,
  type FieldDef,
  ISSUE_TYPES,
  type IssueType,
  PRIORITIES,
  type Project,
  RESOLUTIONS,
  STATUSES,
  type Status,
} from './schema.ts';
import { jiraTime } from './time.ts';
import { type Comment, type IssueData, type Person, personById, projectOf, type Value, type World } from './world.ts';

export type Version = 2 | 3;
export type Json = Record<string, unknown>;

const rest = (world: World, version: Version, path: string) => `${world.url()}/rest/api/${version}/${path}`;
export const restLink = (world: World, path: string) => rest(world, 3, path);
export const siteTime = (world: World, ms: number) => jiraTime(ms, world.settings.siteTimeZone);

function avatars(world: World, path: string): Json {
  return Object.fromEntries(
    [16, 24, 32, 48].map((size) => [`${size}x${size}`, `${world.url()}/avatar/${path}-${size}.png`]),
  );
}

export function zoneOf(world: World, person: Person): string {
  if (person === world.syncAccount) return world.settings.accountTimeZone;
  return person.timeZone ?? world.settings.siteTimeZone;
}

/** As in issues, comments and change histories. Webhooks leave the e-mail out. */
export function userJson(world: World, accountId: string, version: Version = 3): Json {
  const person = personById(world, accountId);
  if (!person) throw new Error(`no person ${accountId}`);
  return {
    self: rest(world, version, `user?accountId=${accountId}`),
    accountId,
    ...(version === 3 ? { emailAddress: person.email } : {}),
    avatarUrls: avatars(world, accountId.slice(-6)),
    displayName: person.name,
    active: true,
    timeZone: zoneOf(world, person),
    accountType: 'atlassian',
  };
}

export function fullUserJson(world: World, person: Person): Json {
  return { ...userJson(world, person.accountId), locale: 'en_GB' };
}

export function projectJson(world: World, project: Project, version: Version = 3): Json {
  return {
    self: rest(world, version, `project/${project.id}`),
    id: project.id,
    key: project.key,
    name: project.name,
    projectTypeKey: 'business',
    simplified: false,
    avatarUrls: avatars(world, `project-${project.id}`),
  };
}

export function issueTypeJson(world: World, type: IssueType, version: Version = 3): Json {
  return {
    self: rest(world, version, `issuetype/${type.id}`),
    id: type.id,
    description: '',
    iconUrl: `${world.url()}/images/issuetype-${type.id}.svg`,
    name: type.name,
    subtask: false,
    avatarId: 10318,
    hierarchyLevel: 0,
  };
}

export function statusJson(world: World, status: Status, version: Version = 3): Json {
  const category = CATEGORIES.find((candidate) => candidate.id === status.category.id) ?? status.category;
  return {
    self: rest(world, version, `status/${status.id}`),
    description: '',
    iconUrl: `${world.url()}/`,
    name: status.name,
    id: status.id,
    statusCategory: { self: rest(world, version, `statuscategory/${category.id}`), ...category },
  };
}

function named(
  world: World,
  version: Version,
  kind: string,
  item: { id: string; name: string } | undefined,
): Json | null {
  if (!item) return null;
  return { self: rest(world, version, `${kind}/${item.id}`), name: item.name, id: item.id };
}

export function priorityJson(world: World, id: string, version: Version = 3): Json | null {
  const json = named(world, version, 'priority', byId(PRIORITIES, id));
  return json && { ...json, iconUrl: `${world.url()}/images/icons/priorities/${String(json.name).toLowerCase()}.svg` };
}

export function optionJson(world: World, field: FieldDef, id: string, version: Version = 3): Json | null {
  const option = byId(field.options, id);
  if (!option) return null;
  return { self: rest(world, version, `customFieldOption/${id}`), value: option.value, id };
}

export function valueJson(world: World, field: FieldDef, value: Value | undefined, version: Version = 3): unknown {
  if (value === undefined) return field.kind === 'labels' ? [] : null;
  switch (field.kind) {
    case 'richtext':
      return version === 2 ? wikiOf(value as AdfDocument) : value;
    case 'datetime':
      return siteTime(world, value as number);
    case 'option':
      return optionJson(world, field, value as string, version);
    case 'options': {
      const options = (value as readonly string[]).map((id) => optionJson(world, field, id, version));
      const kept = options.filter((option) => option !== null);
      return kept.length === 0 ? null : kept;
    }
    case 'user':
      return userJson(world, value as string, version);
    case 'priority':
      return priorityJson(world, value as string, version);
    default:
      return value;
  }
}

export function commentJson(world: World, issueId: string, comment: Comment, version: Version = 3): Json {
  return {
    self: rest(world, version, `issue/${issueId}/comment/${comment.id}`),
    id: comment.id,
    author: userJson(world, comment.author, version),
    body: version === 2 ? wikiOf(comment.body) : comment.body,
    updateAuthor: userJson(world, comment.updateAuthor, version),
    created: siteTime(world, comment.created),
    updated: siteTime(world, comment.updated),
    jsdPublic: true,
  };
}

/** All fields of an issue; `comments` null leaves the comment page out. */
export function issueFields(
  world: World,
  data: IssueData,
  comments: readonly Comment[] | null,
  version: Version = 3,
): Json {
  const status = byId(STATUSES, data.statusId);
  const type = byId(ISSUE_TYPES, data.typeId);
  const fields: Json = {
    issuetype: type ? issueTypeJson(world, type, version) : null,
    project: projectJson(world, projectOf(data), version),
    status: status ? statusJson(world, status, version) : null,
    resolution: named(world, version, 'resolution', byId(RESOLUTIONS, data.resolutionId ?? '')),
    resolutiondate: data.resolvedAt === null ? null : siteTime(world, data.resolvedAt),
    created: siteTime(world, data.created),
    updated: siteTime(world, data.updated),
    statuscategorychangedate: siteTime(world, data.statusChangedAt),
    creator: userJson(world, data.creator, version),
    components: [],
    fixVersions: [],
    versions: [],
    issuelinks: [],
    subtasks: [],
    attachment: [],
    watches: {
      self: rest(world, version, `issue/${data.key}/watchers`),
      watchCount: 0,
      isWatching: false,
    },
  };
  for (const field of world.fields) {
    if (world.settings.disabledFields.includes(field.id)) continue;
    fields[field.id] = valueJson(world, field, data.values.get(field.id), version);
  }
  if (comments) {
    fields.comment = {
      comments: comments.map((comment) => commentJson(world, data.id, comment, version)),
      self: rest(world, version, `issue/${data.id}/comment`),
      maxResults: comments.length,
      total: comments.length,
      startAt: 0,
    };
  }
  return fields;
}
