// What the vendor's documentation leaves open, as switches. A is the first reading, B the other; the default is the
// documented form, else the one with live evidence, else the harsher one for a client.

export type Variant = 'A' | 'B';

export const DEFAULT_VARIANTS = {
  /** A: EVENT_DATA and EVENT_ADDITIONAL are told. B: both are `false`. */
  'offline-event-data': 'A',
  /** A: own writes without auth_connector are not queued for handlers without one. B: they are. */
  'offline-suppress-without-connector': 'B',
  /** A: auth_connector beside `cmd` covers the commands of a batch. B: each command needs its own. */
  'offline-suppress-in-batch': 'A',
  /** A: all events of own writes are kept out of the queue. B: those of comments are not. */
  'offline-suppress-scope': 'A',
  /** A: a row marked as failed takes later changes and hides them. B: they make a new row. */
  'offline-error-hides-updates': 'A',
  /** A: in event.offline.clear `id` wins over `message_id`. B: the reverse. */
  'offline-clear-precedence': 'A',
  /** A: any limit. B: 50 at most. */
  'offline-limit-max': 'B',
  /** A: clear=0 without the plan's feature is 403. B: it clears all the same. */
  'offline-clear0-without-plan': 'A',
  /** A: ONOFFLINEEVENT inside minTimeout is dropped. B: it comes when the time is over. */
  'offline-notice-timeout': 'A',
  /** A: a second event.bind is ERROR_CORE. B: ERROR_EVENT_BINDING_EXISTS. */
  'event-bind-duplicate': 'A',
  /** A: refresh tokens come with install, update, test and offline events. B: with every event. */
  'event-refresh-token': 'A',
  /** A: no access token when a robot acted. B: there is one. */
  'event-tokens-of-robots': 'A',
  /** A: writes with an event's token stop raising events after a few hops. B: they never do. */
  'event-token-hops': 'B',
  /** A: what is restored from the recycle bin has a new id. B: its old one. Both raise ADD. */
  'recycle-restore': 'B',
  /** A: a spent refresh token is dead at once. B: it works for a while. */
  'oauth-old-refresh-token': 'A',
  /** A: the token route reads GET and POST. B: GET only. */
  'oauth-refresh-by-post': 'A',
  /** A: `Authorization: Bearer` is ignored. B: it counts. */
  'oauth-bearer': 'A',
  /** A: 403 for `events`, event.bind… by webhook. B: allowed to look (`events`). */
  'event-bind-by-webhook': 'A',
  /** A: ONCRMTIMELINECOMMENTADD with data[FIELDS][ID]. B: onCrmTimelineCommentAdd with data[ID]. */
  'timeline-event-payload': 'A',
  /** A: a change of contactIds or fm moves updatedTime and raises UPDATE. B: neither. */
  'event-on-contacts-fm': 'A',
  /** A: start=-1 answers total 0. B: no total. */
  'list-start-minus-one': 'A',
  /** A: crm.item.list takes `start` as given. B: floors it to a page, as the classic lists do. */
  'list-start-unaligned': 'A',
  /** A: crm.timeline.comment.list honours -1. B: treats it as 0 and counts. */
  'list-start-minus-one-tasks': 'B',
  /** A: commands beyond the 50th fail one by one. B: the whole batch is a 400. */
  'batch-overflow': 'A',
  /** A: a batch keyed 0, 1, 2… answers lists. B: objects. */
  'batch-numeric-keys': 'A',
  /** A: OPERATION_TIME_LIMIT under the command's key. B: the whole batch is a 429. */
  'batch-operating-limit': 'A',
  /** A: no Retry-After with a limit. B: in seconds. */
  'limit-retry-after': 'A',
  /** A: dates are UTC midnight printed with the portal's offset. B: midnight in the portal's zone. */
  'date-shift': 'A',
  /** A: upperName is the classic name (DATE_CREATE). B: derived (CREATED_TIME). */
  'item-upper-name': 'B',
  /** A: UF_CRM_JIRA_KEY is ufCrmJiraKey. B: ufCrm_JIRA_KEY. */
  'uf-letters-without-number': 'A',
  /** A: option ids are numbers in answers. B: strings. */
  'item-enum-type': 'A',
  /** A: useOriginalUfNames=Y with select loses the system fields. B: works. */
  'item-original-uf-names-bug': 'A',
  /** A: an empty text in the list of a multiple field is no member, so that a list of nothing else empties it. B: such a list is ignored. */
  'multiple-empty-member': 'A',
  /** A: a save without change is skipped. B: saved, updatedTime moves, event raised. */
  'item-noop-update': 'A',
  /** A: a comment's update without FILES drops its files. B: keeps them. */
  'timeline-update-without-files': 'A',
  /** A: AUTHOR_ID of a new comment is ignored. B: taken. */
  'timeline-author': 'A',
  /** A: a comment is kept as sent, trimmed. B: HTML removed, BBCode tags upper-cased. */
  'timeline-text': 'A',
  /** A: app.info by webhook is 400 ACCESS_DENIED. B: {SCOPE, LICENSE}. */
  'app-info-by-webhook': 'A',
  /** A: insufficient_scope is 403. B: 401. */
  'status-insufficient-scope': 'A',
  /** A: PORTAL_DELETED is 500. B: 410. */
  'status-portal-deleted': 'A',
  /** A: userfieldconfig.list honours filter.entityId. B: answers the fields of all entities. */
  'userfieldconfig-filter-entity': 'B',
} as const satisfies Record<string, Variant>;

export type VariantName = keyof typeof DEFAULT_VARIANTS;
export type Variants = Readonly<Record<VariantName, Variant>>;
export const VARIANT_NAMES = Object.keys(DEFAULT_VARIANTS) as VariantName[];
