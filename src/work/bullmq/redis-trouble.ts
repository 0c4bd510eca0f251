// What a failure of Redis means for the person who looks after it: a reason without addresses or secrets, and a cure.

export type Trouble = { readonly reason: string; readonly cure: string };

const HEALS = 'Nothing is lost: the daemon works from the state and uses Redis again by itself.';

export const SILENT: Trouble = { reason: 'it does not answer', cure: `Look at it and at the network. ${HEALS}` };
/** The first word of an error answer of Redis, or the code of a socket -> what it means. */
const KNOWN: Readonly<Record<string, Trouble>> = {
  OOM: { reason: 'it is full', cure: `Raise its maxmemory, or see what else fills it. ${HEALS}` },
  READONLY: { reason: 'it is a read-only replica', cure: `Point \`queue\` at the primary. ${HEALS}` },
  MASTERDOWN: { reason: 'it is a replica without its primary', cure: `Point \`queue\` at the primary. ${HEALS}` },
  MISCONF: { reason: 'it cannot write to its disk', cure: `Look at its log and its disk. ${HEALS}` },
  LOADING: { reason: 'it is reading its data', cure: `Wait. ${HEALS}` },
  NOAUTH: { reason: 'it wants a password', cure: 'Name it: `queue: { url: redis://…, password: … }`.' },
  WRONGPASS: { reason: 'it refuses the password', cure: 'Correct the password that `queue` names.' },
  NOPERM: {
    reason: 'its user may not do what is needed',
    cure: 'Allow the user all commands on all keys and channels.',
  },
  ETIMEDOUT: SILENT,
  EHOSTUNREACH: SILENT,
  ENETUNREACH: SILENT,
  ECONNREFUSED: { reason: 'nothing listens at its address', cure: `Start it, or correct \`queue\`. ${HEALS}` },
  ENOTFOUND: { reason: 'its host name is not known', cure: 'Correct the address at `queue`.' },
  EAI_AGAIN: { reason: 'its host name cannot be looked up now', cure: `Look at the name server. ${HEALS}` },
};

export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Error)) return { reason: String(error), cure: HEALS };
  const code = (error as { code?: unknown }).code;
  const known = (typeof code === 'string' ? KNOWN[code] : undefined) ?? KNOWN[/^[A-Z]+/.exec(error.message)?.[0] ?? ''];
  return known ?? { reason: error.message, cure: HEALS };
}

export const CUT: Trouble = { reason: 'the connection to it was cut', cure: `Look at it and at the network. ${HEALS}` };
export const FORGETFUL: Trouble = {
  reason: 'it has forgotten what was queued',
  cure: 'It is queued again from the state; nothing to do.',
};
