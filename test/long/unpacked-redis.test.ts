/** Needs Debian or Ubuntu and their package servers, as a developer's first run of the tests does. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findRedis } from '../support/servers/redis-binary.ts'

const isDebian = (() => {
  try {
    return execFileSync('apt-get', ['--version']).length > 0
  } catch {
    return false
  }
})()

describe.skipIf(!isDebian)('a machine without redis-server', () => {
  let folder: string
  let tools: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sgcache-unpacked-'))
    tools = join(folder, 'tools')
    await mkdir(tools)
    for (const path of await programsButRedis()) await symlink(path, join(tools, basename(path))).catch(unlessItIsThere)
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('gets one that runs from packages, also when several look at the same time', async () => {
    const cache = join(folder, 'cache')
    const found = await Promise.all(Array.from({ length: 4 }, () => findRedis({ PATH: tools }, cache)))
    expect(new Set(found.map((one) => ('missing' in one ? one.missing : one.command)))).toEqual(
      new Set([join(cache, 'root/usr/bin/redis-server')]),
    )
  })
})

async function programsButRedis(): Promise<string[]> {
  const folders = process.env.PATH?.split(delimiter) ?? []
  const names = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])))
  return folders.flatMap((folder, index) =>
    names[index]!.filter((name) => !/^(redis|valkey)/.test(name)).map((name) => join(folder, name)),
  )
}

// The first on the PATH counts.
function unlessItIsThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
