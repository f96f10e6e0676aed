/** The shared tiers over TLS, with certificates of an authority of our own. */
import { execFile } from 'node:child_process'
import { chmod, chown, copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import type { Running } from '../../src/server/start.ts'
import { freePort } from '../support/servers/free-port.ts'
import { askPostgres, startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { redisServerIsMissing } from '../support/servers/shared.ts'
import { until } from '../support/servers/until.ts'
import { serverBefore } from './drop-in/served.ts'

const run = promisify(execFile)
const hasOpenssl = await run('openssl', ['version']).then(
  () => true,
  () => false,
)

let folder: string
let site: { address: string; close(): Promise<void> }
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  site = await createSandbox({ size: 'tiny' }).listen({ port: 0 })
  folder = await mkdtemp(join(tmpdir(), 'sgcache-tls-'))
  if (hasOpenssl) await makeCertificate()
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(async () => {
  await site.close()
  await rm(folder, { recursive: true })
})

const at = (name: string) => join(folder, name)

/** It signs itself, for this machine. */
async function makeCertificate(): Promise<void> {
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const files = ['-keyout', at('key.pem'), '-out', at('cert.pem')]
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names, ...files])
}

async function open(settings: Readonly<Record<string, unknown>>): Promise<Running> {
  const one = await serverBefore(site.address, settings)
  closing.push(() => one.close())
  return one
}

const statusOf = async (one: Running) => (await fetch(`${one.address}/health`)).status
const works = (one: Running) => until(async () => (await statusOf(one)) === 200, { what: 'it answers from cache' })
/** It has tried, and could not. */
const fails = (one: Running) =>
  until(
    async () => /^sg_cache_log_failures_total.* [1-9]/m.test(await (await fetch(`${one.address}/metrics`)).text()),
    {
      what: 'the log cannot be reached',
    },
  )

describe.skipIf(!hasOpenssl || (await redisServerIsMissing()))('Redis over TLS', () => {
  async function redisWithTls(): Promise<number> {
    const port = await freePort()
    const files = [
      '--tls-cert-file',
      at('cert.pem'),
      '--tls-key-file',
      at('key.pem'),
      '--tls-ca-cert-file',
      at('cert.pem'),
    ]
    const redis = await startRedis({ args: ['--tls-port', String(port), '--tls-auth-clients', 'no', ...files] })
    closing.push(() => redis.close())
    return port
  }

  it('is spoken when it is told, or by the address', async () => {
    const port = await redisWithTls()
    const common = { tier: 'redis', 'redis.ca_file': at('cert.pem') }
    await works(await open({ ...common, 'redis.tls': true, 'redis.port': port }))
    await works(await open({ ...common, 'redis.url': `rediss://127.0.0.1:${port}` }))
  })

  it('refuses a server that no known authority vouches for', async () => {
    const one = await open({ tier: 'redis', 'redis.tls': true, 'redis.port': await redisWithTls() })
    await fails(one)
    expect(await statusOf(one)).toBe(503)
  })
})

describe.skipIf(!hasOpenssl)('Postgres over TLS', () => {
  async function postgresWithTls() {
    const postgres = await startPostgres()
    closing.push(() => postgres.close())
    const { uid, gid } = await stat(join(postgres.directory, 'data'))
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(postgres.directory, name))
    await copyFile(at('cert.pem'), cert!)
    await copyFile(at('key.pem'), key!)
    await chmod(key!, 0o600)
    for (const file of [cert!, key!]) await chown(file, uid, gid)
    await askPostgres(postgres.url, `alter system set ssl_cert_file = '${cert}'`)
    await askPostgres(postgres.url, `alter system set ssl_key_file = '${key}'`)
    await askPostgres(postgres.url, 'alter system set ssl = on')
    await askPostgres(postgres.url, 'select pg_reload_conf()')
    return postgres
  }
  const encrypted = async (url: string) =>
    askPostgres(
      url,
      `select a.application_name from pg_stat_ssl s join pg_stat_activity a using (pid)
       where s.ssl and a.application_name like 'sgcache%'`,
    )

  it('is checked with "verify", and only spoken with "require"', async () => {
    const { url } = await postgresWithTls()
    const common = { tier: 'postgres', 'redis.enabled': false, 'postgres.url': url }
    const unknown = await open({ ...common, 'postgres.tls': 'verify' })
    await fails(unknown)
    expect(await statusOf(unknown)).toBe(503)
    expect(await encrypted(url)).toEqual([])
    await works(await open({ ...common, 'postgres.tls': 'verify', 'postgres.ca_file': at('cert.pem') }))
    expect((await encrypted(url)).length).toBeGreaterThan(0)
    await works(await open({ ...common, 'postgres.url': `${url}?sslmode=require` }))
  })
})
