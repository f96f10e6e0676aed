import { describe, expect, test } from 'vitest'
import { BatchedReads } from '../../../src/backends/postgres/batched-reads.ts'

/** Reads that end when the test says so. */
function opened(width: number, limit: number) {
  const asked: { readonly keys: string[]; readonly end: (error?: Error) => void }[] = []
  const many = (keys: string[]) =>
    new Promise<string[]>((resolve, reject) => {
      asked.push({ keys, end: (error) => (error ? reject(error) : resolve(keys.map((key) => `value of ${key}`))) })
    })
  const one = async (key: string) => (await many([key]))[0]!
  const reads = new BatchedReads<string>({ one, many, width, limit: () => limit })
  return { reads, asked }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('reads in batches', () => {
  test('one alone goes at once', async () => {
    const { reads, asked } = opened(1, 10)
    const got = reads.get('a')
    expect(asked.map(({ keys }) => keys)).toEqual([['a']])
    asked[0]!.end()
    expect(await got).toBe('value of a')
  })

  test('those asked for meanwhile go together, as many as may, and each gets its own', async () => {
    const { reads, asked } = opened(1, 2)
    const got = ['a', 'b', 'c', 'd'].map((key) => reads.get(key))
    asked[0]!.end()
    await turn()
    expect(asked.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c']])
    asked[1]!.end()
    await turn()
    asked[2]!.end()
    expect(await Promise.all(got)).toEqual(['a', 'b', 'c', 'd'].map((key) => `value of ${key}`))
  })

  test('several go at a time, and no more than that', async () => {
    const { reads, asked } = opened(2, 1)
    const got = ['a', 'b', 'c'].map((key) => reads.get(key))
    expect(asked).toHaveLength(2)
    asked[1]!.end()
    await turn()
    expect(asked.map(({ keys }) => keys)).toEqual([['a'], ['b'], ['c']])
    asked[0]!.end()
    asked[2]!.end()
    await Promise.all(got)
  })

  test('a failure is that of its batch alone, and the next goes on', async () => {
    const { reads, asked } = opened(1, 2)
    const got = Promise.allSettled(['a', 'b', 'c', 'd'].map((key) => reads.get(key)))
    asked[0]!.end()
    await turn()
    asked[1]!.end(new Error('lost'))
    await turn()
    asked[2]!.end()
    expect((await got).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    const again = reads.get('e')
    await turn()
    asked[3]!.end()
    expect(await again).toBe('value of e')
  })
})
