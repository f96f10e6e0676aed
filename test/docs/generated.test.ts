import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { generatedPages } from '../../scripts/docs/pages.ts'
import { settingsOf } from '../../src/config/settings.ts'

const root = resolve(import.meta.dirname, '../..')
const pages = generatedPages()

describe('what is made from the program', () => {
  test.each([...pages.keys()])('stands in %s as the program has it now (if not: npm run docs)', (path) => {
    const text = readFileSync(resolve(root, path), 'utf8').replaceAll('\r\n', '\n')
    expect(text === pages.get(path), `${path} is out of date: run npm run docs`).toBe(true)
  })

  test('describes every setting', () => {
    const page = pages.get('docs/configuration.md')!
    for (const { name, envNames } of settingsOf(['<name>'])) {
      expect(page).toContain(`### ${name}\n`)
      for (const variable of envNames) expect(page).toContain(`\`${variable}\``)
    }
  })
})

describe('the JSON Schema', () => {
  interface Schema {
    readonly properties: Readonly<Record<string, Schema & { readonly default?: unknown }>>
    readonly additionalProperties?: Schema | boolean
  }
  const schema: Schema = JSON.parse(pages.get('docs/sgcache.schema.json')!)

  test('knows sections and settings, their defaults, and nothing else', () => {
    expect(schema.additionalProperties).toBe(false)
    expect(schema.properties.events?.additionalProperties).toBe(false)
    expect(schema.properties.events?.properties.poll?.default).toBe('5s')
    expect(schema.properties.server?.properties.port?.default).toBe(8000)
  })

  test('has no place for a secret, only for the path of its file', () => {
    expect(Object.keys(schema.properties.shotgrid!.properties)).toContain('key_file')
    expect(Object.keys(schema.properties.shotgrid!.properties)).not.toContain('key')
    const scope = schema.properties.scopes!.additionalProperties as Schema
    expect(Object.keys(scope.properties)).toContain('key_file')
    expect(Object.keys(scope.properties)).not.toContain('key')
  })

  test('requires nothing, since any setting may come from elsewhere', () => {
    expect(pages.get('docs/sgcache.schema.json')).not.toContain('"required"')
  })
})
