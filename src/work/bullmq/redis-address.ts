// Where Redis is, as the configuration says it; shown without the password.

export type RedisAddress = {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly tls: boolean;
  readonly username: string | null;
  readonly password: string | null;
};

const CONNECT_MS = 5_000;

export function shownAddress({ host, port, db, tls }: RedisAddress): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'rediss' : 'redis'}://${name}:${port}${db === 0 ? '' : `/${db}`}`;
}

/** For ioredis. */
export function connectionOptions({ host, port, db, tls, username, password }: RedisAddress) {
  return {
    host,
    port,
    db,
    connectTimeout: CONNECT_MS,
    ...(tls ? { tls: { servername: host } } : {}),
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
  };
}

/** The beginning of every key, so that several installations can share a Redis. */
export function keyPrefix(installation: string): string {
  return `jira-crm-sync:${installation}`;
}

/** Where processes call each other to look into the state. */
export function callChannel(installation: string): string {
  return `${keyPrefix(installation)}:call`;
}
