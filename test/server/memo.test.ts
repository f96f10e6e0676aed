import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Memo } from '../../src/server/memo.ts'

describe('a memo', () => {
  it('knows what it was told, and nothing else', () => {
    const memo = new Memo<number>(100_000)
    memo.set('one', 1)
    memo.set('two', 2)
    memo.set('one', 11)
    expect([memo.get('one'), memo.get('two'), memo.get('three')]).toEqual([11, 2, undefined])
  })

  it('keeps what is asked for again within half its bound, however much else comes by', () => {
    const memo = new Memo<number>(100_000)
    memo.set('kept', 1)
    for (let i = 0; i < 10_000; i += 1) {
      memo.set(`other ${i}`, i)
      if (i % 50 === 0) expect(memo.get('kept')).toBe(1)
    }
  })

  it('lets go of what nobody asks for', () => {
    const memo = new Memo<number>(100_000)
    memo.set('forgotten', 1)
    for (let i = 0; i < 1000; i += 1) memo.set(`other ${i}`, i)
    expect(memo.get('forgotten')).toBeUndefined()
  })

  it('does not remember a text that would push out too much else', () => {
    const memo = new Memo<number>(100_000)
    memo.set('small', 1)
    memo.set('x'.repeat(20_000), 2)
    expect(memo.get('x'.repeat(20_000))).toBeUndefined()
    expect(memo.get('small')).toBe(1)
  })

  it('is empty after it was cleared', () => {
    const memo = new Memo<number>(100_000)
    memo.set('one', 1)
    memo.clear()
    expect(memo.get('one')).toBeUndefined()
    expect(memo.bytes).toBe(0)
  })

  it('never takes more than its bound, and never answers with what belongs to another text', () => {
    const step = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 300 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const memo = new Memo<string>(10_000)
        for (const [isSet, name, length] of steps) {
          const text = `${name}:${'x'.repeat(length)}`
          if (isSet) memo.set(text, `value of ${text}`)
          else expect([undefined, `value of ${text}`]).toContain(memo.get(text))
          expect(memo.bytes).toBeLessThanOrEqual(10_000)
        }
      }),
    )
  })
})
