/** What can be checked in the documentation is checked: links, commands, examples, names of files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createProgram } from '../../src/cli/program.ts'
import { problemText } from '../../src/config/problem.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { settingsOf } from '../../src/config/settings.ts'

const root = resolve(import.meta.dirname, '../..')

const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
]
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

const npmScripts = Object.keys(
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts,
)

const program = createProgram({
  out: () => undefined,
  err: () => undefined,
  env: {},
  cwd: '/',
  isInteractive: false,
  isTerminal: false,
  exitWith: () => undefined,
})

describe.each(pages)('$path', ({ path, text }) => {
  test('links to pages and headings that are there', () => {
    const broken = linksIn(text).filter((link) => !leadsSomewhere(path, link))
    expect(broken).toEqual([])
  })

  test('names commands and options that are there', () => {
    expect(commandsIn(text).flatMap(problemsOfCommand)).toEqual([])
  })

  test('names npm scripts that are there', () => {
    const named = [...text.matchAll(/npm run (?:--\S+ )*([\w:]+)/g)].map((match) => match[1]!)
    expect(named.filter((name) => !npmScripts.includes(name))).toEqual([])
  })

  test('names files that are there', () => {
    const named = codeIn(text).filter((code) => /^(src|test|docs|scripts|bench|templates)\/[\w./-]*\w\/?$/.test(code))
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })

  test('names settings that are there', () => {
    const sections = new Set(settingsOf([]).flatMap((setting) => (setting.path.length > 1 ? [setting.path[0]!] : [])))
    const known = new Set(settingsOf([]).map(({ name }) => name))
    const named = codeIn(text).filter((code) => /^[a-z]+\.[a-z_]+$/.test(code) && sections.has(code.split('.')[0]!))
    expect(named.filter((name) => !known.has(name) && !existsSync(join(root, 'docs', name)))).toEqual([])
  })

  test('shows configurations that load', () => {
    for (const yaml of blocksIn(text, 'yaml')) expect(problemsOfConfig(yaml)).toEqual([])
  })

  test('shows JSON that is JSON', () => {
    for (const json of blocksIn(text, 'json')) expect(() => JSON.parse(json)).not.toThrow()
  })
})

test('something is checked', () => {
  const all = pages.map(({ text }) => text).join('\n')
  expect(pages.length).toBeGreaterThan(8)
  expect(linksIn(all).length).toBeGreaterThan(20)
  expect(commandsIn(all).length).toBeGreaterThan(15)
  expect(blocksIn(all, 'yaml').length).toBeGreaterThan(3)
})

test('what is wrong would be found', () => {
  expect(problemsOfCommand('sgcache srve')).toEqual(['sgcache srve: no such command'])
  expect(problemsOfCommand('sgcache serve --sandbx')).toEqual(['sgcache serve --sandbx: no option --sandbx'])
  expect(problemsOfCommand('sgcache config chekc')).toEqual(['sgcache config chekc: no such command'])
  expect(problemsOfConfig('server:\n  prot: 1')).toHaveLength(1)
  expect(leadsSomewhere('README.md', 'docs/nowhere.md')).toBe(false)
  expect(leadsSomewhere('README.md', 'docs/operations.md#nowhere')).toBe(false)
  expect(leadsSomewhere('docs/operations.md', 'commands.md#exit-codes')).toBe(true)
})

function linksIn(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!)
    .filter((link) => !/^[a-z]+:/.test(link))
}

function leadsSomewhere(from: string, link: string): boolean {
  const [file = '', heading] = link.split('#')
  const target = file === '' ? join(root, from) : resolve(root, dirname(from), file)
  if (!existsSync(target) || relative(root, target).startsWith('..')) return false
  return heading === undefined || headingsIn(readFileSync(target, 'utf8')).includes(heading)
}

/** As GitHub names them. */
function headingsIn(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function withoutBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '')
}

function blocksIn(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2]!)
}

/** Inline code. */
function codeIn(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!)
}

/** `sgcache …` in inline code and at the beginning of lines of shell blocks. */
function commandsIn(text: string): string[] {
  const inline = [...withoutBlocks(text).matchAll(/`(sgcache [^`]+)`/g)].map((match) => match[1]!.replaceAll('\n', ' '))
  const shell = blocksIn(text, 'sh').flatMap((block) =>
    [...block.matchAll(/(?:^|\$\()(sgcache [^#\n)]*)/gm)].map((match) => match[1]!),
  )
  return [...inline, ...shell].map((command) => command.trim()).filter((command) => !command.includes('<command>'))
}

function problemsOfCommand(line: string): string[] {
  let command: Command = program
  const words = line.split(/\s+/).slice(1)
  while (command.commands.length > 0) {
    const word = words.shift()
    const next = command.commands.find((one) => one.name() === word)
    if (!next) return word?.startsWith('-') && command === program ? [] : [`${line}: no such command`]
    command = next
  }
  const flags = words.filter((word) => word.startsWith('-')).map((word) => word.replace(/=.*/, ''))
  const known = command.options.flatMap((option) => [option.long, option.short])
  return flags.filter((flag) => !known.includes(flag)).map((flag) => `${line}: no option ${flag}`)
}

/** Secrets and what a site must have are taken as given; scopes of the example have their keys. */
function problemsOfConfig(yaml: string): string[] {
  const tree = parse(yaml) as { scopes?: object; auth?: { mode?: string } }
  const env: Record<string, string> = { SG_KEY: 'k' }
  for (const name of Object.keys(tree.scopes ?? {}))
    env[`SGCACHE_SCOPES_${name.replaceAll('-', '_').toUpperCase()}_KEY`] = 'k'
  if (!yaml.includes('url:')) env.SG_URL = 'https://studio.example.com'
  if (!/^shotgrid:[\s\S]*?\n {2}script:/m.test(yaml)) env.SG_SCRIPT = 'sgcache'
  if (tree.auth?.mode === 'jwt') env.SGCACHE_JWT_KEY = 'k'.repeat(32)
  const file = { path: 'example.yaml', text: yaml }
  return resolveConfig({ flags: [], env, file, cwd: '/', readFile: () => 'k' }).problems.map(problemText)
}
