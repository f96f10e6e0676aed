/**
 * Finds the redis-server that tests start, 7 or newer:
 *
 * 1. the path in `SGCACHE_TEST_REDIS_SERVER`;
 * 2. `redis-server` or `valkey-server` on the PATH;
 * 3. Debian's own packages, unpacked into `node_modules/.cache` without root (once for each `npm ci`, about 10 s).
 *
 * Where none of these is to be had, the tests that need it are skipped on a developer's machine, and fail in CI (`CI`).
 */
import { execFile } from 'node:child_process'
import { access, constants, readdir } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'

export interface RedisBinary {
  readonly command: string
  readonly env: Readonly<Record<string, string>>
}

/** Where there is none: why. */
export type FoundRedis = RedisBinary | { readonly missing: string }

const run = promisify(execFile)
const OLDEST = 7
const defaultCacheFolder = resolve(import.meta.dirname, '../../../node_modules/.cache/sgcache-redis')

export async function findRedis(
  env: NodeJS.ProcessEnv = process.env,
  cacheFolder = defaultCacheFolder,
): Promise<FoundRedis> {
  const named = env.SGCACHE_TEST_REDIS_SERVER
  if (named) {
    const problem = await problemWith({ command: named, env: {} })
    if (problem) throw new Error(`SGCACHE_TEST_REDIS_SERVER is ${named}: ${problem}.`)
    return { command: named, env: {} }
  }
  const problems: string[] = []
  for (const source of [onPath, unpacked]) {
    for (const found of await source(env, problems, cacheFolder)) {
      const problem = await problemWith(found)
      if (!problem) return found
      problems.push(`${found.command}: ${problem}`)
    }
  }
  const missing = `no redis-server ${OLDEST} or newer (${problems.join('; ')})`
  if (env.CI) throw new Error(`There is ${missing}. Install one, or set SGCACHE_TEST_REDIS_SERVER to its path.`)
  return { missing }
}

/** What it offers; why it offers nothing is added to the problems. */
type Source = (env: NodeJS.ProcessEnv, problems: string[], cacheFolder: string) => Promise<RedisBinary[]>

const onPath: Source = async ({ PATH = '' }, problems) => {
  const commands = ['redis-server', 'valkey-server'].flatMap((name) =>
    PATH.split(delimiter)
      .filter(Boolean)
      .map((folder) => join(folder, name)),
  )
  const present = await Promise.all(commands.map(isExecutable))
  const found = commands.filter((_, index) => present[index]).map((command) => ({ command, env: {} }))
  if (found.length === 0) problems.push('none is on the PATH')
  return found
}

const unpacked: Source = async (env, problems, cacheFolder) => {
  if (process.platform !== 'linux') return []
  const root = join(cacheFolder, 'root')
  const command = join(root, 'usr/bin/redis-server')
  try {
    if (!(await isExecutable(command)))
      await run('sh', [join(import.meta.dirname, 'unpack-redis.sh'), cacheFolder], { env })
    return [{ command, env: { LD_LIBRARY_PATH: (await libraryFolders(root)).join(delimiter) } }]
  } catch (error) {
    // execFile rejects with what the command printed.
    const { stderr = '', message } = error as Error & { stderr?: string }
    problems.push(`Debian's package cannot be had: ${(stderr.trim() || message).split('\n').at(-1)}`)
    return []
  }
}

/** Debian keeps them by architecture: usr/lib/x86_64-linux-gnu. */
async function libraryFolders(root: string): Promise<string[]> {
  const inAll = await Promise.all(
    ['lib', 'usr/lib'].map(async (folder) => {
      const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
      return entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, folder, entry.name))
    }),
  )
  return inAll.flat()
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function problemWith({ command, env }: RedisBinary): Promise<string | undefined> {
  try {
    const { stdout } = await run(command, ['--version'], { env: { ...process.env, ...env } })
    const major = /\bv=(\d+)\./.exec(stdout)?.[1]
    if (major === undefined) return `it does not tell its version: ${stdout.trim()}`
    return Number(major) < OLDEST ? `it is version ${major}, and ${OLDEST} is needed` : undefined
  } catch (error) {
    return `it does not run (${(error as Error).message.trim()})`
  }
}
