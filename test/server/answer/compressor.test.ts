import { randomBytes } from 'node:crypto'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it, test } from 'vitest'
import type { Entry } from '../../../src/cache/entry.ts'
import { Compressor } from '../../../src/server/answer/compressor.ts'
import { Rendering } from '../../../src/server/answer/rendering.ts'
import { show } from '../../../src/server/answer/shown.ts'
import { readCall } from '../../../src/shotgrid/call.ts'
import { makeEntry } from '../../support/cache-world.ts'

const call = JSON.stringify(
  readCall({
    type: 'Shot',
    return_fields: ['code'],
    filters: { logical_operator: 'and', conditions: [] },
    return_only: 'active',
    paging: { entities_per_page: 500, current_page: 1 },
  }),
)

function rendered(code: string): { entry: Entry; rendering: Rendering } {
  const body = Buffer.from(JSON.stringify({ results: { entities: [{ type: 'Shot', id: 1, code }] } }))
  const entry = makeEntry({ call, body })
  return { entry, rendering: new Rendering(show(entry, 'query')) }
}

let grown: Entry[]
let compressor: Compressor
beforeEach(() => {
  grown = []
  compressor = new Compressor({ onMade: (entry) => grown.push(entry) })
})

describe('a compressed variant', () => {
  test.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ] as const)('as %s is made when it is wanted the second time, and is the same text', async (encoding, decompress) => {
    const { entry, rendering } = rendered('a long name '.repeat(1000))
    compressor.want(entry, rendering, encoding)
    await compressor.idle()
    expect(rendering.variants).toEqual({})
    compressor.want(entry, rendering, encoding)
    await compressor.idle()
    const body = rendering.variants[encoding]!.body
    expect(decompress(body).equals(rendering.body())).toBe(true)
    expect(body.length).toBeLessThan(rendering.length / 5)
    expect(grown).toEqual([entry])
  })

  it('is counted in the bytes of what it belongs to', async () => {
    const { entry, rendering } = rendered('a long name '.repeat(1000))
    const before = rendering.bytes
    for (let time = 0; time < 2; time += 1) compressor.want(entry, rendering, 'gzip')
    await compressor.idle()
    expect(rendering.bytes).toBe(before + rendering.variants.gzip!.body.length)
  })

  it('is made once, however often it is wanted meanwhile', async () => {
    const { entry, rendering } = rendered('a long name '.repeat(1000))
    for (let time = 0; time < 20; time += 1) compressor.want(entry, rendering, 'gzip')
    await compressor.idle()
    for (let time = 0; time < 20; time += 1) compressor.want(entry, rendering, 'gzip')
    await compressor.idle()
    expect(grown).toEqual([entry])
  })

  it('of a small body is never made', async () => {
    const { entry, rendering } = rendered('short')
    for (let time = 0; time < 20; time += 1) compressor.want(entry, rendering, 'gzip')
    await compressor.idle()
    expect(rendering.variants).toEqual({})
  })

  it('that saves next to nothing is not kept', async () => {
    const { entry, rendering } = rendered(randomBytes(20_000).toString('base64url'))
    rendering.body = () => randomBytes(20_000)
    for (let time = 0; time < 2; time += 1) compressor.want(entry, rendering, 'gzip')
    await compressor.idle()
    expect(rendering.variants).toEqual({})
    expect(grown).toEqual([])
  })

  it('is left for later while two others are being made, and is made then', async () => {
    const all = Array.from({ length: 3 }, (_, at) => rendered(`name ${at} `.repeat(20_000)))
    for (let time = 0; time < 2; time += 1) {
      for (const { entry, rendering } of all) compressor.want(entry, rendering, 'br')
    }
    const last = all[2]!
    while (!last.rendering.variants.br) {
      await compressor.idle()
      compressor.want(last.entry, last.rendering, 'br')
    }
    expect(grown).toHaveLength(3)
  })
})
