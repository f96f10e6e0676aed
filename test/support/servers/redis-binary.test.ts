import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findRedis } from './redis-binary.ts'

describe('the search for a redis-server', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sgcache-find-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const program = async (name: string, version: string) => {
    const path = join(folder, name)
    await writeFile(path, `#!/bin/sh\necho '${version}'\n`)
    await chmod(path, 0o755)
    return path
  }
  // Nothing but our own programs, and no packages.
  const find = (env: NodeJS.ProcessEnv = {}) => findRedis({ PATH: folder, ...env }, join(folder, 'cache'))

  it('takes what is on the PATH', async () => {
    const command = await program('redis-server', 'Redis server v=7.0.15 sha=00000000:0')
    expect(await find()).toEqual({ command, env: {} })
  })

  it('takes a Valkey where the Redis is too old', async () => {
    await program('redis-server', 'Redis server v=6.0.16 sha=00000000:0')
    const command = await program('valkey-server', 'Valkey server v=8.1.1 sha=00000000:0')
    expect(await find()).toEqual({ command, env: {} })
  })

  it('says what it has found wanting', async () => {
    await program('redis-server', 'Redis server v=6.0.16 sha=00000000:0')
    expect(await find()).toEqual({ missing: expect.stringContaining('redis-server: it is version 6, and 7 is needed') })
  })

  it('fails in CI instead', async () => {
    await expect(find({ CI: 'true' })).rejects.toThrow('set SGCACHE_TEST_REDIS_SERVER')
  })

  it('does not look further when it was told where', async () => {
    await program('redis-server', 'Redis server v=7.0.15 sha=00000000:0')
    const command = await program('mine', 'Redis server v=8.0.2 sha=00000000:0')
    expect(await find({ SGCACHE_TEST_REDIS_SERVER: command })).toEqual({ command, env: {} })
    await expect(find({ SGCACHE_TEST_REDIS_SERVER: '/nowhere' })).rejects.toThrow(
      'SGCACHE_TEST_REDIS_SERVER is /nowhere',
    )
  })
})
