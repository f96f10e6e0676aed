/** Writes the files of `init`: all of them or none, and never over one that is there without leave. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { SgcacheError } from '../../errors.ts'

export interface FileToWrite {
  readonly name: string
  readonly text: string
}

/** The paths written. Throws `FILE_EXISTS` at the first file that may not be replaced, before anything is written. */
export async function writeFiles(
  folder: string,
  files: readonly FileToWrite[],
  mayReplace: (path: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const targets = files.map(({ name, text }) => ({ path: join(folder, name), text }))
  for (const { path } of targets) {
    if (existsSync(path) && !(await mayReplace(path))) throw new SgcacheError('FILE_EXISTS', { path })
  }
  mkdirSync(folder, { recursive: true })
  for (const { path, text } of targets) writeFileSync(path, text)
  return targets.map(({ path }) => path)
}

/** Where an editor finds the JSON Schema: relative when sgcache is installed below the folder, else by its address. */
export function schemaAddress(folder: string): string {
  const schema = new URL('../../../docs/sgcache.schema.json', import.meta.url)
  const near = relative(folder, fileURLToPath(schema))
  const isBelow = !near.startsWith('..') && near !== '' && !near.includes(':')
  return isBelow ? near.split(sep).join('/') : pathToFileURL(fileURLToPath(schema)).href
}
