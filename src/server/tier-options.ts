/**
 * From a configuration to what the drivers of the shared tiers take: one form, whichever way it was written. A whole
 * address goes before the settings it repeats; what it leaves out comes from them.
 */
import { readFileSync } from 'node:fs'
import type { PostgresConnection, PostgresServer } from '../backends/postgres/connection-options.ts'
import type { RedisConnection } from '../backends/redis/connection-options.ts'
import type { SharedSettings } from '../backends/shared/settings.ts'
import { configInvalid } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { type PostgresAddress, postgresAddress, redisAddress, unbracketed } from '../config/store-address.ts'

/** Reads certificates; throws as `node:fs` does. */
export type ReadPem = (path: string) => string

export function sharedSettings({ shared }: Config): SharedSettings {
  return {
    leaseMs: shared.lease,
    slackMs: shared.slack,
    followerLeaseMs: shared.follower_lease,
    deadlineMs: shared.deadline,
  }
}

export function redisConnection({ redis, shotgrid }: Config, readPem: ReadPem = fromDisk): RedisConnection {
  const url = redis.url === undefined ? undefined : redisAddress(redis.url)
  const replicas = redis.replicas ?? (redis.mode === 'single' ? 0 : 1)
  return {
    mode: redis.mode,
    host: url?.host ?? redis.host,
    port: url?.port ?? redis.port,
    nodes: redis.nodes.map(hostAndPort),
    masterName: redis.master_name,
    ...given('username', url?.username ?? redis.username),
    ...given('password', url?.password ?? redis.password),
    ...given('sentinelUsername', redis.sentinel_username),
    ...given('sentinelPassword', redis.sentinel_password),
    database: url?.database ?? redis.database,
    ...((url?.tls || redis.tls) && { tls: authorities('redis.ca_file', redis.ca_file, readPem) }),
    // A change log is of one site: ids mean nothing at another.
    prefix: `${redis.prefix}:${siteName(shotgrid.url)}`,
    deadlineMs: redis.deadline,
    replicas,
    replicaLagMs: replicas > 0 ? redis.replica_lag : 0,
  }
}

export function postgresConnection({ postgres }: Config, readPem: ReadPem = fromDisk): PostgresConnection {
  const url = postgres.url === undefined ? undefined : postgresAddress(postgres.url)
  return {
    host: url?.host ?? postgres.host,
    port: url?.port ?? postgres.port,
    database: url?.database ?? postgres.database,
    user: url?.user ?? postgres.user,
    ...given('password', url?.password ?? postgres.password),
    tls: postgresTls(postgres, url?.sslmode, readPem),
    schema: postgres.schema,
    connections: postgres.connections,
    deadlineMs: postgres.deadline,
    replicas: postgres.replicas.map(hostAndPort),
  }
}

function postgresTls(
  { tls, ca_file }: Config['postgres'],
  sslmode: PostgresAddress['sslmode'],
  readPem: ReadPem,
): PostgresConnection['tls'] {
  const wanted = sslmode === undefined ? tls : wantedTls[sslmode]
  if (wanted === 'off') return false
  return { ...authorities('postgres.ca_file', ca_file, readPem), rejectUnauthorized: wanted === 'verify' }
}

/** What libpq's modes mean; its "verify-ca" does not compare names, which is never wanted less than more. */
const wantedTls = {
  disable: 'off',
  require: 'require',
  'no-verify': 'require',
  'verify-ca': 'verify',
  'verify-full': 'verify',
} as const

/** One key of an object, or none where there is no value. */
function given<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  // A computed key is any text to the type system.
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: string }
}

function authorities(setting: string, path: string | undefined, readPem: ReadPem): { readonly ca?: string } {
  if (path === undefined) return {}
  try {
    return { ca: readPem(path) }
  } catch (error) {
    const reason = (error as { code?: string }).code ?? String(error) // of node:fs
    throw configInvalid([{ place: setting, message: `cannot read ${path} (${reason}).` }])
  }
}

function fromDisk(path: string): string {
  return readFileSync(path, 'utf8')
}

/** The configuration has checked that it is one. */
function hostAndPort(address: string): PostgresServer {
  const colon = address.lastIndexOf(':')
  return { host: unbracketed(address.slice(0, colon)), port: Number(address.slice(colon + 1)) }
}

/** `studio.shotgrid.autodesk.com` */
export function siteName(url: string): string {
  return new URL(url).host
}
