/** The built program in a process of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { version } from '../../src/cli/version.ts'
import { ensureBuilt, type Started, startBuilt } from '../support/built-cli.ts'
import { redisIsMissing, sharedRedis } from '../support/servers/shared.ts'

const cwd = mkdtempSync(join(tmpdir(), 'sgcache-built-'))
const running: Started[] = []

beforeAll(ensureBuilt, 300_000)
afterAll(async () => {
  for (const one of running) one.kill('SIGKILL')
  await Promise.all(running.map(({ done }) => done))
  rmSync(cwd, { recursive: true, force: true })
})

function start(argv: readonly string[], env?: Record<string, string>): Started {
  const started = startBuilt(argv, { cwd, ...(env && { env }) })
  running.push(started)
  return started
}

describe('the built program', () => {
  test('prints its help and its version', async () => {
    const [help, printed] = await Promise.all([start(['--help']).done, start(['--version']).done])
    expect(help).toMatchObject({ exitCode: 0, stderr: '' })
    expect(help.stdout).toContain('Usage: sgcache')
    expect(printed).toEqual({ exitCode: 0, stdout: version(), stderr: '' })
  })

  test('ends with the codes of the documentation', async () => {
    writeFileSync(join(cwd, 'bad.yaml'), 'server:\n  port: many\n')
    const env = { SG_URL: 'https://studio.example.com', SG_SCRIPT: 'a', SG_KEY: 'S3-key' }
    const codes = await Promise.all(
      [
        ['config', 'check'],
        ['config', 'check', '-c', 'bad.yaml'],
        ['serve', '-c', 'bad.yaml'],
        ['serve', '--host', '0.0.0.0'],
        ['serve', '--activity', '3/s'],
        ['listen'],
        ['nonsense'],
      ].map(async (argv) => {
        const { exitCode, stderr } = await start(argv, env).done
        expect(stderr).not.toContain('S3-key')
        expect(stderr).not.toContain('    at ')
        return exitCode
      }),
    )
    expect(codes).toEqual([0, 2, 2, 2, 2, 2, 2])
  })

  test('finds the configuration in the user’s own folder', async () => {
    const home = mkdtempSync(join(cwd, 'home-'))
    const folder = join(home, 'settings')
    mkdirSync(join(folder, 'sgcache'), { recursive: true })
    writeFileSync(join(folder, 'sgcache/config.yaml'), 'cache:\n  memory: 7MB\n')
    const { stdout } = await start(['config', 'show', '--json'], { XDG_CONFIG_HOME: folder }).done
    expect(JSON.parse(stdout)['cache.memory']).toBe('7MB')
  })
})

describe('serve --sandbox', () => {
  test('prints what to try, which works as it says, and ends with 0 when told to', async () => {
    const server = start(['serve', '--sandbox', '--port', '0', '--poll', '200ms', '--set', 'cache.settle=0s'])
    const [, entity] = await server.seen('stderr', /curl -s '(http:\/\/127\.0\.0\.1:\d+\/entity\/Task\/\d+\?[^']+)'/)
    const query = await server.seen('stderr', /curl -s (http:\/\/\S+\/query) .* -d '([^']+)'/)
    const update = await server.seen('stderr', /curl -s (http:\/\/\S+\/api3\/json) .* -d '([^']+)'/)

    const read = async () => (await (await fetch(entity!)).json()) as Answer
    const ask = async () => (await (await post(query)).json()) as Answer
    expect((await read()).source).toBe('shotgrid')
    const before = await read()
    expect(before.source).toBe('cache')
    await ask()
    expect((await ask()).source).toBe('cache')

    const wanted = JSON.parse(update[2]!).params[1].fields[0].value
    expect(before.data.sg_status_list).not.toBe(wanted)
    expect((await post(update)).status).toBe(200)
    await until(async () => (await read()).data.sg_status_list === wanted)
    expect((await ask()).source).toBe('cache')

    server.kill('SIGTERM')
    const { exitCode, stderr } = await server.done
    expect(exitCode).toBe(0)
    expect(stderr).toContain('SIGTERM: finishing what is under way')
    await expect(fetch(entity!)).rejects.toThrow()
  })

  test('ends with 3 when the port is taken, and says so', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number } // it listens on a port
    const { exitCode, stderr } = await start(['serve', '--sandbox', '--port', String(port)]).done
    taken.close()
    expect(exitCode).toBe(3)
    expect(stderr).toContain(`Cannot listen on 127.0.0.1:${port}`)
  })

  test('asks for a token when it is told to, and takes the one that the program mints', async () => {
    const env = { SGCACHE_JWT_KEY: 'S3'.repeat(20), SGCACHE_AUTH_MODE: 'jwt' }
    const { stdout: token } = await start(['token', '--subject', 'test'], env).done
    const server = start(['serve', '--sandbox', '--port', '0', '--log-level', 'debug'], env)
    const [, entity] = await server.seen('stderr', /'(http:\/\/127\.0\.0\.1:\d+\/entity\/Task\/\d+\?[^']+)'/)
    expect((await fetch(entity!)).status).toBe(401)
    expect((await fetch(entity!, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
    server.kill('SIGINT')
    const { exitCode, stdout, stderr } = await server.done
    expect(exitCode).toBe(0)
    for (const secret of ['S3S3', token, 'sandbox-key']) expect(stdout).not.toContain(secret)
    expect(stderr).not.toContain('S3S3')
  })
})

test('sandbox prints its address alone on stdout, and answers there', async () => {
  const site = start(['sandbox', '--port', '0', '--seed', '2'])
  const [address] = await site.seen('stdout', /^http:\/\/127\.0\.0\.1:\d+$/m)
  const reply = await fetch(`${address}/api3/json`, { method: 'POST', body: '{"method_name":"info","params":[]}' })
  expect(reply.status).toBe(200)
  site.kill('SIGTERM')
  expect(await site.done).toMatchObject({ exitCode: 0, stdout: address })
})

test.skipIf(await redisIsMissing())('listen follows until it is told to stop, and ends with 0', async () => {
  const { url, prefix } = await sharedRedis()
  const site = start(['sandbox', '--port', '0'])
  const [address] = await site.seen('stdout', /^http:\/\/127\.0\.0\.1:\d+$/m)
  const env = { SG_URL: address!, SG_SCRIPT: 'sgcache', SG_KEY: 'sandbox-key', REDIS_URL: url }
  const settings = ['listen.port=0', `redis.prefix=${prefix}`, 'warm.types=Project', 'cache.settle=0s']
  const listener = start(['listen', '--tier', 'redis', ...settings.flatMap((one) => ['--set', one])], env)
  const [, health] = await listener.seen('stderr', /how it does: (http:\/\/127\.0\.0\.1:\d+\/health)/)
  await until(async () => (await fetch(health!)).status === 200)
  listener.kill('SIGTERM')
  const { exitCode, stdout, stderr } = await listener.done
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('SIGTERM: finishing what is under way')])
  expect(stdout).toContain('"listening"')
  site.kill('SIGTERM')
  await site.done
})

interface Answer {
  readonly source: string
  readonly data: Readonly<Record<string, unknown>>
}

function post([, address, body]: RegExpExecArray): Promise<Response> {
  return fetch(address!, { method: 'POST', headers: { 'content-type': 'application/json' }, body: body! })
}

/** Asks until it is so; the answer of a real server is waited for, not a time. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
}
