/** Who may do what in Redis, and whether it is the Redis that was meant: users, passwords, certificates. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import type { RedisConnection } from '../../../src/backends/redis/connection-options.ts'
import { freePort } from '../../support/servers/free-port.ts'
import { askRedis, launchRedis } from '../../support/servers/redis.ts'
import { redisServerIsMissing } from '../../support/servers/shared.ts'
import { until } from '../../support/servers/until.ts'
import { all, everyCall, mayAnswer } from './redis-for-tests.ts'
import { type RedisWorld, test } from './redis-world.ts'

const page = readFileSync(new URL('../../../docs/tiers.md', import.meta.url), 'utf8')
/** The lines of the rule of docs/tiers.md, without the command and what comes before the rights. */
const [, ...rights] = /^```redis\n([^`]*~sgcache:\*[^`]*)```/m.exec(page)![1]!.trim().split('\n')
/** The last line is for clusters, replicas and databases. */
const needed = rights.slice(0, -1).flatMap((line) => line.trim().split(' '))

const password = 'a secret of this test'

describe.skipIf(await redisServerIsMissing()).concurrent('rights in Redis', () => {
  test('those of docs/tiers.md are enough, and none of them can be left out', async ({ world }) => {
    const redis = await world.start({ args: ['--acllog-max-len', '10000'] })
    expect(needed.length).toBeGreaterThan(10)
    /** Every command, but those that come later: marks that are looked at, renewed, and pings. */
    const begin = async (username: string, commands: readonly string[]) => {
      const prefix = `of-${username}`
      const rule = ['on', `>${password}`, `~${prefix}:*`, `&${prefix}:*`, '-@all', ...commands]
      await askRedis(redis.url, 'ACL', 'SETUSER', username, ...rule)
      const { backend } = world.open({ port: redis.port, username, password, prefix })
      const isIn = async () => backend.log.mayAnswer() || (await refused()).has(username)
      await until(isIn, { what: `${username} is in or refused` })
      for (let n = 0; n < 2; n++) await backend.flights!.claim('held').catch(() => {})
      return everyCall(backend)
    }
    const refused = async () => {
      // Each a list of names and values, one of them the user's.
      const refusals = (await askRedis(redis.url, 'ACL', 'LOG', '10000')) as string[][]
      return new Set(refusals.map((refusal) => refusal[refusal.indexOf('username') + 1]!))
    }
    expect(await begin('all', needed)).toEqual(all('done'))
    const without = (command: string) => needed.filter((other) => other !== command)
    await Promise.all(needed.map((command) => begin(`without${command}`, without(command))))
    const missed = async () => {
      // A script is sent as text only when Redis does not know it, whoever sent it last.
      await askRedis(redis.url, 'SCRIPT', 'FLUSH')
      const users = await refused()
      return needed.filter((command) => !users.has(`without${command}`))
    }
    await until(async () => (await missed()).length === 0, { what: 'each is missed' }).catch(async (error: unknown) => {
      throw new Error(`not needed: ${(await missed()).join(' ')}`, { cause: error })
    })
    expect((await refused()).has('all')).toBe(false)
  })

  const wrong: readonly [what: string, given: Partial<RedisConnection>, said: string][] = [
    ['a wrong password', { username: 'sgcache', password: 'not it' }, 'WRONGPASS'],
    ['no password', {}, 'NOAUTH'],
    ['an unknown user', { username: 'nobody', password }, 'WRONGPASS'],
  ]
  for (const [what, given, said] of wrong) {
    test(`${what} is told, without the secret`, async ({ world }) => {
      const redis = await world.start({ args: ['--requirepass', password, '--user', 'sgcache', 'on', `>${password}`] })
      const { backend, events, lost } = world.open({ port: redis.port, ...given })
      const trouble = await until(() => events.find((event) => event.kind === 'trouble'), { what: 'it is told' })
      await until(() => lost.length > 0, { what: 'the reason is told' })
      expect(lost[0]).toContain(said)
      expect(Object.values(await everyCall(backend))).not.toContain('done')
      await expect(backend.store.get('x')).rejects.toThrow(said)
      const told = [trouble.error, ...lost].map((error) => `${error} ${JSON.stringify(error)}`).join('\n')
      expect(told).not.toContain(password)
      expect(told).not.toContain('not it')
    })
  }

  test('a right that is missing is told by its name', async ({ world }) => {
    const redis = await world.start()
    const rule = ['on', `>${password}`, '~test:*', '&test:*', '+@all', '-evalsha']
    await askRedis(redis.url, 'ACL', 'SETUSER', 'sgcache', ...rule)
    const { events } = world.open({ port: redis.port, username: 'sgcache', password })
    const trouble = await until(() => events.find((event) => event.kind === 'trouble'), { what: 'it is told' })
    expect(String(trouble.error)).toMatch(/cannot be used: NOPERM.*evalsha/)
  })
})

const hasOpenssl = (() => {
  try {
    return execFileSync('openssl', ['version']).length > 0
  } catch {
    return false
  }
})()

/** A Redis that speaks TLS alone, with a certificate of an authority of its own. */
async function startSecure(world: RedisWorld) {
  const port = await freePort()
  const files = ['--tls-cert-file', 'server.pem', '--tls-key-file', 'server.key', '--tls-ca-cert-file', 'ca.pem']
  const redis = world.closing(
    await launchRedis(
      port,
      [
        ...['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--save', '', '--tls-auth-clients', 'no'],
        ...files,
      ],
      async (directory) => makeCertificates(directory),
    ),
  )
  return { port, ca: readFileSync(join(redis.directory, 'ca.pem'), 'utf8') }
}

function makeCertificates(directory: string): void {
  const openssl = (command: string) => execFileSync('openssl', command.split(' '), { cwd: directory, stdio: 'pipe' })
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'
  openssl(`req -x509 ${key} -keyout ca.key -out ca.pem -subj /CN=test-authority`)
  const server = '-keyout server.key -out server.pem -subj /CN=redis -addext subjectAltName=IP:127.0.0.1'
  openssl(`req -x509 ${key} ${server} -CA ca.pem -CAkey ca.key`)
}

describe.skipIf((await redisServerIsMissing()) || !hasOpenssl).concurrent('TLS', () => {
  test('with the right authority all is done', async ({ world }) => {
    const { port, ca } = await startSecure(world)
    const { backend } = world.open({ port, tls: { ca } })
    await mayAnswer(backend)
    expect(await everyCall(backend)).toEqual(all('done'))
  })

  test('a certificate of another authority is refused, and told', async ({ world }) => {
    const { port } = await startSecure(world)
    const { ca } = await startSecure(world)
    const { lost, backend } = world.open({ port, tls: { ca } })
    await until(() => lost.length > 0, { what: 'it is told' })
    expect(lost[0]).toMatch(/certificate|issuer/)
    await expect(backend.store.get('x')).rejects.toThrow(/certificate|issuer/)
  })

  test('a certificate for another name is refused', async ({ world }) => {
    const { port, ca } = await startSecure(world)
    const { lost } = world.open({ port, host: 'localhost', tls: { ca } })
    await until(() => lost.length > 0, { what: 'it is told' })
    expect(lost[0]).toContain('localhost')
  })

  test('a server that speaks no TLS is not spoken to', async ({ world }) => {
    const redis = await world.start()
    const { lost, backend } = world.open({ port: redis.port, tls: {} })
    await until(() => lost.length > 0, { what: 'it is told' })
    expect(Object.values(await everyCall(backend))).not.toContain('done')
  })
})
