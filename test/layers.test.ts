/** The house rules that a program can hold: who may import whom, no circles, no file that wants to be two. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const src = resolve(import.meta.dirname, '../src')

/** What each folder of `src` may import besides itself. Files that lie in `src` itself are for everybody. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  config: [],
  shotgrid: [],
  cache: [],
  backends: ['cache', 'config'],
  freshness: ['cache', 'shotgrid', 'config'],
  reads: ['freshness', 'backends', 'cache', 'shotgrid', 'config'],
  records: ['freshness', 'backends', 'cache', 'shotgrid', 'config'],
  follow: ['reads', 'freshness', 'backends', 'cache', 'shotgrid', 'config'],
  sandbox: ['shotgrid'],
  server: ['records', 'follow', 'reads', 'freshness', 'backends', 'cache', 'shotgrid', 'config'],
  deploy: ['follow', 'reads', 'freshness', 'backends', 'cache', 'shotgrid', 'config'],
  cli: ['server', 'deploy', 'sandbox', 'follow', 'reads', 'freshness', 'backends', 'cache', 'shotgrid', 'config'],
}

interface Module {
  /** `cache/entry.ts` */
  readonly path: string
  readonly text: string
  /** Paths of what it imports of ours. */
  readonly imports: readonly string[]
}

const modules = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => /\.tsx?$/.test(path))
  .map(readModule)

function readModule(path: string): Module {
  const text = readFileSync(join(src, path), 'utf8')
  const within = (pattern: RegExp) =>
    [...text.matchAll(pattern)]
      .map((match) => match[1]!)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => posix.normalize(posix.join(dirname(path), specifier)))
  const atOnce = within(/^(?:import|export)\b[^'"]*?from\s+'([^']+)'/gms)
  const whenAFunctionRuns = within(/\bimport\(\s*'([^']+)'\s*\)/g)
  return { path, text, imports: [...atOnce, ...whenAFunctionRuns] }
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
}

test('the modules are found, and so are their imports', () => {
  expect(modules.length).toBeGreaterThan(50)
  expect(modules.find(({ path }) => path === 'config/load.ts')?.imports).toContain('config/resolve.ts')
})

test('every folder has its place in the table', () => {
  const folders = new Set(modules.map(({ path }) => folderOf(path)))
  folders.delete('')
  expect([...folders].filter((folder) => !(folder in mayImport))).toEqual([])
})

describe('imports', () => {
  test('point downward only', () => {
    const wrong = modules.flatMap(({ path, imports }) =>
      imports
        .filter((imported) => {
          const [from, to] = [folderOf(path), folderOf(imported)]
          if (from === '') return to !== '' // what is for everybody knows nobody
          return to !== '' && to !== from && !mayImport[from]?.includes(to)
        })
        .map((imported) => `${path} -> ${imported}`),
    )
    expect(wrong).toEqual([])
  })

  test('lead to files that exist, and stay within src', () => {
    const known = new Set(modules.map(({ path }) => path))
    const wrong = modules.flatMap(({ path, imports }) =>
      imports.filter((imported) => !known.has(imported)).map((imported) => `${path} -> ${imported}`),
    )
    expect(wrong).toEqual([])
  })

  test('make no circles, types aside', () => {
    const graph = new Map(modules.map((module) => [module.path, runtimeImports(module)]))
    expect(circleIn(graph)).toEqual([])
  })
})

/** Imports that are there when the program runs: `import type` is gone by then. */
function runtimeImports({ path, text }: Module): readonly string[] {
  return [...text.matchAll(/^(?:import|export)\s+(?!type\b)[^'"]*?from\s+'(\.[^']+)'/gms)].map((match) =>
    posix.normalize(posix.join(dirname(path), match[1]!)),
  )
}

/** The first circle found, as a path; empty when there is none. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return []
    for (const next of graph.get(path) ?? []) {
      const circle = visit(next, [...trail, path])
      if (circle.length > 0) return circle
    }
    done.add(path)
    return []
  }
  for (const path of graph.keys()) {
    const circle = visit(path, [])
    if (circle.length > 0) return circle
  }
  return []
}

test('a circle would be found', () => {
  const graph = new Map([
    ['a', ['b', 'd']],
    ['b', ['c']],
    ['c', ['d', 'b']],
    ['d', []],
  ])
  expect(circleIn(graph)).toEqual(['b', 'c', 'b'])
})

/** Tables of data, which read best in one piece. */
const tables = new Set(['errors.ts', 'sandbox/schema-definition.ts'])

test('no file is longer than 300 lines, tables aside', () => {
  const long = modules
    .filter(({ path, text }) => !tables.has(path) && text.split('\n').length > 301)
    .map(({ path, text }) => `${path}: ${text.split('\n').length - 1}`)
  expect(long).toEqual([])
})

test('every module begins with what it is for', () => {
  const silent = modules.filter(({ text }) => !/^(#![^\n]*\n)?\/\*\*/.test(text)).map(({ path }) => path)
  expect(silent).toEqual([])
})
