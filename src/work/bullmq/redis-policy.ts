// Is this a Redis that may carry bells? One that evicts keys breaks queues in ways nobody sees; one without an append-only
// file forgets them when it restarts, which costs a moment only. A managed Redis often refuses CONFIG, so INFO comes first.

export type RedisVerdict = {
  /** Why it is not used at all; null: it is fit. */
  readonly refusal: { readonly message: string; readonly cure: string } | null;
  readonly warnings: readonly { readonly message: string; readonly cure: string }[];
};

/** The commands that are asked; an error of either means that it is not allowed. */
export type RedisFacts = {
  info(): Promise<string>;
  setting(name: string): Promise<string | null>;
};

const LEAST_VERSION = [6, 2] as const;

export async function judgeRedis(redis: RedisFacts): Promise<RedisVerdict> {
  const info = parseInfo(await redis.info());
  const ask = (name: string) => redis.setting(name).catch(() => null);
  const version = info.get('redis_version') ?? null;
  const policy = info.get('maxmemory_policy') ?? (await ask('maxmemory-policy'));
  const keepsLog = yes(info.get('aof_enabled') ?? (await ask('appendonly')));
  const warnings: { message: string; cure: string }[] = [];

  if (version !== null && isOlder(version)) {
    const message = `Redis ${version} is too old: 6.2 or newer is needed`;
    return { refusal: { message, cure: 'Upgrade it; Redis 7 and Valkey do.' }, warnings };
  }
  if (policy !== null && policy !== 'noeviction') {
    const message = `Redis may throw queued work away: its maxmemory-policy is ${policy}`;
    const cure =
      'Set `maxmemory-policy noeviction` in redis.conf, or at once: redis-cli CONFIG SET maxmemory-policy noeviction';
    return { refusal: { message, cure }, warnings };
  }
  if (policy === null) {
    warnings.push({
      message: 'Redis does not tell its maxmemory-policy',
      cure: 'Make sure that it is noeviction; with another one queued work may be thrown away.',
    });
  }
  if (keepsLog === false) {
    warnings.push({
      message: 'Redis keeps no append-only file: a restart forgets what is queued',
      cure: 'Nothing is lost, it is queued again from the state; to spare that, set `appendonly yes` in redis.conf.',
    });
  } else if (keepsLog === null) {
    warnings.push({
      message: 'Redis does not tell whether it keeps an append-only file',
      cure: 'Nothing is lost without one; what was queued is queued again from the state.',
    });
  }
  return { refusal: null, warnings };
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf(':');
    if (at > 0 && !line.startsWith('#')) facts.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  return facts;
}

function yes(value: string | null): boolean | null {
  if (value === null) return null;
  return value === '1' || value === 'yes';
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor < LEAST_VERSION[1]);
}
