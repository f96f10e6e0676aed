/**
 * Finds the configuration file: `sgcache.config.*` or `.sgcacherc` in the working folder or one above it, else
 * `config.*` in the user's own folder (the platform's place for settings, then `~/.sg_cache`). The first one found is
 * the only one read.
 *
 * cosmiconfig looks for files and loads JavaScript; the text of YAML and JSON is kept as it is, since its line numbers
 * are needed later.
 */
import { dirname } from 'node:path'
import { cosmiconfig, defaultLoaders } from 'cosmiconfig'
import type { ConfigFile } from './file-layer.ts'

const extensions = ['yaml', 'yml', 'json', 'js', 'mjs', 'cjs']

export const searchPlaces = [...extensions.map((extension) => `sgcache.config.${extension}`), '.sgcacherc']
export const userPlaces = extensions.map((extension) => `config.${extension}`)

export interface FindOptions {
  readonly cwd: string
  /** Folders of the user's own, in order. */
  readonly userFolders: readonly string[]
}

export async function findConfigFile({ cwd, userFolders }: FindOptions): Promise<ConfigFile | undefined> {
  const nearby = explorer(searchPlaces)
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = await nearby.search(folder)
    if (found) return configFile(found)
    if (dirname(folder) === folder) break
  }
  const own = explorer(userPlaces)
  for (const folder of userFolders) {
    const found = await own.search(folder)
    if (found) return configFile(found)
  }
  return undefined
}

/** A file named by the user; its ending says what it is, anything unknown is read as YAML. */
export async function openConfigFile(path: string): Promise<ConfigFile> {
  const found = await explorer([]).load(path)
  return found ? configFile(found) : { path, text: '' }
}

function explorer(places: string[]) {
  const text = (_path: string, content: string) => content
  return cosmiconfig('sgcache', {
    searchPlaces: places,
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: {
      '.yaml': text,
      '.yml': text,
      '.json': text,
      noExt: text,
      '.js': defaultLoaders['.js'],
      '.mjs': defaultLoaders['.mjs'],
      '.cjs': defaultLoaders['.cjs'],
      default: text,
    },
  })
}

function configFile({ filepath, config }: { filepath: string; config: unknown }): ConfigFile {
  if (config === undefined) return { path: filepath, text: '' }
  return typeof config === 'string' ? { path: filepath, text: config } : { path: filepath, value: config }
}
