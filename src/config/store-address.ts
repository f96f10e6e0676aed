/**
 * Addresses of stores as one text: `redis://user:password@host:6379/0`, `postgresql://user:password@host/database`.
 * They are secrets as a whole, so nothing here throws: an error of `URL` would carry the text.
 */

export interface RedisAddress {
  readonly host: string
  readonly port?: number
  readonly username?: string
  readonly password?: string
  readonly database?: number
  readonly tls: boolean
}

export interface PostgresAddress {
  /** A machine, or the folder of a Unix socket. */
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly sslmode?: (typeof sslmodes)[number]
  /** Names of parameters that nobody here reads. */
  readonly unread: readonly string[]
}

/** Those that say clearly whether there is TLS; `prefer` and `allow` leave it to whoever is in between. */
const sslmodes = ['disable', 'require', 'no-verify', 'verify-ca', 'verify-full'] as const

/** Nothing if it is not an address of Redis. */
export function redisAddress(text: string): RedisAddress | undefined {
  const url = parsed(text, /^rediss?:$/)
  const database = url?.pathname.slice(1)
  if (!url?.hostname || !/^\d{0,5}$/.test(database!)) return undefined
  return {
    host: unbracketed(url.hostname),
    tls: url.protocol === 'rediss:',
    ...(url.port && { port: Number(url.port) }),
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(database && { database: Number(database) }),
  }
}

/** Nothing if it is not an address of Postgres. The parameters `host` and `sslmode` are read, as libpq has them. */
export function postgresAddress(text: string): PostgresAddress | undefined {
  const url = parsed(text, /^postgres(ql)?:$/)
  if (!url) return undefined
  const given = url.searchParams.get('sslmode')
  const sslmode = sslmodes.find((mode) => mode === given)
  if (given !== null && !sslmode) return undefined
  const host = url.searchParams.get('host') || unbracketed(decodeURIComponent(url.hostname))
  const database = decodeURIComponent(url.pathname.slice(1))
  return {
    ...(host && { host }),
    ...(url.port && { port: Number(url.port) }),
    ...(url.username && { user: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(database && { database }),
    ...(sslmode && { sslmode }),
    unread: [...new Set(url.searchParams.keys())].filter((name) => name !== 'host' && name !== 'sslmode'),
  }
}

/** `::1` of `[::1]`, as clients want it. */
export function unbracketed(host: string): string {
  return host.replace(/^\[(.+)\]$/, '$1')
}

function parsed(text: string, protocol: RegExp): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const parts = [url.username, url.password, url.hostname, url.pathname]
  return protocol.test(url.protocol) && parts.every(isDecodable) ? url : undefined
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}
