import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { methodClass, methodClasses } from '../../../src/server/drop-in/methods.ts'

const page = readFileSync(new URL('../../../docs/compatibility.md', import.meta.url), 'utf8')

/** `wire method` -> the first word of what is done with it. */
const documented = new Map(
  [...page.matchAll(/^\| `(\w+)` \|[^|]*\| (hit|pass|write)\b/gm)].map(([, method, how]) => [method!, how!]),
)

it('every method is documented with what is done with it', () => {
  const words = { read: 'hit', site: 'hit', pass: 'pass', write: 'write' } as const
  const truth = Object.entries(methodClasses).map(([method, kind]) => [method, words[kind]] as const)
  expect(new Map([...documented].sort())).toEqual(new Map([...truth].sort()))
})

it('what is in no table is a write', () => {
  expect(methodClass('sing')).toBe('write')
  expect(methodClass('constructor')).toBe('write')
  expect(page).toContain('| any other | | write |')
})
