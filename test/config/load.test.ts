import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig, readConfig } from '../../src/config/load.ts'
import { SgcacheError } from '../../src/errors.ts'

const env = { SG_URL: 'https://studio.example.com', SG_SCRIPT: 'cache', SG_KEY: 'k' }
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sgcache-config-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string): string {
  const full = join(root, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, text)
  return full
}

function folder(path: string): string {
  mkdirSync(join(root, path), { recursive: true })
  return join(root, path)
}

async function portFrom(options: Parameters<typeof loadConfig>[0] = {}) {
  const { config, origins } = await loadConfig({ env, cwd: root, userFolders: [], ...options })
  return [config.server.port, origins.get('server.port')]
}

describe('the configuration file', () => {
  test.each([
    ['sgcache.config.yaml', 'server:\n  port: 1\n', ':2'],
    ['sgcache.config.yml', 'server:\n  port: 1\n', ':2'],
    ['sgcache.config.json', '{"server": {"port": 1}}', ':1'],
    ['sgcache.config.mjs', 'export default { server: { port: 1 } }', ''],
    ['sgcache.config.cjs', 'module.exports = { server: { port: 1 } }', ''],
    ['.sgcacherc', 'server:\n  port: 1\n', ':2'],
  ])('may be %s', async (name, text, line) => {
    write(name, text)
    expect(await portFrom()).toEqual([1, `${name}${line}`])
  })

  test('is looked for in the folders above', async () => {
    const path = write('sgcache.config.yaml', 'server: {port: 1}')
    expect(await portFrom({ cwd: folder('a/b/c') })).toEqual([1, `${path}:1`])
  })

  test('of the nearest folder is the only one read', async () => {
    write('sgcache.config.yaml', 'server: {port: 1}\ncache: {memory: 9MB}')
    write('a/.sgcacherc', 'server: {port: 2}')
    const { config } = await loadConfig({ env, cwd: join(root, 'a'), userFolders: [] })
    expect([config.server.port, config.cache.memory]).toEqual([2, 512 * 1024 ** 2])
  })

  test('is looked for in the user’s folders last, in their order', async () => {
    const own = [join(root, 'own/sgcache'), join(root, 'own/.sg_cache')]
    const cwd = folder('work')
    write('own/.sg_cache/config.yaml', 'server: {port: 3}')
    expect((await portFrom({ cwd, userFolders: own }))[0]).toBe(3)
    write('own/sgcache/config.json', '{"server": {"port": 4}}')
    expect((await portFrom({ cwd, userFolders: own }))[0]).toBe(4)
    write('work/sgcache.config.yaml', 'server: {port: 5}')
    expect((await portFrom({ cwd, userFolders: own }))[0]).toBe(5)
  })

  test('may be named, by option or by SGCACHE_CONFIG, and then no other is read', async () => {
    write('sgcache.config.yaml', 'server: {port: 1}')
    write('etc/mine.conf', 'server: {port: 6}')
    expect(await portFrom({ file: 'etc/mine.conf' })).toEqual([6, 'etc/mine.conf:1'])
    expect(await portFrom({ env: { ...env, SGCACHE_CONFIG: 'etc/mine.conf' } })).toEqual([6, 'etc/mine.conf:1'])
  })

  test('that is named but not there is a problem', async () => {
    await expect(portFrom({ file: 'nowhere.yaml' })).rejects.toThrow(/nowhere.yaml: cannot be read \(ENOENT\)/)
  })

  test('may be empty, or absent', async () => {
    expect(await portFrom()).toEqual([8000, 'default'])
    write('sgcache.config.yaml', '# nothing yet\n')
    expect(await portFrom()).toEqual([8000, 'default'])
    write('sgcache.config.yaml', '')
    expect((await readConfig({ env, cwd: root, userFolders: [] })).path).toBe('sgcache.config.yaml')
  })

  test('in JavaScript that fails is told of without its text', async () => {
    write('sgcache.config.mjs', 'throw new TypeError("hush")')
    const error = await loadConfig({ env, cwd: root, userFolders: [] }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(SgcacheError)
    expect(String(error)).toMatch(/sgcache.config.mjs: cannot be read \(TypeError\)/)
    expect(String(error)).not.toContain('hush')
  })
})

describe('.env', () => {
  test('of the working folder is read, and the environment of the process stays as it is', async () => {
    write('.env', '# ours\nSGCACHE_SERVER_PORT=7\n')
    expect(await portFrom()).toEqual([7, '.env:2 (SGCACHE_SERVER_PORT)'])
    expect(process.env.SGCACHE_SERVER_PORT).toBeUndefined()
  })

  test('that cannot be read is a problem', async () => {
    folder('.env')
    await expect(portFrom()).rejects.toThrow(/\.env: cannot be read \(EISDIR\)/)
  })
})

test('paths of secret files are relative to the working folder, or to the configuration that names them', async () => {
  const { SG_KEY: _, ...others } = env
  write('keys/sg', 'from the folder\n')
  const fromEnv = await loadConfig({ env: { ...others, SG_KEY_FILE: 'keys/sg' }, cwd: root, userFolders: [] })
  expect(fromEnv.config.shotgrid.key).toBe('from the folder')
  write('etc/keys/sg', 'beside the file\n')
  write('etc/sgcache.yaml', 'shotgrid:\n  key_file: keys/sg\n')
  const fromFile = await loadConfig({ env: others, cwd: root, userFolders: [], file: 'etc/sgcache.yaml' })
  expect(fromFile.config.shotgrid.key).toBe('beside the file')
})

test('all problems are one error of the catalogue', async () => {
  const error = await loadConfig({ env: {}, cwd: root, userFolders: [] }).catch((error: unknown) => error)
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2, details: { count: 3 } })
})
