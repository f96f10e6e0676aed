/**
 * Settings from a configuration file. YAML and JSON are read with their line numbers, so that each problem names its
 * line; a JavaScript file gives a finished object and is its own place.
 *
 * Unknown keys are refused: a misspelt setting that is silently ignored is worse than none.
 */
import { dirname, isAbsolute, join } from 'node:path'
import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml'
import { didYouMean, suggest } from '../suggest.ts'
import { type Given, type Layer, type ReadFile, readSecretFile } from './layer.ts'
import type { Problem } from './problem.ts'
import { configSchema } from './schema.ts'
import { scope } from './sections/shotgrid.ts'
import { fileKeyOf, type Setting, settingsOf } from './settings.ts'

export type ConfigFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly value: unknown }

type Tree = Readonly<Record<string, unknown>>

/** A file as it was read: a tree, and where each part of it stands. */
export interface ReadConfigFile {
  readonly path: string
  readonly tree: Tree
  readonly placeOf: (path: readonly PropertyKey[]) => string
  readonly problems: readonly Problem[]
}

export function readConfigFile(file: ConfigFile): ReadConfigFile {
  if ('text' in file) return readText(file.path, file.text)
  return treeOf(file.value, file.path, () => file.path, [])
}

/** The names of the operator's own scopes, which decide what settings there are. */
export function scopeNamesOf(tree: Tree): readonly string[] {
  return isTree(tree.scopes) ? Object.keys(tree.scopes) : []
}

export function fileLayer(file: ReadConfigFile, settings: readonly Setting[], readFile: ReadFile): Layer {
  const given = new Map<string, Given>()
  const problems: Problem[] = [...file.problems, ...unknownKeys(file)]
  for (const setting of settings) {
    const path = [...setting.path.slice(0, -1), fileKeyOf(setting)]
    const value = valueAt(file.tree, path)
    if (value === undefined || value === null) continue
    const place = file.placeOf(path)
    const placeWithin = (within: readonly PropertyKey[]) => file.placeOf([...path, ...within])
    if (!setting.secret) {
      given.set(setting.name, { value, layer: 'file', place, placeWithin })
      continue
    }
    const named = String(value)
    const secretPath = isAbsolute(named) ? named : join(dirname(file.path), named)
    const secret = readSecretFile(readFile, secretPath)
    if (typeof secret === 'string') given.set(setting.name, { value: secret, layer: 'file', place })
    else problems.push({ place, message: `${path.join('.')}: cannot read ${secretPath} (${secret.failed}).` })
  }
  return { given, problems }
}

function readText(path: string, text: string): ReadConfigFile {
  const lines = new LineCounter()
  // Without "pretty" errors: those quote the source, which could show a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => `${path}:${lines.linePos(offset).line}`
  const problems = document.errors.map(({ pos, code }) => ({
    place: at(pos[0]),
    message: `this is not valid ${path.endsWith('.json') ? 'JSON' : 'YAML'} (${code.toLowerCase().replaceAll('_', ' ')}).`,
  }))
  const placeOf = (keys: readonly PropertyKey[]) => {
    const offset = offsetOf(document, keys)
    return offset === undefined ? path : at(offset)
  }
  return treeOf(problems.length > 0 ? null : document.toJS(), path, placeOf, problems)
}

/** Where the key stands that leads to a value, or as much of its path as there is. */
function offsetOf(document: Document, keys: readonly PropertyKey[]): number | undefined {
  let offset: number | undefined
  let node: unknown = document.contents
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isNode(item.key) && String(item.key) === String(key))
      if (!pair) break
      offset = isNode(pair.key) ? pair.key.range?.[0] : offset
      node = pair.value
    } else if (isNode(node) && 'get' in node && typeof node.get === 'function') {
      node = node.get(Number(key), true)
      if (isNode(node)) offset = node.range?.[0]
    } else break
  }
  return offset
}

function treeOf(
  value: unknown,
  path: string,
  placeOf: ReadConfigFile['placeOf'],
  problems: readonly Problem[],
): ReadConfigFile {
  if (value === null || value === undefined) return { path, tree: {}, placeOf, problems }
  if (isTree(value)) return { path, tree: value, placeOf, problems }
  return {
    path,
    tree: {},
    placeOf,
    problems: [...problems, { place: path, message: 'a configuration is a table of sections.' }],
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function valueAt(tree: Tree, path: readonly string[]): unknown {
  let value: unknown = tree
  for (const key of path) {
    if (!isTree(value)) return undefined
    value = Object.hasOwn(value, key) ? value[key] : undefined
  }
  return value
}

function* unknownKeys(file: ReadConfigFile): Generator<Problem> {
  const sections: Readonly<Record<string, unknown>> = configSchema.shape
  for (const [key, value] of Object.entries(file.tree)) {
    const schema = Object.hasOwn(sections, key) ? sections[key] : undefined
    if (!schema) yield unknownKey(file, [key], Object.keys(sections))
    else if (key === 'scopes') yield* scopeProblems(file, value)
    else if (isSection(schema)) yield* sectionProblems(file, [key], value, schema.shape)
  }
}

function isSection(schema: unknown): schema is { readonly shape: Readonly<Record<string, unknown>> } {
  return typeof schema === 'object' && schema !== null && 'shape' in schema
}

function* scopeProblems(file: ReadConfigFile, value: unknown): Generator<Problem> {
  if (value === null) return
  if (!isTree(value)) {
    yield { place: file.placeOf(['scopes']), message: 'scopes is a table of scopes by name.' }
    return
  }
  for (const [name, one] of Object.entries(value)) yield* sectionProblems(file, ['scopes', name], one, scope.shape)
}

function* sectionProblems(
  file: ReadConfigFile,
  path: readonly string[],
  value: unknown,
  shape: Readonly<Record<string, unknown>>,
): Generator<Problem> {
  if (value === null) return
  const section = path.join('.')
  if (!isTree(value)) {
    yield { place: file.placeOf(path), message: `${section} is a section: put its settings below it, indented.` }
    return
  }
  const settings = settingsOf(path[0] === 'scopes' ? [path[1]!] : []).filter(({ path: own }) =>
    path.every((part, index) => own[index] === part),
  )
  const known = settings.map(fileKeyOf)
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const secret = settings.find(
      (setting) => setting.secret && setting.path.at(-1) === key && Object.hasOwn(shape, key),
    )
    if (secret) yield secretInFile(file, secret)
    else yield unknownKey(file, [...path, key], known)
  }
}

function secretInFile(file: ReadConfigFile, setting: Setting): Problem {
  const message = `${setting.name} is a secret and does not belong in this file: put it in ${setting.envNames[0]} (environment or .env), or its file’s path in ${setting.name}_file.`
  return { place: file.placeOf(setting.path), message }
}

/** Names the right key of the section, or else the section that has a setting of this name. */
function unknownKey(file: ReadConfigFile, path: readonly string[], known: readonly string[]): Problem {
  const key = path.at(-1)!
  const elsewhere = settingsOf([]).filter((setting) => fileKeyOf(setting) === key)
  const hint =
    suggest(key, known) === undefined && elsewhere.length > 0
      ? ` (did you mean ${elsewhere.map(({ name }) => `"${name}"`).join(' or ')}?)`
      : didYouMean(key, known)
  return { place: file.placeOf(path), message: `there is no setting ${path.join('.')}${hint}.` }
}
