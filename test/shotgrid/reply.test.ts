import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { elementSpans, entitiesSpan, faultOf, MalformedReply, parseRead } from '../../src/shotgrid/reply.ts'

const slice = (body: Buffer, { start, end }: { start: number; end: number }) => body.toString('utf8', start, end)

describe('entitiesSpan', () => {
  it('finds the rows wherever they stand in the reply', () => {
    const body = Buffer.from(
      '{ "x": "]}\\"", "results" : {"paging_info":{"a":[1]}, "entities": [ {"id":1}, {"id":2} ] } }',
    )
    expect(slice(body, entitiesSpan(body))).toBe('[ {"id":1}, {"id":2} ]')
  })

  it('agrees with JSON.parse for any rows, names and blanks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.jsonValue(),
        fc.constantFrom(undefined, 1, '\t'),
        (rows, info, indent) => {
          const body = Buffer.from(
            JSON.stringify({ extra: info, results: { info, entities: rows, more: info } }, null, indent),
          )
          const span = entitiesSpan(body)
          const expected = JSON.parse(JSON.stringify(rows)) as unknown[]
          expect(JSON.parse(slice(body, span))).toEqual(expected)
          expect(elementSpans(body, span).map((element) => JSON.parse(slice(body, element)) as unknown)).toEqual(
            expected,
          )
        },
      ),
    )
  })

  it.each(['', '[]', '{"results":[]}', '{"results":{"entities":{}}}', '{"results":{"entities":[{"a":"', '<html>'])(
    'refuses %s',
    (text) => {
      expect(() => entitiesSpan(Buffer.from(text))).toThrow(MalformedReply)
    },
  )
})

describe('parseRead', () => {
  it('gives the rows and the paging info', () => {
    const results = { entities: [{ type: 'Shot', id: 1 }], paging_info: { current_page: 1, entities_per_page: 5 } }
    expect(parseRead(Buffer.from(JSON.stringify({ results })))).toEqual(results)
  })
})

describe('faultOf', () => {
  it('recognises a fault and nothing else', () => {
    expect(faultOf(Buffer.from('{"exception":true,"message":"no","error_code":102}'))).toMatchObject({
      error_code: 102,
    })
    expect(faultOf(Buffer.from('{"results":{"entities":[{"code":"\\"exception\\""}]}}'))).toBeUndefined()
    expect(faultOf(Buffer.from('{"results":{"exception":1}}'))).toBeUndefined()
  })
})
