// What catches each bug: the number of a schedule, or the name of a case. Only where to look first: a hunt goes on from
// the start where this does not hold any more.
export const CAUGHT_BY: Readonly<Record<string, number | string>> = {
  'merge/conflict-swallowed': 3,
  'merge/wrong-side-wins': 1,
  'merge/last-look-wins': 1,
  'merge/compared-with-the-other-base': 1,
  'merge/empty-is-equal': 1,
  'merge/empty-is-unknown': 1,
  'merge/unknown-is-empty': 19,
  'merge/sides-of-a-policy-swapped': 1,
  'merge/newest-is-oldest': 'a conflict > goes to the newer change, and to the tie side within two minutes',
  'merge/one-way-goes-both-ways': 3,
  'merge/removed-members-stay': 1,
  'merge/removed-members-come-back': 3,
  'merge/added-members-lost': 1,
  'merge/lossy-value-bounces': 'a field with a base > %s "agrees when one side shows what the other reads as there"',
  'merge/gate-ignored': 'lets a pair that falls back wait, and carries over at once what piled up on both sides',
  'merge/parked-for-ever': 4,
  'merge/decision-of-old-values': 'asks again when a value changed after the person looked',
  'merge/ping-pong': 1,
  'base/what-was-sent': 'reports an option that Bitrix24 dropped without a word',
  'base/moves-with-a-coercion': 4,
  'base/moves-though-given-back':
    'keeps an edit of the deal that came just before our write, and holds both for a person',
  'base/lost-on-update': 1,
  'base/coercion-forgotten': 'carries the old value over when a person takes back what was cut',
  'base/filled-forgotten': 'asks again when %s empties a field in which they differed at first "Jira"',
  'base/set-back-behind-an-answer':
    'holds what was taken back at its source, where somebody has answered what was written',
  'base/parked-is-not-looked-for':
    'carries over what was edited in a field that the other product had cut, and that could not be read then',
  'base/before-the-write': 4,
  'write/overwritten-in-silence': 2,
  'write/not-given-back': 2,
  'write/one-refusal-stops-the-others':
    'parks a field that Jira does not let us write, and takes it up again when a person asks',
  'write/refusal-not-parked': 4,
  'write/edit-in-the-answer-missed': 3,
  'write/set-taken-for-coerced': 'merges a set that gained a member on the %s side just before our write "jira"',
  'write/conflict-row-lost': 1,
  'echo/any-version-is-ours': 2,
  'echo/older-is-ours': 2,
  'create/no-intent': 'does not create %s again whose create is on its way while it dies and comes back "a deal"',
  'create/sent-again-without-looking': 1,
  'create/no-mark': 1,
  'create/looked-once': 1,
  'create/doubt-forgotten': 2,
  'create/intent-closed-too-early': 2,
  'create/without-a-last-look':
    'pairs a deal and an issue that were made by hand within the lag: %s "both systems tell of it"',
  'create/too-early': 29,
  'create/deferred-forgotten': 'does not double an issue when the answer to its create is lost: %s "hang"',
  'create/edit-before-adoption-lost': 'carries over what was filled in on the record that the create was for',
  'pair/guessed':
    'pairs 500 pairs while search lags, creates 20 once after the match pass, and leaves 5 doubles to a person',
  'pair/foreign-mark-adopted': 'does not pair an issue with the deal that somebody typed into its labels',
  'pair/linked-partner-taken':
    'pairs 500 pairs while search lags, creates 20 once after the match pass, and leaves 5 doubles to a person',
  'pair/clone-takes-the-partner':
    'a deal that is restored > under a new id %s goes on with its issue too, by its mark "before the second look"',
  'pair/lost-state-doubles':
    'does not create a deal again whose first one is in another pipeline now, and pairs it when it comes back',
  'pair/stamp-never-written':
    'a mark that a person copied to another deal is told after the nightly pass, and nothing is done',
  'claim/ended-without-generation':
    'SQLite in memory > bells > does not tell what is being worked on, and tells it again when it stays',
  'claim/generation-stands-still':
    'SQLite in memory > hints > raises the generation with every mark and remembers the first time',
  'claim/row-taken': 1,
  'claim/reschedule-lost': 10,
  'claim/put-off-and-lost': 17,
  'hint/overtaken': 'hears of an edit whose delivery overtook the one of our own write',
  'hint/version-of-the-last':
    'SQLite in memory > hints > keeps the newest version in whatever order they come, and none once any mark told none',
  'hint/waits-for-the-retry': 'SQLite in memory > hints > makes a row earlier, never later',
  'timer/rings-in-vain': 'SQLite in memory > timers > marks the record dirty when the time has come, once',
  'retry/one-attempt': 'keeps everything that is edited while %s is away (%o) "jira"',
  'retry/refused-credential-parks':
    'pauses %s when its credential is refused, and goes on by itself when it works again "jira"',
  'retry/never-counted': 'SQLite in memory > claims > frees the partner with the claim, its row due again',
  'retry/probe-never-ends': 1,
  'pass/finds-nothing': 1,
  'pass/cursor-without-overlap': 4,
  'intake/same-record-same-delivery': 2,
  'intake/acknowledged-before-stored': 'a webhook > is answered only after the store has it',
  'intake/deletion-forgotten':
    'with `unlink` > a pair whose $side record was deleted is given up after a second look, and nothing is written {"side":"jira","other":"crm"}',
  'intake/queue-cleared-first': 'marks first and forgets afterwards, portion by portion',
  'gone/missing-is-deleted':
    'with `delete` > nothing is deleted where nobody told of a deletion on the $side side {"side":"jira","other":"crm"}',
  'gone/one-miss-suffices':
    'with `unlink` > a pair whose $side record was deleted is given up after a second look, and nothing is written {"side":"jira","other":"crm"}',
  'gone/edited-and-deleted':
    'with `delete` > a record that was edited since is kept and reported {"side":"jira","other":"crm"}',
  'gone/policy-not-asked': 2,
  'gone/pair-goes-on': 2,
  'gone/leaving-the-scope-ends-it': 1,
  'brake/never': 'pairs that are to be given up > %i of %i links: halts %s 21',
  'brake/overwrites-not-counted': 'a field that is to be overwritten > in %i of %i links: halts %s 51',
  'undo/not-ours-any-more': 'leaves alone what somebody changed since',
  'undo/to-the-last-value-but-one': 'goes back over several writes to what stood there before the first',
  'undo/of-the-whole-record': 'shows what it would set back and writes nothing',
  'lease/old-epoch-writes':
    'SQLite in memory > leases > a store within bounds > settles nothing, plans nothing and moves nothing once the lease is held by somebody else',
  'lease/taken-by-two': 'SQLite in memory > leases > the table > gives a lease to the first, under its first epoch',
  'lease/epoch-stays':
    'SQLite in memory > leases > the table > renews nothing under an older epoch, or of another holder',
  'lease/counted-from-the-answer':
    'one process > counts a lease from when its renewal was sent, however late the answer comes',
  'lease/never-expires':
    'one process > stops working when the store has not answered for ten seconds, and goes on when it does',
  'lease/taken-at-once': 'several processes > share the connections evenly when others join, and keep them then',
  'settle/not-atomic': 'SQLite in memory > settlements > finishes the intent with the link',
  'state/intent-goes-back': 'SQLite in memory > pairs > never sends again what is in doubt',
  'cursor/no-overlap':
    'Jira Cloud as documented > sweeps > finds in the next sweep what an index did not show yet in this one',
  'batch/answers-by-position':
    'Bitrix24 as documented > reads > answers null for what is gone, hidden or was never there, beside what is',
  'batch/cut-means-refused': 'judges every command alone',
  'batch/empty-vanishes': '%o loses meaning in a query string: %o {"fields":{"tags":[]}}',
  'batch/bulk-create-shifted':
    'Jira Cloud as documented > creates and stamps > creates many at once in fewer requests, each with a fate of its own',
  'batch/coalesced-answers-shifted': 'coalescer > forms one batch of all that wait when a slot comes free',
  'coalesce/joins-what-has-left':
    'coalescer > does not join an ask that has left already: its answer may be older than a write in between',
  'coalesce/writes-share-an-answer':
    'Jira Cloud as documented > creates and stamps > creates many at once in fewer requests, each with a fate of its own',
  'lookup/search-is-proof':
    'Jira Cloud as documented > creates and stamps > finds what became of a create without an answer at once, and is certain of its absence in the end',
  'lookup/sure-too-early':
    'Bitrix24 as documented > creates and stamps > finds what became of a create without an answer at once, and is certain of its absence in the end',
  'read/window-not-seen':
    'Bitrix24 as documented > updates > writes exactly the patched fields, and shows the record and what stood there before',
  'signature/unsigned-accepted': 'takes no delivery of Jira whose signature or body was changed or invented',
  'signature/any-length': 'takes no delivery of Jira whose signature or body was changed or invented',
  'signature/other-portal': 'takes no event of Bitrix24 whose token or portal was changed or invented',
  'limit/pause-not-kept':
    'limiter > lets everything leave at once where there are no limits, and holds all the same when told',
  'echo/pending-work-forgotten': 10,
  'pass/unchanged-since-settled': 10,
  'settle/old-revision-wins':
    'SQLite in memory > settlements > refuses to change a link that has moved since the claim saw it',
  'undo/written-again':
    'sets the value back, tells it in the journal, and does not write the same again in a day of sweeps',
  'write/failure-swallowed': 50,
  'claim/partner-not-held': 46,
  'conflict/stays-open': 5,
  'profile/parked-stays': 'tries again what the old version could not translate',
  'write/conflict-after-the-write':
    'has on record what a policy overwrites, though it dies before it has stored the write',
  'create/before-the-match-pass': 'does not create it again either while the other side is still being read',
  'create/never-doubted': 'SQLite in memory > pairs > doubts what was left sent',
  'pair/heir-keeps-the-base':
    'deals that are merged > into one with another title: nobody said which one is right, so a person decides',
  'gone/no-last-look':
    'with `delete` > a record that is edited while others are read to compare with is kept {"side":"jira","other":"crm"}',
  'scope/written-outside': 29,
  'gate/waiting-is-settled':
    'goes on with a pair when the hour has come that it waits for, with what piled up meanwhile',
  'profile/old-pairs-stay': 'looks at every pair again under the new version, and a field that was added is filled',
  'profile/only-what-changed':
    'looks at both records of every pair, also where the two sides are listed one after the other',
  'profile/version-not-compared':
    'looks at both records of every pair, also where the two sides are listed one after the other',
  'intake/first-of-two': 'a webhook > with several hints about one record leaves one mark with the newest version',
  'intake/version-over-none': 'a webhook > with a hint that tells no version leaves none: an echo must not hide it',
  'intake/last-of-two': 'a webhook > with several hints about one record leaves one mark with the newest version',
  'intake/deletion-then-change':
    'a webhook > that tells of a deletion and, of the same record, of something else still tells of the deletion',
  'retry/milliseconds-for-seconds':
    'what could not be done > for want of an answer is tried again after 5 s, then after twice as long each time, give or take a quarter',
  'retry/minutes-for-seconds':
    'what could not be done > for want of an answer is tried again after 5 s, then after twice as long each time, give or take a quarter',
  'retry/pause-in-seconds':
    'what could not be done > because the product asked for a pause is tried again when that is over, and does not count',
  'limit/seconds-as-milliseconds':
    'Bitrix24 as documented > trouble > a 429 that lasts comes back with the time to try again: %s "identify"',
  'limit/seconds-as-milliseconds-in-jira':
    'limits > hold the endpoint and send again what Jira refused before execution',
  'write/never-announced': 'lets what was taken back at its source while it was dead stay taken back',
  'write/leaves-before-it-is-announced': 'writes nothing while it cannot announce it, and everything once it can',
  'lease/creates-not-doubted': 'doubts a create that the other had announced, and makes it once, whoever wakes when',
};
