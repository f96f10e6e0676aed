/**
 * Loads the configuration of this process: finds and reads the files, then hands everything to `resolveConfig`.
 * The environment is only read, never changed: what `.env` holds stays with sgcache and is not inherited by others.
 */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import type { Environment } from './env-layer.ts'
import type { ConfigFile } from './file-layer.ts'
import { findConfigFile, openConfigFile } from './find.ts'
import type { FlagValue } from './flag-layer.ts'
import { configInvalid } from './problem.ts'
import { type Resolution, type Resolved, resolveConfig } from './resolve.ts'
import type { Config } from './schema.ts'

export interface LoadOptions {
  readonly flags?: readonly FlagValue[]
  /** Default: the variables of this process. */
  readonly env?: Environment
  readonly cwd?: string
  /** Folders of the user's own to look in. Default: the platform's, then `~/.sg_cache`. */
  readonly userFolders?: readonly string[]
  /** `--config`: this file and no other. */
  readonly file?: string
  readonly overrides?: Readonly<Record<string, unknown>>
}

export interface Loaded {
  readonly config: Config
  /** Where each setting comes from, by its name. */
  readonly origins: ReadonlyMap<string, string>
}

/** Throws `CONFIG_INVALID` with every problem that there is. */
export async function loadConfig(options: LoadOptions = {}): Promise<Loaded> {
  const { config, problems, resolved } = await readConfig(options)
  if (!config) throw configInvalid(problems)
  return { config, origins: originsOf(resolved) }
}

/** As `loadConfig`, for those who want to show what there is even when it has problems. */
export async function readConfig(options: LoadOptions = {}): Promise<Resolution & { readonly path?: string }> {
  const cwd = options.cwd ?? process.cwd()
  const env = options.env ?? process.env
  const file = await configFileOf(options, cwd, env)
  const dotenv = readIfThere(join(cwd, '.env'))
  if (file && 'failed' in file) return unreadable(file)
  if (typeof dotenv === 'object') return unreadable(dotenv)
  const path = file && nearPath(cwd, file.path)
  const resolution = resolveConfig({
    flags: options.flags ?? [],
    env,
    ...(dotenv !== undefined && { dotenv: { path: '.env', text: dotenv } }),
    ...(file && path && { file: { ...file, path } }),
    ...(options.overrides && { overrides: options.overrides }),
    cwd,
    readFile: (path) => readFileSync(resolve(cwd, path), 'utf8'),
  })
  return path ? { ...resolution, path } : resolution
}

function unreadable({ path, failed }: Unreadable): Resolution {
  return { problems: [{ place: path, message: `cannot be read (${failed}).` }], resolved: [], values: new Map() }
}

function originsOf(resolved: readonly Resolved[]): ReadonlyMap<string, string> {
  return new Map(resolved.map(({ setting, given }) => [setting.name, given.place]))
}

interface Unreadable {
  readonly path: string
  readonly failed: string
}

async function configFileOf(
  options: LoadOptions,
  cwd: string,
  env: Environment,
): Promise<ConfigFile | Unreadable | undefined> {
  const named = options.file ?? env.SGCACHE_CONFIG
  try {
    if (named) return await openConfigFile(resolve(cwd, named))
    return await findConfigFile({ cwd, userFolders: options.userFolders ?? (await userFolders()) })
  } catch (error) {
    // A JavaScript configuration may throw anything; its text could hold a secret, so only its class is told.
    const { code, name, filepath } = error as { code?: string; name?: string; filepath?: string }
    return { path: filepath ?? named ?? cwd, failed: code ?? name ?? 'unknown error' }
  }
}

async function userFolders(): Promise<readonly string[]> {
  const { default: envPaths } = await import('env-paths') // it looks at the environment as soon as it is imported
  return [envPaths('sgcache', { suffix: '' }).config, join(homedir(), '.sg_cache')]
}

/** The text, nothing when there is no such file, or why it cannot be read. */
function readIfThere(path: string): string | Unreadable | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as { code?: string } // of node:fs
    return code === 'ENOENT' ? undefined : { path, failed: code ?? 'unknown error' }
  }
}

/** Relative when that is shorter to read. */
function nearPath(cwd: string, path: string): string {
  const near = relative(cwd, path)
  return near.startsWith('..') ? path : near
}
