import { describe, expect, it, test } from 'vitest'
import type { Entry } from '../../../src/cache/entry.ts'
import { entityCall } from '../../../src/reads/entity.ts'
import { questionOf } from '../../../src/reads/question.ts'
import { type Shown, show, sourceText, type View } from '../../../src/server/answer/shown.ts'
import { type Call, readCall } from '../../../src/shotgrid/call.ts'
import { MalformedReply } from '../../../src/shotgrid/reply.ts'
import { makeEntry } from '../../support/cache-world.ts'

const pageOf = (perPage: number): Call =>
  readCall({
    type: 'Shot',
    return_fields: ['code'],
    filters: { logical_operator: 'and', conditions: [] },
    return_only: 'active',
    paging: { entities_per_page: perPage, current_page: 1 },
  })

function entryOf(body: string | object, call: Call = pageOf(500)): Entry {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return makeEntry({ ...questionOf('farm', 'https://site', call), body: Buffer.from(text) })
}

const textOf = ({ start, data, end }: Shown, source: string) =>
  Buffer.concat([Buffer.from(start, 'latin1'), data, Buffer.from(end + source, 'latin1')]).toString()
const shownAs = (entry: Entry, view: View) => JSON.parse(textOf(show(entry, view), sourceText('cache')))
const rows = [
  { type: 'Shot', id: 1, code: 'плащ 夕暮れ', nested: { list: [1, ']', '}'] } },
  { type: 'Shot', id: 2, code: 'b' },
]

describe('a query', () => {
  it('is shown as its rows, byte for byte as they came', () => {
    const body = '{"results": {"entities": [ {"id" : 1, "code":"\\u0061é"} ], "paging_info": {"current_page": 1}}}'
    const shown = show(entryOf(body), 'query')
    expect(shown.status).toBe(200)
    expect(shown.data.toString()).toBe('[ {"id" : 1, "code":"\\u0061é"} ]')
    expect(shownAs(entryOf(body), 'query')).toEqual({ data: [{ id: 1, code: 'aé' }], has_more: false, source: 'cache' })
  })

  test.each<[string, object, number, boolean]>([
    ['says so itself', { entities: rows, paging_info: { has_next_page: true } }, 500, true],
    ['says that there are none', { entities: rows, paging_info: { has_next_page: false } }, 2, false],
    ['gave a full page', { entities: rows }, 2, true],
    ['gave less than a page', { entities: rows }, 3, false],
    ['gave nothing', { entities: [] }, 1, false],
  ])('tells of further rows by whether ShotGrid %s', (_, results, perPage, hasMore) => {
    expect(shownAs(entryOf({ results }, pageOf(perPage)), 'query')).toMatchObject({ has_more: hasMore })
  })
})

describe('a row', () => {
  it('is shown without the list around it', () => {
    const entry = entryOf({ results: { entities: rows.slice(0, 1) } }, entityCall('Shot', 1, ['code']))
    expect(shownAs(entry, 'entity')).toEqual({ data: rows[0], source: 'cache' })
  })

  it('that is not there is an answer like any other, with the id that was asked for', () => {
    const entry = entryOf({ results: { entities: [] } }, entityCall('Shot', 77, ['code']))
    expect(show(entry, 'entity').status).toBe(404)
    expect(shownAs(entry, 'entity')).toMatchObject({
      error: { code: 'NOT_FOUND', type: 'Shot', id: 77 },
      source: 'cache',
    })
  })
})

describe('the validator', () => {
  const etag = (body: object, view: View = 'query') => show(entryOf(body), view).etag

  it('is the same for the same data, and a weak one', () => {
    expect(etag({ results: { entities: rows } })).toBe(etag({ results: { entities: rows } }))
    expect(etag({ results: { entities: rows } })).toMatch(/^W\/"[\w-]{27}"$/)
  })

  it('differs when a byte of the data does, or when there are further rows', () => {
    const all = [
      etag({ results: { entities: rows } }),
      etag({ results: { entities: [] } }),
      etag({ results: { entities: rows, paging_info: { has_next_page: true } } }),
      etag({ results: { entities: [...rows].reverse() } }),
      etag({ results: { entities: rows } }, 'entity'),
    ]
    expect(new Set(all).size).toBe(all.length)
  })
})

describe('the end of an answer', () => {
  test.each([
    [sourceText('shotgrid'), { source: 'shotgrid' }],
    [sourceText('cache'), { source: 'cache' }],
    [sourceText('cache', 12), { source: 'cache', stale: { age_s: 12 } }],
  ])('%s', (text, meaning) => {
    expect(JSON.parse(`{${text}`)).toEqual(meaning)
  })
})

test.each(['', 'no json', '{"results": 1}', '{"results": {"entities": [{"id": 1}'])(
  'a reply that is none to a read is not shown: %s',
  (body) => {
    for (const view of ['entity', 'query'] as const) expect(() => show(entryOf(body), view)).toThrow(MalformedReply)
  },
)
