import { expect, test } from 'vitest'
import { SchemaSource } from '../../src/reads/schema-source.ts'
import type { WireSchema } from '../../src/shotgrid/schema.ts'

/** A site whose schema is read when the test lets it, and a log that says when it changed. */
function schemaWorld() {
  const window = { epoch: 'e1', schemaSeq: 0 }
  const reads: { answer(types: readonly string[]): void; fail(): void }[] = []
  const schema = () =>
    new Promise<WireSchema>((resolve, reject) => {
      reads.push({
        answer: (types) => resolve(Object.fromEntries(types.map((type) => [type, {}]))),
        fail: () => reject(new Error('ShotGrid is down')),
      })
    })
  return { window, reads, source: new SchemaSource({ schema }, window) }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('the schema is read once, for all who ask', async () => {
  const { reads, source } = schemaWorld()
  const asked = [source.current(), source.current()]
  reads[0]!.answer(['Shot'])
  const [first, second] = await Promise.all(asked)
  expect(first!.has('Shot')).toBe(true)
  expect(await source.current()).toBe(second)
  expect(reads).toHaveLength(1)
})

test.each([
  ['the log says that it changed, whoever said so', { schemaSeq: 5 }],
  ['another log begins', { epoch: 'e2' }],
])('it is read again when %s', async (_, news) => {
  const { window, reads, source } = schemaWorld()
  const before = source.current()
  reads[0]!.answer(['Shot'])
  await before
  Object.assign(window, news)
  const after = source.current()
  expect(source.last!.has('Asset')).toBe(false)
  reads[1]!.answer(['Asset'])
  expect((await after).has('Asset')).toBe(true)
})

test('one that changed while it was read is read once more before anybody gets it', async () => {
  const { window, reads, source } = schemaWorld()
  const asked = source.current()
  window.schemaSeq = 7
  reads[0]!.answer(['Old'])
  await turn()
  reads[1]!.answer(['New'])
  expect((await asked).has('New')).toBe(true)
})

test('one that cannot be read is asked for again by the next', async () => {
  const { reads, source } = schemaWorld()
  const asked = source.current()
  reads[0]!.fail()
  await expect(asked).rejects.toThrow('ShotGrid is down')
  const again = source.current()
  reads[1]!.answer(['Shot'])
  expect((await again).has('Shot')).toBe(true)
})
